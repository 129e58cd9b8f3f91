/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls: sys_enter decides, remembers the call in its task and reads its inputs; sys_exit
 * adds what the call gave and sends one record; sched_process_exit sends that of a call which ends
 * its task. On their way they count it.
 *
 * On the path of calls that nobody wants there are no helper calls: see lib/scope.h.
 */
#ifndef SWOLL_CALL_PROGRAMS_H
#define SWOLL_CALL_PROGRAMS_H

#include "lib/arch.h"
#include "lib/filter.h"
#include "syscalls/count.h"
#include "syscalls/exec.h"
#include "syscalls/record.h"
#include "syscalls/state.h"
#include "syscalls/target.h"

static __always_inline u16 call_of(long number, int compat)
{
	u64 n = number;

	one_value(n);
	if (n >= SWOLL_MAX_NUMBERS)
		return 0;
	return compat ? compat_calls[n] : native_calls[n];
}

/* Before anything else, since most calls end here: SWOLL_NUMBER_*. A number that the table can't
 * hold is a call of the unknown row; so is -1, which sigreturn leaves behind for the exit. */
static __always_inline u32 interest_in(long number)
{
	u64 n = number;

	one_value(n);
	return n < SWOLL_MAX_NUMBERS ? number_interest[n] : SWOLL_NUMBER_wanted;
}

static __always_inline int is_looked_at(u32 interest)
{
	return interest & (SWOLL_NUMBER_wanted | SWOLL_NUMBER_counted);
}

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

/* The plan of this call, or of the variant of it that one of its arguments asks for. */
static __always_inline u32 plan_for(u32 id, struct inflight *call)
{
	const volatile struct swoll_call_plan *plan = &plans[id];
	struct swoll_variant key = {.call = id};
	u32 *found;

	if (!(plan->flags & SWOLL_CALL_variants))
		return id;
	key.value = call->record.args[plan->selector & 7] & plan->selector_mask;
	found = bpf_map_lookup_elem(&variants, &key);
	return found ? *found % SWOLL_MAX_PLANS : id;
}

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

/* Who wants a call of this scope, if anybody, and in which cells it is counted, if at all. */
static __always_inline void find_routes(struct scope *scope, struct wanted *to,
					struct task_struct *task)
{
	struct routes routes;

	if (scope->counted)
		to->cell_key = swoll_cell_key(scope->container, to->id);
	routes = routes_of(scope, to->id, task);
	to->container = scope->container;
	to->route = routes.first;
	to->route2 = routes.second;
}

static __always_inline int is_traced(struct wanted *wanted)
{
	return wanted->route || wanted->route2;
}

static __always_inline int is_wanted(struct wanted *wanted)
{
	return is_traced(wanted) || wanted->cell_key;
}

/* From here on the call is in flight. Its arguments are in the state; answers whether its inputs
 * are still to be read. */
static __always_inline int begin(struct task_struct *task, struct inflight *call,
				 struct wanted *wanted)
{
	const volatile struct swoll_call_plan *plan = &plans[wanted->id & (SWOLL_MAX_TYPES - 1)];
	u8 returns = !(plan->flags & SWOLL_CALL_noreturn);

	call->record.number = wanted->number;
	call->epoch = epoch;
	call->record.arch = wanted->compat ? compat_arch : native_arch;
	call->record.flags = 0;
	call->cell_key = wanted->cell_key;
	if (wanted->cell_key && !returns)
		count_call(wanted->cell_key, 0);
	if (!is_traced(wanted)) {
		call->plan = wanted->id;
		call->record.start = bpf_ktime_get_ns();
		call->active = returns ? CALL_COUNTED : 0;
		return 0;
	}
	call->plan = plan_for(wanted->id & (SWOLL_MAX_TYPES - 1), call);
	note_caller(&call->record, task);
	call->record.container = wanted->container;
	call->record.type = wanted->id;
	call->record.route = wanted->route;
	call->record.route2 = wanted->route2;
	call->faulted = 0;
	call->captured = 0;
	call->given_length = 0;
	call->record.start = bpf_ktime_get_ns();
	if (returns)
		call->active = wanted->cell_key ? CALL_TRACED | CALL_COUNTED : CALL_TRACED;
	else if (still_wanted(call, 0, call->record.start)) /* it has no memory arguments */
		emit_small(call, 0, call->record.start, SWOLL_RECORD_noreturn);
	return returns && wants_inputs(plan_of(call));
}

static __always_inline void forget_unfinished(struct inflight *call)
{
	u8 active = call->active;

	if (!active)
		return;
	call->active = 0;
	if (active & CALL_TRACED && call->epoch == epoch)
		abandon(call);
}

/* A slot's state that has lost its scope. */
__noinline int learn_scope_again(struct inflight *call)
{
	if (call)
		learn_scope(call, bpf_get_current_task_btf());
	return 0;
}

/* The arguments of a call that somebody traces. */
static __always_inline void note_args(struct inflight *call, struct pt_regs *regs,
				      struct wanted *wanted)
{
	const volatile struct swoll_call_plan *plan = &plans[wanted->id & (SWOLL_MAX_TYPES - 1)];

	if (!is_traced(wanted))
		return;
	if (plan->nargs)
		read_args(regs, wanted->compat, call->record.args);
	if (plan->flags & SWOLL_CALL_frame)
		call->record.args[0] = frame_of(regs, wanted->compat);
}

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

/* Which call its number means to the task. */
static __always_inline void name_call(struct wanted *wanted, struct task_struct *task)
{
	wanted->compat = is_compat(task);
	wanted->id = call_of((s32)wanted->number, wanted->compat) & (SWOLL_MAX_TYPES - 1);
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
