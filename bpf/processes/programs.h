/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What happens to processes: one event for each process, whatever threads it has.
 */
#ifndef SWOLL_PROCESS_PROGRAMS_H
#define SWOLL_PROCESS_PROGRAMS_H

#include "lib/filter.h"
#include "lib/head.h"
#include "processes/signals.h"

#define SIGNAL_GROUP_EXIT_ 4	      /* include/linux/sched/signal.h */
#define PF_KTHREAD_	   0x00200000 /* include/linux/sched.h */

/* An event that somebody wants. */
struct happening {
	u64 container;
	struct routes routes;
};

/* Functions of their own, which the verifier looks at once, and not behind each way that leads
 * there.
 */
__noinline int find_own_scope(struct scope *out)
{
	if (out)
		find_scope(bpf_get_current_task_btf(), out);
	return 0;
}

/* A task's address is all that a function can be given of it; kernels that can't take it for a task
 * again look at the whole at its place. */
__noinline int find_scope_at(u64 task, struct scope *out)
{
	if (out && can_cast())
		find_scope_of(cast_to(struct task_struct, task), out, 0);
	return 0;
}

/* Whether somebody wants the event of the process that runs. A process is made by the thread that
 * does so; all else is its first thread's. */
__noinline int is_asked_for(struct scope *scope, struct happening *to, u32 type)
{
	struct task_struct *actor = bpf_get_current_task_btf();

	if (!scope || !to)
		return 0;
	if (type != SWOLL_PROCESS_fork)
		actor = actor->group_leader;
	to->container = scope->container;
	to->routes = routes_of(scope, type, actor);
	to->routes.first = filter_exit(to->routes.first, 0, 0);
	to->routes.second = filter_exit(to->routes.second, 0, 0);
	return to->routes.first || to->routes.second;
}

/* Of a process its first thread, which has no namespaces any more once it has ended: they are those
 * of `task`, a thread that has not. */
static __always_inline void note_process(struct buffer *b, struct task_struct *leader,
					 struct task_struct *task, u32 actor)
{
	note_caller(&b->head, leader);
	name_spaces(&b->head, task);
	b->head.args[SWOLL_WORD_parent] = leader->real_parent->tgid;
	b->head.args[SWOLL_WORD_status] = 0;
	b->head.args[SWOLL_WORD_age] = 0;
	b->head.args[SWOLL_WORD_sender] = 0;
	b->head.args[SWOLL_WORD_actor] = actor;
	b->head.args[SWOLL_WORD_cause] = 0;
}

/* A function of its own, which the verifier looks at once. */
__noinline int send_happening(struct buffer *b, struct happening *event, u32 type)
{
	u32 used, size;
	int failed;
	u64 now;

	if (!b || !event)
		return 0;
	now = bpf_ktime_get_ns();
	used = b->used;
	if (used > SWOLL_DATA)
		used = SWOLL_DATA;
	size = sizeof(b->head) + used;
	b->head.size = size;
	b->head.type = type;
	b->head.arch = native_arch;
	b->head.flags = b->flags;
	b->head.number = 0;
	b->head.route = event->routes.first;
	b->head.route2 = event->routes.second;
	b->head.container = event->container;
	b->head.start = now;
	b->head.finish = now;
	b->head.ret = 0;
	failed = bpf_ringbuf_output(&ring, b, size, wakeup(now));
	count_sent(event->routes.first, event->routes.second, !failed);
	return 0;
}

/* A new process runs its parent's program. Kernel threads run none. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(swoll_fork, struct task_struct *parent, struct task_struct *child)
{
	struct buffer *b = process_buffer(MAKER_hook);
	struct task_struct *leader = parent->group_leader;
	struct process *process;
	struct happening event = {};
	struct scope scope = {};
	struct exe *known;
	u32 length;
	u64 at = 0;

	if (child->pid != child->tgid || !child->mm || !b)
		return 0;
	known = known_exe(leader, known_process(leader));
	length = known ? put_known_exe(b, known) : put_exe(b, child->mm, child->fs);
	process = make_process(child);
	if (process)
		keep_exe(&process->exe, b, length, child->self_exec_id);
	/* Its own address, as a number. */
	bpf_probe_read_kernel(&at, sizeof(at), &child->group_leader);
	if (can_cast())
		find_scope_at(at, &scope);
	else
		find_scope_of(child, &scope, 0);
	if (!is_asked_for(&scope, &event, SWOLL_PROCESS_fork))
		return 0;
	note_process(b, child, child, parent->tgid);
	send_happening(b, &event, SWOLL_PROCESS_fork);
	return 0;
}

/* A string of the kernel's own. */
static __always_inline void put_filename(struct buffer *b, const char *name)
{
	u32 start = b->used, limit = settings.max_string, flags = 0;
	long n;

	one_value(start);
	if (start > UNTIL(LARGE))
		return;
	if (limit > LARGE)
		limit = LARGE;
	n = bpf_probe_read_kernel_str(place(b, start + BLOCK, "filename"), limit, name);
	if (n == limit)
		flags = SWOLL_BLOCK_truncated;
	if (n > 0 && n <= LARGE)
		close_block(b, start, BLOCK_OF(SWOLL_PIECE_filename, memory, flags), n - 1, 0);
}

static __always_inline void put_argv(struct buffer *b, struct mm_struct *mm)
{
	u64 length = mm->arg_end - mm->arg_start;

	if (length > UNKNOWN_LENGTH)
		length = UNKNOWN_LENGTH;
	put_bytes(b, mm->arg_start, length, SWOLL_MAX_BUFFER,
		  BLOCK_OF(SWOLL_PIECE_argv, memory, 0));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(swoll_exec, struct task_struct *task, int old_pid, struct linux_binprm *binary)
{
	struct buffer *b = process_buffer(MAKER_hook);
	struct process *process = make_process(task);
	struct happening event = {};
	struct scope scope = {};
	u32 length;

	bpf_task_storage_delete(&earlier_exes, task);
	if (!b)
		return 0;
	length = put_exe(b, task->mm, task->fs);
	if (process)
		keep_exe(&process->exe, b, length, task->self_exec_id);
	find_own_scope(&scope);
	if (!is_asked_for(&scope, &event, SWOLL_PROCESS_exec))
		return 0;
	put_filename(b, binary->filename);
	put_argv(b, task->mm);
	note_process(b, task, task, task->tgid);
	send_happening(b, &event, SWOLL_PROCESS_exec);
	return 0;
}

/* As wait(2) will tell it (kernel/exit.c, wait_task_zombie()). From 6.0 on the last of threads that
 * each end by themselves gives the group its code before (synchronize_group_exit()). */
static __always_inline u32 status_of(struct task_struct *leader)
{
	struct signal_struct *signal = leader->signal;

	return signal->flags & SIGNAL_GROUP_EXIT_ ? signal->group_exit_code : leader->exit_code;
}

static __always_inline void note_cause(struct buffer *b, struct task_struct *leader,
				       struct process *process, u32 signal)
{
	struct sender *sender = sender_of(process, signal);
	u32 cause = sender ? sender->cause : 0;
	u32 start = b->used;

	one_value(start);
	/* The kernel's own SIGKILL, to one that it had chosen (mm/oom_kill.c). */
	if (signal == 9 && !(cause & SWOLL_CAUSE_process) && leader->signal->oom_mm)
		cause |= SWOLL_CAUSE_oom;
	b->head.args[SWOLL_WORD_cause] = (u64)cause << 32;
	if (!sender)
		return;
	b->head.args[SWOLL_WORD_cause] |= (u32)sender->code;
	if (!(cause & SWOLL_CAUSE_process) || start > UNTIL(SMALL))
		return;
	b->head.args[SWOLL_WORD_sender] = (u64)sender->uid << 32 | sender->pid;
	bpf_probe_read_kernel(place(b, start + BLOCK, "sender"), SWOLL_COMM, sender->comm);
	close_block(b, start, BLOCK_OF(SWOLL_PIECE_comm, memory, 0), SWOLL_COMM, 0);
}

/* The process's end, in its last thread. Several may see that none is left; one tells. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(swoll_exit_process)
{
	struct task_struct *task = bpf_get_current_task_btf(), *leader;
	struct buffer *b = process_buffer(MAKER_hook);
	struct happening kill = {}, exit = {};
	struct process *process;
	struct scope scope = {};
	struct exe *exe;
	u32 status, used;

	leader = task->group_leader;
	if (!b || task->flags & PF_KTHREAD_)
		return 0;
	if (task->signal->live.counter)
		return 0;
	process = make_process(leader);
	if (process && __sync_lock_test_and_set(&process->ended, 1))
		return 0;
	status = status_of(leader);
	find_own_scope(&scope);
	if (status & 0x7f)
		is_asked_for(&scope, &kill, SWOLL_PROCESS_kill);
	is_asked_for(&scope, &exit, SWOLL_PROCESS_exit);
	if (!kill.routes.first && !kill.routes.second && !exit.routes.first && !exit.routes.second)
		return 0;
	exe = known_exe(leader, process);
	if (exe)
		put_known_exe(b, exe);
	note_process(b, leader, task, task->tgid);
	b->head.args[SWOLL_WORD_status] = status;
	b->head.args[SWOLL_WORD_age] = bpf_ktime_get_boot_ns() - leader->start_boottime;
	used = b->used;
	if (kill.routes.first || kill.routes.second) {
		note_cause(b, leader, process, status & 0x7f);
		send_happening(b, &kill, SWOLL_PROCESS_kill);
		b->used = used;
		b->head.args[SWOLL_WORD_sender] = 0;
		b->head.args[SWOLL_WORD_cause] = 0;
	}
	if (exit.routes.first || exit.routes.second)
		send_happening(b, &exit, SWOLL_PROCESS_exit);
	return 0;
}

/* Those that are there when the hooks come: run once, when they are on. What runs another program
 * meanwhile has another exec_id. Where the first thread has ended, another one has the memory. */
SEC("iter/task")
int swoll_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task, *leader;
	struct buffer *b = process_buffer(MAKER_iterator);
	struct mm_struct *mm;
	struct exe *exe;
	u32 length, exec_id;

	if (!task || !b)
		return 0;
	leader = task->group_leader;
	mm = task->mm;
	if (!mm || (task->pid != task->tgid && leader->mm))
		return 0;
	make_process(leader);
	exe = bpf_task_storage_get(&earlier_exes, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!exe || is_known(exe, leader))
		return 0;
	exec_id = leader->self_exec_id;
	length = put_exe(b, mm, task->fs);
	if (task->mm == mm)
		keep_exe(exe, b, length, exec_id);
	return 0;
}

#endif
