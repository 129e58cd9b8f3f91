/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a call's state is kept between its entry and its exit. It belongs to the task and not to
 * its number: an execve in a thread changes the number and keeps the state.
 *
 * A look-up in task storage costs some 30 ns, twice a call. So a thread first gets one of a fixed
 * number of slots, found by where its registers are saved on its kernel stack, which is its own
 * from birth to death; one whose slot another thread has keeps its state in task storage. The
 * owners are apart from what they own: processes that nobody traces look at one word of a small
 * table.
 */
#ifndef SWOLL_STATE_H
#define SWOLL_STATE_H

#include "maps.h"

#define SLOT_BITS 14

__u64 slot_owners[1 << SLOT_BITS]; /* 0: free; the daemon clears it when it puts the hooks on */
static struct inflight slots[1 << SLOT_BITS];

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct inflight);
} inflights SEC(".maps");

/* The difference of two addresses is a plain number to the verifier. (The task's own address would
 * do as well, and cost a call.) */
static __always_inline u64 owner_of(struct pt_regs *regs)
{
	u64 owner = (u64)regs - (u64)slot_owners;

	one_value(owner);
	return owner;
}

static __always_inline u32 slot_of(u64 owner)
{
	return (owner * 0x9e3779b97f4a7c15ull) >> (64 - SLOT_BITS);
}

/* The slot of a task that has one. */
static __always_inline struct inflight *own_slot(struct pt_regs *regs)
{
	u64 owner = owner_of(regs);
	u32 slot = slot_of(owner);

	struct inflight *state = slot_owners[slot] == owner ? &slots[slot] : 0;

	one_value(state);
	return state;
}

/* Some task found no slot since the hooks were put on. */
__u32 storage_used;

/* The state of a task that has no slot, if it has any. */
static __always_inline struct inflight *stored_state(struct task_struct *task)
{
	return task->bpf_storage ? bpf_task_storage_get(&inflights, task, 0, 0) : 0;
}

static __always_inline struct inflight *store_state(struct task_struct *task)
{
	storage_used = 1;
	return bpf_task_storage_get(&inflights, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* A slot for a task that has no state yet, as its last owner left it save for what is believed
 * without a look. */
static __always_inline struct inflight *claim_slot(u64 owner, struct task_struct *task)
{
	u32 slot = slot_of(owner);
	struct inflight *state = &slots[slot];

	if (slot_owners[slot] || __sync_val_compare_and_swap(&slot_owners[slot], 0, owner))
		return 0;
	state->task = (u64)task;
	state->active = 0;
	state->names_epoch = 0;
	state->cgroup = 0;
	return state;
}

/* The task that owns a slot is the one that runs: to ask who runs is a call. */
static __always_inline struct task_struct *owner_task(struct inflight *slot)
{
	return can_cast() ? cast_to(struct task_struct, slot->task) : bpf_get_current_task_btf();
}

/* The task ends. What is in task storage goes with it. */
static __always_inline void free_slot(struct pt_regs *regs)
{
	u64 owner = owner_of(regs);
	u32 slot = slot_of(owner);

	if (slot_owners[slot] == owner)
		slot_owners[slot] = 0;
}

#endif
