/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record's head: who it was, and in which namespaces; when the reader is woken for it, and what
 * became of it.
 */
#ifndef SWOLL_HEAD_H
#define SWOLL_HEAD_H

#include "lib/scope.h"

static __always_inline u32 pid_namespace_of(struct task_struct *task)
{
	struct pid_namespace *ns = active_pid_ns(task);

	return ns ? ns->ns.inum : 0;
}

/* The namespaces of a task change in its own unshare and setns alone, whose exits are looked at for
 * this, so they are read once and not with each call. */
static __always_inline void name_spaces(struct swoll_record *r, struct task_struct *task)
{
	struct nsproxy *ns = task->nsproxy;

	r->ns[SWOLL_NS_pid] = pid_namespace_of(task);
	r->ns[SWOLL_NS_uts] = ns->uts_ns->ns.inum;
	r->ns[SWOLL_NS_mount] = ns->mnt_ns->ns.inum;
	r->ns[SWOLL_NS_net] = ns->net_ns->ns.inum;
	r->ns[SWOLL_NS_ipc] = ns->ipc_ns->ns.inum;
	r->ns[SWOLL_NS_user] = task->cred->user_ns->ns.inum;
	r->ns[SWOLL_NS_cgroup] = ns->cgroup_ns->ns.inum;
}

/* An execve in a thread makes it the first of its process. */
static __always_inline void note_numbers(struct swoll_record *r, struct task_struct *task)
{
	r->pid = task->tgid;
	r->tid = task->pid;
}

/* Who makes the call: of the moment of its entry, for an execve or a setuid changes it. */
static __always_inline void note_caller(struct swoll_record *r, struct task_struct *task)
{
	/* Loads, where there is a helper for each: a call costs ten times as much. */
	note_numbers(r, task);
	r->session = task->signal->pids[SWOLL_PIDTYPE_SID]->numbers[0].nr;
	r->uid = task->cred->uid.val;
	r->gid = task->cred->gid.val;
	((u64 *)r->comm)[0] = ((u64 *)task->comm)[0];
	((u64 *)r->comm)[1] = ((u64 *)task->comm)[1];
}

/* Waking the reader costs more than the rest, so it is done at most once in wakeup_ns; the reader
 * looks by itself once that long after it was woken, and so misses nothing (ring-reader.cc). */
static __always_inline u64 wakeup(u64 now)
{
	if (now - last_wakeup < settings.wakeup_ns)
		return BPF_RB_NO_WAKEUP;
	last_wakeup = now;
	return BPF_RB_FORCE_WAKEUP;
}

/* To both routes of a record, whether the ring took it. */
static __always_inline void count_sent(u32 route, u32 route2, int ok)
{
	if (ok) {
		count(route, emitted);
		count(route2, emitted);
	} else {
		count(route, ring_full);
		count(route2, ring_full);
	}
}

#endif
