/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What lies behind a second pointer: the pieces of an iovec, and all parts of a message.
 */
#ifndef SWOLL_VECTORS_H
#define SWOLL_VECTORS_H

#include "lib/strings.h"
#include "syscalls/calls.h"

#define UIO_MOST    1024 /* UIO_MAXIOV: no call takes more */
#define VECTOR_MOST 64	 /* elements that are followed */
#define MESSAGES    6	 /* of a vector of messages */

/* Both ABIs' struct iovec, as the native one. */
struct piece {
	u64 base;
	u64 length;
};

/* Element i of the array whose block's bytes begin at `array` in the buffer. */
static __always_inline int piece_at(struct buffer *b, u32 array, u32 i, struct piece *out)
{
	u32 at = array + i * (b->compat ? 8 : 16);

	if (at > UNTIL(SMALL))
		return 0;
	if (b->compat) {
		u32 *p = (u32 *)place(b, at, "compat iovec");

		out->base = p[0];
		out->length = p[1];
	} else {
		u64 *p = (u64 *)place(b, at, "iovec");

		out->base = p[0];
		out->length = p[1];
	}
	return 1;
}

/* What the array that was put last describes, at most `total` bytes of it in all. */
__noinline int put_pieces(struct buffer *b, u64 total, u32 which)
{
	u32 limit = settings.max_buffer, start, count, array, flags = 0;
	u64 left = total;

	if (!b || !has_room(b))
		return which | SWOLL_BLOCK_truncated << 8;
	start = b->used;
	array = b->array;
	count = b->array_bytes / (b->compat ? 8 : 16);
	b->used = start + BLOCK;
	for (u32 i = 0; i < VECTOR_MOST && i < count && left; i++) {
		u32 used = running(b), done = used - start - BLOCK, length;
		struct piece piece = {};

		if (!piece_at(b, array, i, &piece))
			break;
		if (piece.length > left)
			piece.length = left;
		left -= piece.length;
		length = piece.length > LARGE ? LARGE + 1 : piece.length;
		if (used > UNTIL(SMALL) + BLOCK || done > limit) {
			flags |= SWOLL_BLOCK_truncated;
			break;
		}
		if (length > limit - done) {
			length = limit - done;
			flags |= SWOLL_BLOCK_truncated;
		}
		running(b) = used + read_some(b, used, piece.base, length, &flags);
		if (flags)
			break;
	}
	which |= flags << 8;
	close_block(b, start, which, running(b) - start - BLOCK,
		    total >= UNKNOWN_LENGTH ? 0 : total);
	return which;
}

/* An array of `count` elements. */
__noinline int put_array(struct buffer *b, u64 from, u64 count, u32 which)
{
	u32 size;

	if (!b)
		return which;
	size = b->compat ? 8 : 16;
	b->array = b->used + BLOCK;
	which = put_bytes(b, from, count > UIO_MOST ? UNKNOWN_LENGTH : count * size,
			  VECTOR_MOST * size, which);
	/* What was read, which is none where there was no room for a block, and less than what was
	 * wanted where there was little. */
	b->array_bytes =
	    FLAGS_OF(which) & SWOLL_BLOCK_faulted || b->array > b->used ? 0 : b->used - b->array;
	return which;
}

/* An array of `count` pointers, and what each points to: `size` bytes, at most SMALL. */
__noinline int put_pointers(struct buffer *b, u64 from, u64 count, u32 size, u32 which)
{
	u32 step, start, flags = 0;
	int answer;

	if (!b)
		return which;
	step = b->compat ? 4 : 8;
	if (count > 4096)
		count = 4096;
	if (size > SMALL)
		size = SMALL;
	answer = put_bytes(b, from, count * step, VECTOR_MOST * step, which);
	if (FLAGS_OF(answer) & SWOLL_BLOCK_faulted || !has_room(b))
		return answer;
	start = b->used;
	b->used = start + BLOCK;
	for (u32 i = 0; i < VECTOR_MOST && i < count; i++) {
		u32 used = running(b);
		u64 element = 0;

		if (used > UNTIL(SMALL) + BLOCK) {
			flags |= SWOLL_BLOCK_truncated;
			break;
		}
		bpf_probe_read_user(&element, step & 15, (void *)from);
		running(b) =
		    used + read_bytes(place(b, used, "pointee"), element, size, SMALL, &flags);
		if (flags)
			break;
		from += step;
	}
	close_block(b, start, which | SWOLL_PART_data << 3 | flags << 8, running(b) - start - BLOCK,
		    0);
	return answer;
}

struct message {
	u64 name, iov, iovlen, control, control_length;
	u32 name_length;
};

/* include/linux/socket.h, struct user_msghdr; include/net/compat.h, struct compat_msghdr. */
static __always_inline int read_message(u64 from, u32 compat, struct message *m)
{
	if (compat) {
		u32 raw[6];

		if (bpf_probe_read_user(raw, sizeof(raw), (void *)from))
			return 0;
		m->name = raw[0];
		m->name_length = raw[1];
		m->iov = raw[2];
		m->iovlen = raw[3];
		m->control = raw[4];
		m->control_length = raw[5];
	} else {
		u64 raw[6];

		if (bpf_probe_read_user(raw, sizeof(raw), (void *)from))
			return 0;
		m->name = raw[0];
		m->name_length = raw[1];
		m->iov = raw[2];
		m->iovlen = raw[3];
		m->control = raw[4];
		m->control_length = raw[5];
	}
	return 1;
}

#define PART(part) (which | SWOLL_PART_##part << 3)

#define ALL_OF_IT 0xffffffffull
#define FILLED	  (~0ull - 1) /* what the mmsghdr says that has come */

/* A message that is sent or has been received, with `total` bytes of data at most. `head` is the
 * size of what `from` points to: a msghdr or a mmsghdr. */
__noinline int put_message(struct buffer *b, u64 from, u32 head, u64 total, u32 which)
{
	struct message m = {};
	int answer = put_bytes(b, from, head, SMALL, which);

	if (!b || !read_message(from, b->compat, &m))
		return answer;
	if (total == FILLED) {
		u32 filled = 0;

		bpf_probe_read_user(&filled, 4, (void *)(from + (b->compat ? 28 : 56)));
		total = filled;
	}
	put_bytes(b, m.name, m.name ? m.name_length : 0, SMALL, PART(name));
	if (m.control_length > UNKNOWN_LENGTH)
		m.control_length = UNKNOWN_LENGTH;
	put_bytes(b, m.control, m.control ? m.control_length : 0, MIDDLE, PART(control));
	put_array(b, m.iov, m.iovlen, PART(iovec));
	put_pieces(b, total, PART(data));
	return answer;
}

#endif
