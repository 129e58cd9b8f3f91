/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record's header, and its way into the ring. A call without memory arguments is written in
 * place; one with them was made in the task's buffer and is copied once.
 */
#ifndef SWOLL_RECORD_H
#define SWOLL_RECORD_H

#include "scope.h"

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

__noinline int name_again(struct inflight *call)
{
	if (!call)
		return 0;
	name_spaces(&call->record, bpf_get_current_task_btf());
	call->names_epoch = epoch;
	return 0;
}

static __always_inline void fill(struct swoll_record *r, struct inflight *call, s64 ret, u64 now,
				 u32 flags, u32 size)
{
	struct swoll_record *known = &call->record;

	if (call->names_epoch != epoch)
		name_again(call);
	/* What was written on entry, to the start of the call. */
	__builtin_memcpy(r, known, __builtin_offsetof(struct swoll_record, finish));
	__builtin_memcpy(r->ns, known->ns, sizeof(r->ns));
	if (!(flags & SWOLL_RECORD_no_args))
		__builtin_memcpy(r->args, known->args, sizeof(r->args));
	r->size = size;
	r->flags |= flags;
	r->finish = now;
	r->ret = ret;
	r->pid = known->pid;
	r->tid = known->tid;
	r->session = known->session;
	r->uid = known->uid;
	r->gid = known->gid;
	__builtin_memcpy(r->comm, known->comm, sizeof(r->comm));
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

static __always_inline void sent(struct inflight *call, int ok)
{
	if (ok) {
		count(call->record.route, emitted);
		count(call->record.route2, emitted);
	} else {
		count(call->record.route, ring_full);
		count(call->record.route2, ring_full);
	}
}

static __always_inline void emit_small(struct inflight *call, s64 ret, u64 now, u32 flags)
{
	const u32 size = sizeof(struct swoll_record);
	struct swoll_record *r = bpf_ringbuf_reserve(&ring, size, 0);

	if (r) {
		fill(r, call, ret, now, flags, size);
		bpf_ringbuf_submit(r, wakeup(now));
	}
	sent(call, r != 0);
}

static __always_inline void emit_bare(struct inflight *call, s64 ret, u64 now, u32 flags)
{
	const u32 size = __builtin_offsetof(struct swoll_record, args);
	struct swoll_record *r = bpf_ringbuf_reserve(&ring, size, 0);

	if (r) {
		fill(r, call, ret, now, flags | SWOLL_RECORD_no_args, size);
		bpf_ringbuf_submit(r, wakeup(now));
	}
	sent(call, r != 0);
}

static __always_inline void emit_buffer(struct inflight *call, struct buffer *b, s64 ret, u64 now,
					u32 flags)
{
	u32 used = b->used;

	if (used > SWOLL_DATA)
		used = SWOLL_DATA;
	fill(&b->head, call, ret, now, flags | b->flags, sizeof(b->head) + used);
	sent(call, bpf_ringbuf_output(&ring, b, sizeof(b->head) + used, wakeup(now)) == 0);
}

#endif
