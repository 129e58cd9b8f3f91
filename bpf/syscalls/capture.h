/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading what an argument points to, by the opcode of its row. Every read has a length that was
 * checked against the room left, says what it could not read, and leaves nothing of an earlier
 * call in the record: only bytes that this call wrote are sent.
 */
#ifndef SWOLL_CAPTURE_H
#define SWOLL_CAPTURE_H

#include "syscalls/pointees.h"

#define IOC_WRITE_ 1
#define IOC_READ_  2

static __always_inline const volatile struct swoll_call_plan *plan_of(struct inflight *call)
{
	return &plans[call->plan % SWOLL_MAX_PLANS];
}

static __always_inline int is_compat_call(struct inflight *call)
{
	return call->record.arch == compat_arch && compat_arch != native_arch;
}

/* How many bytes, on entry (ret = 0) or exit. */
static __always_inline u64 length_of(struct inflight *call,
				     const volatile struct swoll_arg_plan *plan, u64 from, s64 ret,
				     int at_exit)
{
	u64 arg = call->record.args[plan->length_arg & 7];
	u64 size = is_compat_call(call) ? plan->compat_size : plan->size;
	u32 word = 0;

	if (plan->length & SWOLL_LEN_WORD)
		arg = (u32)arg;
	if (plan->length & SWOLL_LEN_INT && (s32)arg < 0)
		arg = 0;
	switch (plan->length & SWOLL_LEN_KIND) {
	case SWOLL_LEN_fixed:
		return size;
	case SWOLL_LEN_arg:
		return arg;
	case SWOLL_LEN_count:
		return arg > 0xffffff ? UNKNOWN_LENGTH : arg * size;
	case SWOLL_LEN_ret:
		/* With MSG_TRUNC the result is larger than what was written. */
		if (ret <= 0)
			return 0;
		if ((u64)ret < arg)
			arg = ret;
		return arg > 0xffffff ? (size == 1 ? arg : 0xffffff) : arg * size;
	case SWOLL_LEN_pointer:
		if (!at_exit)
			return call->given_length;
		bpf_probe_read_user(&word, 4, (void *)call->record.args[plan->length_arg & 7]);
		return word < call->given_length ? word : call->given_length;
	case SWOLL_LEN_bits:
		if (arg > 0xffff)
			arg = 0xffff;
		return (arg + 63) / 64 * 8;
	case SWOLL_LEN_pages:
		return arg / page_size + !!(arg % page_size);
	case SWOLL_LEN_nodes:
		if (arg > 0xffff)
			arg = 0xffff;
		word = is_compat_call(call) ? 32 : 64;
		return arg ? (arg + word - 2) / word * (word / 8) : 0;
	case SWOLL_LEN_head:
		/* A size that lies about itself is there all the same. */
		bpf_probe_read_user(&word, 4, (void *)(from + plan->length_arg));
		size += word;
		return size < plan->length_arg + 4u ? plan->length_arg + 4u : size;
	case SWOLL_LEN_ioctl:
		return (u32)arg >> 30 & (at_exit ? IOC_READ_ : IOC_WRITE_) ? (u32)arg >> 16 & 0x3fff
									   : 0;
	case SWOLL_LEN_argMore:
		return (arg > 0xffffff ? 0xffffff : arg) + size;
	case SWOLL_LEN_retMore:
		return ((u64)ret < arg ? (u64)ret : arg) + size;
	}
	return 0;
}

/* One argument to the end of the task's buffer: as it is on entry, or (flags: output) as the call
 * has left it. Answers the block's flags. */
__noinline int capture(struct buffer *b, struct inflight *call, u32 arg, s64 ret, u32 flags)
{
	u32 op, which = BLOCK_OF(arg, memory, flags), at_exit = !!(flags & SWOLL_BLOCK_output),
		size;
	const volatile struct swoll_arg_plan *plan;
	u64 from, want, total = ~0ull;

	if (!b || !call || arg >= SWOLL_ARGS)
		return 0;
	plan = &plan_of(call)->args[arg];
	from = call->record.args[arg];
	op = plan->op;
	if (at_exit && ret >= 0)
		total = ret;
	if (op == SWOLL_OP_string)
		return FLAGS_OF(put_string(b, from, which));
	if (op == SWOLL_OP_strings)
		return FLAGS_OF(put_strings(b, from, which));
	want = length_of(call, plan, from, ret, at_exit);
	switch (op) {
	case SWOLL_OP_buffer:
	case SWOLL_OP_memory:
		if (want > UNKNOWN_LENGTH)
			want = UNKNOWN_LENGTH;
		if (!want && (plan->length & SWOLL_LEN_KIND) == SWOLL_LEN_ioctl)
			return 0;
		size = put_bytes(b, from, want,
				 op == SWOLL_OP_buffer ? settings.max_buffer : SWOLL_MAX_BUFFER,
				 which);
		if (plan->pointees)
			put_pointees(b, from, want,
				     b->compat ? plan->compat_pointee : plan->pointee,
				     which | plan->pointees << 16);
		return FLAGS_OF(size);
	case SWOLL_OP_iovec:
	case SWOLL_OP_iovecOnly:
		which = put_array(b, from, want, which);
		/* What a call fills is there at its end alone. */
		if (op == SWOLL_OP_iovec && (at_exit || !(plan->when & SWOLL_AT_exit)))
			put_pieces(b, total, BLOCK_OF(arg, data, flags));
		return FLAGS_OF(which);
	case SWOLL_OP_pointers:
		return FLAGS_OF(put_pointers(b, from, want, plan->size, which));
	case SWOLL_OP_msghdr:
		size = b->compat ? 28 : 56;
		if (!at_exit && plan->when & SWOLL_AT_exit)
			return FLAGS_OF(put_bytes(b, from, size, size, which));
		return FLAGS_OF(put_message(b, from, size, total, which));
	case SWOLL_OP_mmsghdr:
	case SWOLL_OP_mmsghdrFilled:
		if (at_exit && want > total)
			want = total;
		size = b->compat ? 32 : 64;
		if (want > MESSAGES) {
			want = MESSAGES;
			b->flags |= SWOLL_RECORD_no_room;
		}
		if ((op == SWOLL_OP_mmsghdrFilled) != at_exit)
			return FLAGS_OF(put_bytes(b, from, want * size, MESSAGES * 64, which));
		for (u32 i = 0; i < MESSAGES && i < want; i++)
			flags |= FLAGS_OF(put_message(b, from + i * size, size,
						      at_exit ? FILLED : ALL_OF_IT, which));
		return flags;
	}
	return 0;
}

/* All arguments of a mask. Answers the mask of those that were not there. */
static __always_inline u32 capture_all(struct buffer *b, struct inflight *call, u32 mask, s64 ret,
				       u32 flags)
{
	const volatile struct swoll_call_plan *plan = plan_of(call);
	u32 faulted = 0;

	for (u32 arg = 0; arg < SWOLL_ARGS; arg++) {
		if (!(mask & (1u << arg)) || !call->record.args[arg])
			continue;
		if (flags & SWOLL_BLOCK_output && !swoll_is_given(plan->args[arg].when, ret))
			continue;
		if (capture(b, call, arg, ret, flags) & SWOLL_BLOCK_faulted)
			faulted |= 1u << arg;
	}
	return faulted;
}

#endif
