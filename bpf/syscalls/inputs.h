/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a call is told: read on its entry, to the buffer of its task.
 */
#ifndef SWOLL_INPUTS_H
#define SWOLL_INPUTS_H

#include "syscalls/state.h"
#include "syscalls/target.h"

/* The task's buffer, empty; with none, the record has no blocks, and the decoder says so. */
static __always_inline struct buffer *fresh_buffer(struct task_struct *task, struct inflight *call)
{
	struct buffer *b = bpf_task_storage_get(&buffers, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	call->captured = 0;
	if (!b)
		return 0;
	b->used = 0;
	b->flags = 0;
	b->compat = is_compat_call(call);
	call->captured = 1;
	return b;
}

static __always_inline int wants_inputs(const volatile struct swoll_call_plan *plan)
{
	return plan->entry | plan->exit || wants_targets(plan);
}

/* What the plan wants of the inputs, to the task's buffer. */
static __always_inline int capture_inputs(struct task_struct *task, struct inflight *call)
{
	const volatile struct swoll_call_plan *plan = plan_of(call);
	struct buffer *b = fresh_buffer(task, call);

	if (!b)
		return 0;
	if (wants_targets(plan))
		put_targets(b, call);
	for (u32 arg = 0; arg < SWOLL_ARGS; arg++)
		if (plan->args[arg].op && plan->args[arg].length == SWOLL_LEN_pointer)
			bpf_probe_read_user(
			    &call->given_length, 4,
			    (void *)call->record.args[plan->args[arg].length_arg & 7]);
	if (plan->entry)
		call->faulted = capture_all(b, call, plan->entry, 0, 0);
	return 0;
}

/* Both are called by the program itself and not by what it calls: before 6.13 all frames on the
 * way, of which those of capture() are large, share 512 bytes. */
__noinline int read_inputs(struct inflight *call)
{
	return call ? capture_inputs(bpf_get_current_task_btf(), call) : 0;
}

__noinline int read_stored_inputs(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inflight *call = stored_state(task);

	return call ? capture_inputs(task, call) : 0;
}

#endif
