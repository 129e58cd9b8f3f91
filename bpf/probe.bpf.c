// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs. sys_enter decides, remembers the call in its task and reads its inputs; sys_exit
 * adds what the call gave and sends one record; sched_process_exit sends that of a call which ends
 * its task. They are attached only while a trace needs them.
 *
 * On the path of calls that nobody wants there are no helper calls: see scope.h.
 */
#include "kernel.h"
#include "abi.h"
#include "maps.h"
#include "scope.h"
#include "filter.h"
#include "capture.h"
#include "target.h"
#include "exec.h"
#include "record.h"
#include "newcomer.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */

static __always_inline int is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline void read_args(struct pt_regs *regs, int compat, u64 args[SWOLL_ARGS])
{
	if (compat) {
		args[0] = (u32)regs->bx;
		args[1] = (u32)regs->cx;
		args[2] = (u32)regs->dx;
		args[3] = (u32)regs->si;
		args[4] = (u32)regs->di;
		args[5] = (u32)regs->bp;
	} else {
		args[0] = regs->di;
		args[1] = regs->si;
		args[2] = regs->dx;
		args[3] = regs->r10;
		args[4] = regs->r8;
		args[5] = regs->r9;
	}
}

static __always_inline long number_of(struct pt_regs *regs)
{
	return (int)regs->orig_ax; /* the upper half means nothing */
}

/* Where a handler that returns finds the signals that were blocked: struct rt_sigframe behind its
 * first pointer, which the handler has taken from the stack. */
static __always_inline u64 frame_of(struct pt_regs *regs, int compat)
{
	return compat ? (u32)regs->sp + 248 : regs->sp + 296;
}
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline int is_compat(struct task_struct *task)
{
	return task->thread_info.flags & (1ul << TIF_32BIT);
}

static __always_inline void read_args(struct pt_regs *regs, int compat, u64 args[SWOLL_ARGS])
{
	for (int i = 0; i < SWOLL_ARGS; i++)
		args[i] = regs->regs[i];
}

static __always_inline long number_of(struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline u64 frame_of(struct pt_regs *regs, int compat)
{
	return regs->sp + 168;
}
#endif

static __always_inline u16 call_of(long number, int compat)
{
	if (number < 0 || number >= SWOLL_MAX_NUMBERS)
		return 0;
	return compat ? compat_calls[number] : native_calls[number];
}

/* Before anything else, since most calls end here: SWOLL_NUMBER_*. A number that the table can't
 * hold is a call of the unknown row; so is -1, which sigreturn leaves behind for the exit. */
static __always_inline u32 interest_in(long number)
{
	u64 n = number;

	one_value(n);
	return n < SWOLL_MAX_NUMBERS ? number_interest[n] : SWOLL_NUMBER_wanted;
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

/* Reads what the plan wants of the inputs to the task's buffer. */
static __always_inline void read_inputs(struct task_struct *task, struct inflight *call,
					const volatile struct swoll_call_plan *plan)
{
	struct buffer *b = fresh_buffer(task, call);

	if (!b)
		return;
	if (wants_targets(plan))
		put_targets(b, call);
	for (u32 arg = 0; arg < SWOLL_ARGS; arg++)
		if (plan->args[arg].op && plan->args[arg].length == SWOLL_LEN_pointer)
			bpf_probe_read_user(
			    &call->given_length, 4,
			    (void *)call->record.args[plan->args[arg].length_arg & 7]);
	if (plan->entry)
		call->faulted = capture_all(b, call, plan->entry, 0, 0);
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

static __always_inline void send(struct task_struct *task, struct inflight *call, s64 ret, u64 now,
				 u32 flags)
{
	struct buffer *b = call->captured ? bpf_task_storage_get(&buffers, task, 0, 0) : 0;

	if (b)
		emit_buffer(task, call, b, ret, now, flags);
	else if (!plan_of(call)->nargs)
		emit_bare(task, call, ret, now, flags);
	else
		emit_small(task, call, ret, now, flags);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(swoll_enter, struct pt_regs *regs, long number)
{
	const volatile struct swoll_call_plan *plan;
	struct inflight *call = 0;
	struct task_struct *task;
	struct scope scope;
	u32 entry, entry2;
	u16 route, route2, id;
	int compat;

	if (!(interest_in(number) & SWOLL_NUMBER_wanted))
		return 0;
	task = bpf_get_current_task_btf();
	compat = is_compat(task);
	id = call_of(number, compat) % SWOLL_MAX_CALLS;
	if (task->bpf_storage)
		call = bpf_task_storage_get(&inflights, task, 0, 0);
	if (call && call->active) {
		call->active = 0;
		if (call->epoch == epoch)
			abandon(call);
	}
	scope_of(task, call, &scope);
	entry = route_of(scope.row, id);
	entry2 = scope.row2 ? route_of(scope.row2, id) : 0;
	if (!entry && !entry2)
		return 0;
	route = filter_entry(entry);
	route2 = filter_entry(entry2);
	if (!route && !route2)
		return 0;

	if (!call)
		call = bpf_task_storage_get(&inflights, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		count(route, state_missing);
		count(route2, state_missing);
		return 0;
	}
	if (plans[id].nargs)
		read_args(regs, compat, call->record.args);
	if (plans[id].flags & SWOLL_CALL_frame)
		call->record.args[0] = frame_of(regs, compat);
	call->plan = plan_for(id, call);
	plan = plan_of(call);
	note_caller(&call->record, task);
	call->record.container = scope.container;
	call->record.number = number;
	call->epoch = epoch;
	call->record.call = id;
	call->record.route = route;
	call->record.route2 = route2;
	call->record.arch = compat ? compat_arch : native_arch;
	call->faulted = 0;
	call->captured = 0;
	call->given_length = 0;
	call->record.start = bpf_ktime_get_ns();
	if (plan->entry | plan->exit || wants_targets(plan))
		read_inputs(task, call, plan);
	if (plan->flags & SWOLL_CALL_noreturn) {
		call->active = 0;
		if (still_wanted(call, 0, call->record.start))
			send(task, call, 0, call->record.start, SWOLL_RECORD_noreturn);
	} else {
		call->active = 1;
	}
	return 0;
}

/* 32 bits, of which only the last 4,095 values are errors: an address may have the highest bit. */
static __always_inline s64 compat_result(long ret)
{
	s32 narrow = ret;

	return narrow < 0 && narrow >= -4095 ? (s64)narrow : (s64)(u32)narrow;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(swoll_exit, struct pt_regs *regs, long ret)
{
	const volatile struct swoll_call_plan *plan;
	struct task_struct *task;
	struct inflight *call;
	struct buffer *b;
	u32 interest;
	u64 now;

	interest = interest_in(number_of(regs));
	if (!interest)
		return 0;
	task = bpf_get_current_task_btf();
	if (!task->bpf_storage)
		return 0;
	call = bpf_task_storage_get(&inflights, task, 0, 0);
	if (!call)
		return 0;
	if (interest & SWOLL_NUMBER_renames)
		call->names_epoch = 0;
	if (!call->active)
		return 0;
	call->active = 0;
	if (call->epoch != epoch)
		return 0;
	plan = plan_of(call);
	/* The exit of another call: this one's own was not seen. (sigreturn leaves no number; a
	 * new image leaves that of execve, also behind an execveat.) */
	if (number_of(regs) != -1 && (u32)number_of(regs) != call->record.number &&
	    !(plan->flags & SWOLL_CALL_exec && ret == 0)) {
		abandon(call);
		return 0;
	}
	/* Of 32 bits, what is no error is no negative number: mmap gives addresses above 2 GB. */
	if (is_compat_call(call))
		ret = compat_result(ret);
	now = bpf_ktime_get_ns();
	if (!still_wanted(call, ret, now))
		return 0;

	if (has_made(plan, ret) && (b = call->captured ? bpf_task_storage_get(&buffers, task, 0, 0)
						       : fresh_buffer(task, call)))
		put_target(b, ret, SWOLL_BLOCK_ARG(SWOLL_ARG_RESULT, SWOLL_PART_target));
	if (call->captured && (b = bpf_task_storage_get(&buffers, task, 0, 0))) {
		if (call->faulted && plan->flags & SWOLL_CALL_exec && ret == 0)
			capture_new_image(b, call, task);
		else if (call->faulted)
			capture_all(b, call, call->faulted, 0, SWOLL_BLOCK_at_exit);
		if (plan->exit)
			capture_all(b, call, plan->exit, ret, SWOLL_BLOCK_output);
	}
	send(task, call, ret, now, 0);
	return 0;
}

/* A task that ends within a call, as reboot(2) in a pid namespace does: the call never returns. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(swoll_end)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inflight *call;
	u64 now;

	if (!task->bpf_storage)
		return 0;
	call = bpf_task_storage_get(&inflights, task, 0, 0);
	if (!call || !call->active)
		return 0;
	call->active = 0;
	if (call->epoch != epoch)
		return 0;
	now = bpf_ktime_get_ns();
	if (still_wanted(call, 0, now))
		send(task, call, 0, now, SWOLL_RECORD_noreturn);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(swoll_newcomer, struct cgroup *cgroup, const char *path)
{
	if (!in_default_hierarchy(cgroup))
		return 0;
	if (bpf_core_field_exists(((struct kernfs_node *)0)->parent))
		show_newcomer(cgroup, path, 0);
	else
		show_newcomer(cgroup, path, 1);
	return 0;
}
