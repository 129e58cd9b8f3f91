/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who sent a signal. It is noted when the signal is made, since what ends a process tells its
 * number alone, and once a thread: a group's SIGTERM is delivered as SIGKILL (kernel/signal.c,
 * complete_signal()).
 */
#ifndef SWOLL_SIGNALS_H
#define SWOLL_SIGNALS_H

#include "processes/process.h"

/* What send_signal_locked() is told in place of an address (include/linux/sched/signal.h). */
#define SEND_SIG_NOINFO_ 0
#define SEND_SIG_PRIV_	 1
#define SI_KERNEL_	 0x80
#define SI_USER_	 0
#define SI_QUEUE_	 (-1)
#define SI_MESGQ_	 (-3)
#define SI_TKILL_	 (-6)

/* include/trace/events/signal.h */
#define SIGNAL_DELIVERED 0
#define SIGNAL_LOSE_INFO 4 /* there was no memory for who sent it; here it is seen all the same */

/* Those that end nobody: CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH. */
#define HARMLESS_SIGNALS                                                                           \
	(1ull << 17 | 1ull << 18 | 1ull << 19 | 1ull << 20 | 1ull << 21 | 1ull << 22 |             \
	 1ull << 23 | 1ull << 28)

static __always_inline s32 code_of(u64 info)
{
	struct kernel_siginfo *siginfo = (void *)info;
	s32 code = SI_USER_;

	if (info == SEND_SIG_PRIV_)
		return SI_KERNEL_;
	if (info != SEND_SIG_NOINFO_)
		bpf_probe_read_kernel(&code, sizeof(code), &siginfo->si_code);
	return code;
}

/* kill(2), sigqueue(3), mq_notify(3), tgkill(2): the sender is the one that runs. Whoever runs when
 * a timer or a descriptor has something to tell is not. A process may say of its own signal that it
 * is one of those, or any other below 0, and is not named then; that it is the kernel's it can say
 * of those to itself alone (kernel/signal.c, do_rt_sigqueueinfo()). */
static __always_inline int is_sent_by_process(s32 code)
{
	return code == SI_USER_ || code == SI_QUEUE_ || code == SI_MESGQ_ || code == SI_TKILL_;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(swoll_signal, int signal, struct kernel_siginfo *info, struct task_struct *task,
	     int group, int result)
{
	struct task_struct *sender;
	struct process *process;
	struct sender *note;

	if (result != SIGNAL_DELIVERED && result != SIGNAL_LOSE_INFO)
		return 0;
	if (signal < 64 && HARMLESS_SIGNALS >> signal & 1)
		return 0;
	process = known_process(task->group_leader);
	if (!process)
		return 0;
	note = &process->senders[signal & (SENDERS - 1)];
	note->signal = signal;
	note->code = code_of((u64)info);
	note->cause = SWOLL_CAUSE_known;
	if (is_sent_by_process(note->code)) {
		sender = bpf_get_current_task_btf();
		note->cause |= SWOLL_CAUSE_process;
		note->pid = sender->tgid;
		note->uid = sender->cred->uid.val;
		note->comm[0] = ((u64 *)sender->comm)[0];
		note->comm[1] = ((u64 *)sender->comm)[1];
	}
	note->epoch = processes_epoch;
	return 0;
}

/* Null: the signal was not seen when it was made. */
static __always_inline struct sender *sender_of(struct process *process, u32 signal)
{
	struct sender *note = process ? &process->senders[signal & (SENDERS - 1)] : 0;

	return note && note->signal == signal && note->epoch == processes_epoch ? note : 0;
}

#endif
