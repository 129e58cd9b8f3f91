/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading what an argument points to, by the opcode of its row. Every read has a length that was
 * checked against the room left, says what it could not read, and leaves nothing of an earlier
 * call in the record: only bytes that this call wrote are sent.
 */
#ifndef SWOLL_CAPTURE_H
#define SWOLL_CAPTURE_H

#include "maps.h"
#include "place.h"
#include "strings.h"

static __always_inline u32 read_bytes(char *to, u64 from, u32 want, u32 limit, u32 *flags)
{
	u32 part;

	if (want > limit) {
		want = limit;
		*flags |= SWOLL_BLOCK_truncated;
	}
	if (!bpf_probe_read_user(to, want, (void *)from))
		return want;
	*flags |= SWOLL_BLOCK_faulted;
	part = first_page(from, want);
	if (part > SWOLL_MAX_BUFFER)
		return 0;
	return bpf_probe_read_user(to, part, (void *)from) ? 0 : part;
}

/* How long a byte range is, on entry (ret = 0) or exit. */
static __always_inline u64 length_of(struct inflight *call, u32 length, u32 length_arg, s64 ret,
				     int at_exit)
{
	u64 arg = call->record.args[length_arg & 7];
	u32 changed = 0;

	switch (length) {
	case SWOLL_LEN_arg:
		return arg;
	case SWOLL_LEN_arg32:
		return (u32)arg;
	case SWOLL_LEN_ret:
		/* With MSG_TRUNC the result is larger than what was written. */
		return ret <= 0 ? 0 : (u64)ret < arg ? (u64)ret : arg;
	case SWOLL_LEN_pointer:
		if (!at_exit || ret < 0)
			return 0;
		bpf_probe_read_user(&changed, 4, (void *)arg);
		return changed < call->given_length ? changed : call->given_length;
	}
	return 0;
}

static __always_inline int is_compat_call(struct inflight *call)
{
	return call->record.arch == compat_arch && compat_arch != native_arch;
}

/* One argument to the end of the task's buffer. Answers the block's flags. */
static __always_inline u32 capture(struct buffer *b, struct inflight *call, u32 arg, u32 op,
				   u32 length_kind, u32 length_arg, s64 ret, u32 flags, int at_exit)
{
	u64 from = call->record.args[arg & 7];
	u32 used = b->used;
	u32 length = 0, full = 0;
	struct swoll_block *block;

	if (used > SMALL_UNTIL) {
		b->flags |= SWOLL_RECORD_no_room;
		return flags | SWOLL_BLOCK_truncated;
	}
	if (op == SWOLL_OP_string) {
		length = read_piece(b, used + BLOCK, from, &flags);
	} else if (op == SWOLL_OP_strings) {
		return capture_strings(arg, from, flags, is_compat_call(call));
	} else if (op == SWOLL_OP_bytes4) {
		length = read_bytes(place(b, used + BLOCK, "word"), from, 4, 4, &flags);
	} else {
		u64 want = length_of(call, length_kind, length_arg, ret, at_exit);
		u32 limit = settings.max_buffer;

		full = want > 0xffffffffu ? 0xffffffffu : want;
		if (limit > SWOLL_MAX_BUFFER)
			limit = SWOLL_MAX_BUFFER;
		if (!want)
			length = 0;
		else if (used <= LARGE_UNTIL)
			length =
			    read_bytes(place(b, used + BLOCK, "large"), from, full, limit, &flags);
		else
			length = read_bytes(place(b, used + BLOCK, "small"), from, full,
					    SWOLL_SMALL, &flags);
	}
	if (length > SWOLL_DATA)
		return flags;
	block = (struct swoll_block *)place(b, used, "block");
	block->arg = arg;
	block->flags = flags;
	block->length = length;
	block->full = full;
	b->used = used + BLOCK + ((length + 7) & ~7u);
	return flags;
}

/* All arguments of a mask. Answers the mask of those that were not there. */
static __always_inline u32 capture_all(struct buffer *b, struct inflight *call, u32 mask, s64 ret,
				       u32 flags, int at_exit)
{
	const volatile struct swoll_call_plan *plan = &plans[call->record.call % SWOLL_MAX_CALLS];
	u32 faulted = 0;

	for (u32 arg = 0; arg < SWOLL_ARGS; arg++) {
		if (!(mask & (1u << arg)) || !call->record.args[arg])
			continue;
		if (capture(b, call, arg, plan->args[arg].op, plan->args[arg].length,
			    plan->args[arg].length_arg, ret, flags, at_exit) &
		    SWOLL_BLOCK_faulted)
			faulted |= 1u << arg;
	}
	return faulted;
}

#endif
