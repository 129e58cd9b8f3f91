/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record's header, and its way into the ring. A call without memory arguments is written in
 * place; one with them was made in the task's buffer and is copied once.
 */
#ifndef SWOLL_RECORD_H
#define SWOLL_RECORD_H

#include "lib/head.h"
#include "syscalls/calls.h"

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

static __always_inline void sent(struct inflight *call, int ok)
{
	count_sent(call->record.route, call->record.route2, ok);
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
