/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A call enters: its thread's state is found or made, in a slot or in task storage.
 */
#ifndef SWOLL_ENTER_H
#define SWOLL_ENTER_H

#include "syscalls/begin.h"

/* Makes room for the state of a thread of which somebody wants calls, if not this one, and that has
 * no slot: it was never traced, or another has the slot that would be its own. Answers whether that
 * is in task storage. */
__noinline int make_state(u64 owner, struct wanted *wanted)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inflight *stored = stored_state(task);

	if (!wanted || (!stored && claim_slot(owner, task)))
		return 0;
	if (!stored)
		stored = store_state(task);
	if (!stored) {
		count(wanted->route, state_missing);
		count(wanted->route2, state_missing);
		if (wanted->cell_key)
			__sync_fetch_and_add(&calls_uncounted, 1);
		return 0;
	}
	if (!storage_used) /* also of state from before the hooks were last put on */
		storage_used = 1;
	if (!knows_scope(stored))
		learn_scope_again(stored);
	return 1;
}

/* State is in one of two places, and the verifier looks at all that follows once for each. So only
 * the way of those that have a slot is in the programs themselves. */
__noinline int begin_stored(struct wanted *wanted)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inflight *call = stored_state(task);

	if (!call || !wanted)
		return 0;
	note_entry(call);
	if (!is_wanted(wanted))
		return 0;
	note_args(call, (void *)bpf_task_pt_regs(task), wanted);
	return begin(task, call, wanted);
}

/* Whether somebody wants calls of a thread that has no slot, and who wants this one. */
__noinline int want_without_slot(u64 owner, struct wanted *wanted)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inflight *stored = storage_used ? stored_state(task) : 0;
	u64 mark = bystander_mark(owner); /* first: see learn_scope() */
	struct scope scope;

	if (!wanted)
		return 0;
	if (stored)
		forget_unfinished(stored);
	if (stored && knows_scope(stored))
		scope = stored->scope;
	else
		find_scope(task, &scope);
	if (!scope.row && !scope.row2 && !scope.counted) {
		slot_heads[slot_of(owner)].bystander = mark;
		return 0;
	}
	name_call(wanted, task);
	find_routes(&scope, wanted, task);
	return 1;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(swoll_enter, struct pt_regs *regs, long number)
{
	u64 owner = owner_of(regs);
	struct wanted wanted;
	struct task_struct *task;
	struct inflight *call;

	if (!is_looked_at(interest_in(number)))
		return 0;
	call = own_slot(owner);
	if (!call && is_bystander(owner))
		return 0;
	wanted = (struct wanted){.number = number};
	if (call) {
		task = owner_task(call);
		forget_unfinished(call);
		if (!knows_scope(call))
			learn_scope_again(call);
		name_call(&wanted, task);
		find_routes(&call->scope, &wanted, task);
	} else {
		if (!want_without_slot(owner, &wanted))
			return 0;
		if (make_state(owner, &wanted) && begin_stored(&wanted))
			read_stored_inputs();
		call = own_slot(owner);
		if (!call)
			return 0;
		task = owner_task(call);
	}
	note_entry(call);
	if (!is_wanted(&wanted))
		return 0;
	note_args(call, regs, &wanted);
	if (begin(task, call, &wanted))
		read_inputs(call);
	return 0;
}

#endif
