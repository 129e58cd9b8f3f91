/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading what an argument points to, by the opcode of its row. Every read has a length that was
 * checked against the room left, says what it could not read, and leaves nothing of an earlier
 * call in the record: only bytes that this call wrote are sent.
 */
#ifndef SWOLL_CAPTURE_H
#define SWOLL_CAPTURE_H

#include "maps.h"

#define BLOCK	   sizeof(struct swoll_block)
#define PAGE_BYTES 4096
/* Where a large and where a small piece still fits behind a block's head. Two constants, since
 * the verifier cannot relate a length to an offset. */
#define LARGE_UNTIL (SWOLL_DATA - SWOLL_MAX_STRING - BLOCK)
#define SMALL_UNTIL (SWOLL_DATA - SWOLL_SMALL - BLOCK)

/* The part of a range that lies on its first page: that may be there when the next one is not. */
static __always_inline u32 first_page(u64 from, u32 length)
{
	u32 part = PAGE_BYTES - (from & (PAGE_BYTES - 1));

	return part < length ? part : length;
}

/* A string to `to`, at most `limit` bytes with its terminator; answers its length. */
static __always_inline u32 read_string(char *to, u64 from, u32 limit, u32 *flags)
{
	long n = bpf_probe_read_user_str(to, limit, (void *)from);

	if (n < 0) {
		u32 part = first_page(from, limit);

		*flags |= SWOLL_BLOCK_faulted;
		return bpf_probe_read_user(to, part, (void *)from) ? 0 : part;
	}
	if (n == limit) {
		/* Full: a cut, unless the string ends where the helper put its terminator. */
		char last = 0;

		bpf_probe_read_user(&last, 1, (void *)(from + limit - 1));
		if (last)
			*flags |= SWOLL_BLOCK_truncated;
	}
	return n > 0 ? n - 1 : 0;
}

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

/* The elements of an argv, one behind the other with their terminators. `full` is the number of
 * elements when all of it was seen, else 0. */
static __always_inline u32 read_strings(struct buffer *b, u32 start, u64 from, int compat,
					u32 *flags, u32 *full)
{
	u32 used = start;
	u32 i;

	for (i = 0; i < SWOLL_MAX_STRINGS; i++) {
		u64 element = 0;
		u32 piece = SWOLL_SMALL, length, cut = 0;

		if (bpf_probe_read_user(&element, compat ? 4 : 8, (void *)from)) {
			*flags |= SWOLL_BLOCK_faulted;
			return used - start;
		}
		if (!element) {
			*full = i;
			return used - start;
		}
		if (i >= settings.max_strings || used > SMALL_UNTIL)
			break;
		if (used <= LARGE_UNTIL) {
			piece = settings.max_string;
			if (piece > SWOLL_MAX_STRING)
				piece = SWOLL_MAX_STRING;
		}
		length = read_string((char *)b->data + used, element, piece, &cut);
		*flags |= cut;
		if (cut & SWOLL_BLOCK_faulted)
			return used - start;
		if (length >= SWOLL_MAX_STRING)
			return used - start;
		used += length + 1;
		from += compat ? 4 : 8;
	}
	*flags |= SWOLL_BLOCK_truncated;
	return used - start;
}

/* How long a byte range is, on entry (ret = 0) or exit. */
static __always_inline u64 length_of(struct inflight *call, u32 length, u32 length_arg, s64 ret,
				     int at_exit)
{
	u32 changed = 0;

	switch (length) {
	case SWOLL_LEN_arg:
		return call->args[length_arg & 7];
	case SWOLL_LEN_ret:
		return ret > 0 ? ret : 0;
	case SWOLL_LEN_pointer:
		if (!at_exit || ret < 0)
			return 0;
		bpf_probe_read_user(&changed, 4, (void *)call->args[length_arg & 7]);
		return changed < call->given_length ? changed : call->given_length;
	}
	return 0;
}

/* One argument to the end of the task's buffer. Answers the block's flags. */
static __always_inline u32 capture(struct buffer *b, struct inflight *call, u32 arg, u32 op,
				   u32 length_kind, u32 length_arg, s64 ret, u32 flags, int at_exit)
{
	u64 from = call->args[arg & 7];
	u32 used = b->used;
	u32 length = 0, full = 0;
	struct swoll_block *block;
	char *to;

	if (used > SMALL_UNTIL) {
		b->flags |= SWOLL_RECORD_no_room;
		return flags | SWOLL_BLOCK_truncated;
	}
	block = (struct swoll_block *)(b->data + used);
	to = (char *)(block + 1);
	if (op == SWOLL_OP_string) {
		if (used <= LARGE_UNTIL) {
			u32 limit = settings.max_string;

			if (limit > SWOLL_MAX_STRING)
				limit = SWOLL_MAX_STRING;
			length = read_string(to, from, limit, &flags);
		} else {
			length = read_string(to, from, SWOLL_SMALL, &flags);
		}
	} else if (op == SWOLL_OP_strings) {
		length = read_strings(b, used + BLOCK, from, call->arch == compat_arch, &flags,
				      &full);
	} else if (op == SWOLL_OP_bytes4) {
		length = read_bytes(to, from, 4, 4, &flags);
	} else {
		u64 want = length_of(call, length_kind, length_arg, ret, at_exit);

		full = want > 0xffffffffu ? 0xffffffffu : want;
		if (!want) {
			length = 0;
		} else if (used <= LARGE_UNTIL) {
			u32 limit = settings.max_buffer;

			if (limit > SWOLL_MAX_BUFFER)
				limit = SWOLL_MAX_BUFFER;
			length = read_bytes(to, from, full, limit, &flags);
		} else {
			length = read_bytes(to, from, full, SWOLL_SMALL, &flags);
		}
	}
	if (length > SWOLL_DATA)
		return flags;
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
	const volatile struct swoll_call_plan *plan = &plans[call->call % SWOLL_MAX_CALLS];
	u32 faulted = 0;

	for (u32 arg = 0; arg < SWOLL_ARGS; arg++) {
		if (!(mask & (1u << arg)) || !call->args[arg])
			continue;
		if (capture(b, call, arg, plan->args[arg].op, plan->args[arg].length,
			    plan->args[arg].length_arg, ret, flags, at_exit) &
		    SWOLL_BLOCK_faulted)
			faulted |= 1u << arg;
	}
	return faulted;
}

#endif
