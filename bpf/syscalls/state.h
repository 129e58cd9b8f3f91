/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a call's state is kept between its entry and its exit. It belongs to the task and not to
 * its number: an execve in a thread changes the number and keeps the state.
 *
 * A look-up in task storage costs some 30 ns, twice a call. So a thread first gets one of a fixed
 * number of slots, found by where its registers are saved on its kernel stack, which is its own
 * from birth to death; one whose slot another thread has keeps its state in task storage. The
 * owners are apart from what they own: threads that nobody wants look at two words of a small
 * table, one of which says so.
 */
#ifndef SWOLL_STATE_H
#define SWOLL_STATE_H

#include "lib/arch.h"
#include "lib/scope.h"
#include "syscalls/calls.h"

#define SLOT_BITS  14
#define STACK_BITS 14 /* as little as a kernel stack is aligned to */

struct swoll_slot slot_heads[1 << SLOT_BITS];
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
	u64 owner = (u64)regs - (u64)slot_heads;

	one_value(owner);
	return owner;
}

static __always_inline u32 slot_of(u64 owner)
{
	return swoll_hash(owner) >> (64 - SLOT_BITS);
}

/* The slot of a task that has one. */
static __always_inline struct inflight *own_slot(u64 owner)
{
	u32 slot = slot_of(owner);
	struct inflight *state = slot_heads[slot].owner == owner ? &slots[slot] : 0;

	one_value(state);
	return state;
}

/* One word that says which thread and, so that it ends with any change of scopes, when. Threads'
 * stacks lie within 128 TiB; as long as 2^31 changes do not pass between two calls, it is exact. */
static __always_inline u64 bystander_mark(u64 owner)
{
	return (owner << 17 >> (17 + STACK_BITS)) | scope_generation << (64 - 17 - STACK_BITS);
}

/* Whether the last look at the thread found that nobody wants any of its calls. */
static __always_inline int is_bystander(u64 owner)
{
	return slot_heads[slot_of(owner)].bystander == bystander_mark(owner);
}

/* Some task that found no slot made a call since the hooks were put on. */
__u32 storage_used;

/* The state of a task that has no slot, if it has any. */
static __always_inline struct inflight *stored_state(struct task_struct *task)
{
	return task->bpf_storage ? bpf_task_storage_get(&inflights, task, 0, 0) : 0;
}

static __always_inline struct inflight *store_state(struct task_struct *task)
{
	return bpf_task_storage_get(&inflights, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* A slot for a task that has no state yet, as its last owner left it save for what is believed
 * without a look. */
static __always_inline struct inflight *claim_slot(u64 owner, struct task_struct *task)
{
	u32 slot = slot_of(owner);
	struct inflight *state = &slots[slot];

	if (slot_heads[slot].owner ||
	    __sync_val_compare_and_swap(&slot_heads[slot].owner, 0, owner))
		return 0;
	state->task = (u64)task;
	state->active = 0;
	state->noted = 0;
	state->names_epoch = 0;
	state->scope_generation = 0;
	return state;
}

/* An exit whose entry did not come by is of a call that the kernel did not run: sys_enter comes
 * after seccomp's filters and ptrace's tracers, which may answer in its place; sys_exit is told in
 * any case (kernel/entry/common.c). That is known of threads whose last entry or exit was seen
 * since what is looked at has changed: the call of another may have begun before. */
static __always_inline void note_entry(struct inflight *call)
{
	call->noted = interest_generation | SWOLL_INTEREST_entered;
}

/* Answers whether the call had no entry. */
static __always_inline int note_exit(struct inflight *call)
{
	u32 before = call->noted, now = interest_generation;

	call->noted = now;
	return before == now && !(now & SWOLL_INTEREST_changing);
}

/* The task that owns a slot is the one that runs: to ask who runs is a call. */
static __always_inline struct task_struct *owner_task(struct inflight *slot)
{
	return can_cast() ? cast_to(struct task_struct, slot->task) : bpf_get_current_task_btf();
}

/* The task ends, and another will have its stack. What is in task storage goes with it. */
static __always_inline void free_slot(u64 owner)
{
	struct swoll_slot *head = &slot_heads[slot_of(owner)];

	if (head->owner == owner)
		head->owner = 0;
	if (is_bystander(owner))
		head->bystander = 0;
}

/* Whether the scope in a task's state is still its own: it is as long as no task moves to another
 * cgroup and the daemon changes no scope. (A task's active pid namespace never changes.) A move is
 * seen before the write(2) that asks for it returns; what the task calls meanwhile is of either. */
static __always_inline int knows_scope(struct inflight *state)
{
	return state->scope_generation == scope_generation;
}

static __always_inline void learn_scope(struct inflight *state, struct task_struct *task)
{
	/* First: what changes meanwhile is looked at again. */
	state->scope_generation = scope_generation;
	find_scope(task, &state->scope);
}

#endif
