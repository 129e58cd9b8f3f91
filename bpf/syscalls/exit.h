/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A call ends: it returns, the kernel has refused to run it, or its task ends within it.
 */
#ifndef SWOLL_EXIT_H
#define SWOLL_EXIT_H

#include "syscalls/begin.h"

/* The end of a call that the kernel did not run, from its beginning on. Answers whether its inputs
 * are still to be read. (sigreturn leaves no number and a new image that of execve, whatever was
 * called; what never returns was not refused.) */
__noinline int begin_unexecuted(struct inflight *call, long number, s64 ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	struct wanted wanted = {.number = number};
	int inputs;

	if (!call || number == -1)
		return 0;
	if (!knows_scope(call))
		learn_scope_again(call);
	name_call(&wanted, task);
	if (plans[wanted.id].flags & SWOLL_CALL_noreturn ||
	    (plans[wanted.id].flags & SWOLL_CALL_exec && ret == 0))
		return 0;
	find_routes(&call->scope, &wanted, task);
	if (!is_wanted(&wanted))
		return 0;
	note_args(call, regs, &wanted);
	inputs = begin(task, call, &wanted);
	call->record.flags = SWOLL_RECORD_unexecuted;
	if (is_rolled_back(regs))
		call->record.flags |= SWOLL_RECORD_noreturn;
	return inputs;
}

/* 32 bits, of which only the last 4,095 values are errors: an address may have the highest bit. */
static __always_inline s64 compat_result(long ret)
{
	s32 narrow = ret;

	return narrow < 0 && narrow >= -4095 ? (s64)narrow : (s64)(u32)narrow;
}

/* `number`: as the exit says it. */
static __always_inline int finish(struct inflight *call, long number, s64 ret)
{
	u8 active = call->active;
	u64 now;

	call->active = 0;
	if (call->epoch != epoch)
		return 0;
	/* The exit of another call: this one's own was not seen. (sigreturn leaves no number; a
	 * new image leaves that of execve, also behind an execveat.) */
	if (number != -1 && (u32)number != call->record.number &&
	    !(plan_of(call)->flags & SWOLL_CALL_exec && ret == 0)) {
		if (active & CALL_TRACED)
			abandon(call);
		return 0;
	}
	/* Of 32 bits, what is no error is no negative number: mmap gives addresses above 2 GB. */
	if (is_compat_call(call))
		ret = compat_result(ret);
	if (call->record.flags & SWOLL_RECORD_noreturn)
		ret = -SWOLL_RESULT_SIGSYS;
	now = bpf_ktime_get_ns();
	if (active & CALL_COUNTED)
		count_result(call->cell_key, ret, now - call->record.start);
	if (active & CALL_TRACED && still_wanted(call, ret, now))
		send(call, ret, now, 0);
	return 0;
}

__noinline int finish_elsewhere(struct inflight *call, long number, s64 ret)
{
	return call ? finish(call, number, ret) : 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(swoll_exit, struct pt_regs *regs, long ret)
{
	u32 interest = interest_in(number_of(regs));
	struct inflight *call, *stored;

	if (!interest)
		return 0;
	call = own_slot(owner_of(regs));
	if (call) {
		if (interest & SWOLL_NUMBER_renames)
			call->names_epoch = 0;
		if (is_looked_at(interest) && note_exit(call) &&
		    begin_unexecuted(call, number_of(regs), ret))
			read_inputs(call);
		return call->active ? finish(call, number_of(regs), ret) : 0;
	}
	if (!storage_used)
		return 0;
	stored = stored_state(bpf_get_current_task_btf());
	if (!stored)
		return 0;
	if (interest & SWOLL_NUMBER_renames)
		stored->names_epoch = 0;
	if (is_looked_at(interest) && note_exit(stored) &&
	    begin_unexecuted(stored, number_of(regs), ret))
		read_stored_inputs();
	return stored->active ? finish_elsewhere(stored, number_of(regs), ret) : 0;
}

/* The last that is seen of a call which ends its task. */
__noinline int finish_last(struct inflight *call)
{
	u8 active = call ? call->active : 0;
	u64 now;

	if (!call || !active)
		return 0;
	call->active = 0;
	if (call->epoch != epoch)
		return 0;
	now = bpf_ktime_get_ns();
	if (active & CALL_COUNTED)
		count_call(call->cell_key | SWOLL_RESULT_KILLED, now - call->record.start);
	if (active & CALL_TRACED && still_wanted(call, 0, now))
		send(call, 0, now, SWOLL_RECORD_noreturn);
	return 0;
}

/* A task that ends within a call, as reboot(2) in a pid namespace does: the call never returns. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(swoll_end)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 owner = owner_of((void *)bpf_task_pt_regs(task));
	struct inflight *call = own_slot(owner), *stored;

	if (call)
		finish_last(call);
	else if ((stored = stored_state(task)))
		finish_last(stored);
	free_slot(owner);
	return 0;
}

#endif
