/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A call that has ended goes to the ring, with what it gave, if somebody wants it to the end.
 */
#ifndef SWOLL_SEND_H
#define SWOLL_SEND_H

#include "lib/filter.h"
#include "syscalls/exec.h"
#include "syscalls/inputs.h"
#include "syscalls/record.h"

static __always_inline void abandon(struct inflight *call)
{
	count(call->record.route, abandoned);
	count(call->record.route2, abandoned);
}

static __always_inline int still_wanted(struct inflight *call, s64 ret, u64 now)
{
	call->record.route = filter_exit(call->record.route, ret, now - call->record.start);
	call->record.route2 = filter_exit(call->record.route2, ret, now - call->record.start);
	return call->record.route || call->record.route2;
}

/* Reads what the call has given and what was not there before, and sends it all. */
__noinline int send_captured(struct inflight *call, s64 ret, u64 now, u32 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const volatile struct swoll_call_plan *plan;
	struct buffer *b;

	if (!call)
		return 0;
	plan = plan_of(call);
	b = call->captured ? bpf_task_storage_get(&buffers, task, 0, 0) : fresh_buffer(task, call);
	if (!b) {
		emit_small(call, ret, now, flags);
		return 0;
	}
	if (!(flags & SWOLL_RECORD_noreturn)) {
		if (has_made(plan, ret))
			put_target(b, ret, SWOLL_BLOCK_ARG(SWOLL_ARG_RESULT, SWOLL_PART_target));
		if (plan->flags & SWOLL_CALL_exec && ret == 0)
			note_numbers(&call->record, task);
		if (call->faulted && plan->flags & SWOLL_CALL_exec && ret == 0)
			capture_new_image(b, call, task);
		else if (call->faulted)
			capture_all(b, call, call->faulted, 0, SWOLL_BLOCK_at_exit);
		if (plan->exit)
			capture_all(b, call, plan->exit, ret, SWOLL_BLOCK_output);
	}
	emit_buffer(call, b, ret, now, flags);
	return 0;
}

static __always_inline void send(struct inflight *call, s64 ret, u64 now, u32 flags)
{
	const volatile struct swoll_call_plan *plan = plan_of(call);

	if (call->captured || (!(flags & SWOLL_RECORD_noreturn) && has_made(plan, ret)))
		send_captured(call, ret, now, flags);
	else if (!plan->nargs)
		emit_bare(call, ret, now, flags);
	else
		emit_small(call, ret, now, flags);
}

#endif
