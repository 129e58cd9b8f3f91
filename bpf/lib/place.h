/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where in a record's buffer the next bytes go, and how they get there.
 *
 * Functions that are not inlined are looked at by the verifier once, and not on every path that
 * leads to them.
 */
#ifndef SWOLL_PLACE_H
#define SWOLL_PLACE_H

#include "lib/maps.h"

/* A record being made. */
struct buffer {
	struct swoll_record head;
	u8 data[SWOLL_DATA];
	u32 used;
	u32 flags;  /* SWOLL_RECORD_* */
	u32 compat; /* the call is one of the 32-bit ABI */
	u32 array;  /* where the bytes of the last iovec begin in data, and how many there are */
	u32 array_bytes;
	/* Of the path that was walked last (path.h): how far, whether it goes on, where it began
	 * and where the process's root is. Addresses stay here: what is sent ends in data. */
	u32 steps;
	u32 cut;
	u64 dentry;
	u64 mount;
	u64 root;
	u64 root_mount;
	u64 file; /* whose block is to be put */
};

#define BLOCK	   sizeof(struct swoll_block)
#define PAGE_BYTES 4096
/* Up to where a piece of so many bytes still fits behind a block's head. Constants, since the
 * verifier cannot relate a length to an offset: what is left is used in a few steps. */
#define UNTIL(bytes) (SWOLL_DATA - (bytes)-2 * BLOCK)
#define LARGE	     SWOLL_MAX_STRING
#define MIDDLE	     1024
#define SMALL	     SWOLL_SMALL

/* The address of an offset that was just checked. The barrier makes the compiler add here, where
 * the verifier knows the bound, and not before the check; its text keeps two branches apart that
 * the compiler would merge. */
#define place(b, used, text)                                                                       \
	({                                                                                         \
		u64 at_ = (used);                                                                  \
		asm volatile("/* " text " */" : "+r"(at_));                                        \
		(char *)(b)->data + at_;                                                           \
	})

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

/* A string at an offset that is at most UNTIL(SMALL) + BLOCK: as much of it as there is room for.
 */
static __always_inline u32 read_piece(struct buffer *b, u64 used, u64 from, u32 *flags)
{
	u32 limit = settings.max_string;

	one_value(used);

	if (limit > LARGE)
		limit = LARGE;
	if (used <= UNTIL(LARGE) + BLOCK)
		return read_string(place(b, used, "large string"), from, limit, flags);
	if (limit > MIDDLE)
		limit = MIDDLE;
	if (used <= UNTIL(MIDDLE) + BLOCK)
		return read_string(place(b, used, "middle string"), from, limit, flags);
	if (limit > SMALL)
		limit = SMALL;
	if (used <= UNTIL(SMALL) + BLOCK)
		return read_string(place(b, used, "small string"), from, limit, flags);
	*flags |= SWOLL_BLOCK_truncated;
	return 0;
}

/* At most `want` and `limit` bytes to `to`; answers how many. */
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
	/* Kernels before 6.8 learn nothing from the comparison of two values. */
	part = first_page(from, want);
	one_value(part);
	if (part > limit)
		return 0;
	return bpf_probe_read_user(to, part, (void *)from) ? 0 : part;
}

/* Bytes at an offset that is at most UNTIL(SMALL) + BLOCK. */
static __always_inline u32 read_some(struct buffer *b, u64 used, u64 from, u32 want, u32 *flags)
{
	one_value(used);
	if (!want)
		return 0;
	if (used <= UNTIL(LARGE) + BLOCK)
		return read_bytes(place(b, used, "large"), from, want, LARGE, flags);
	if (used <= UNTIL(MIDDLE) + BLOCK)
		return read_bytes(place(b, used, "middle"), from, want, MIDDLE, flags);
	if (used <= UNTIL(SMALL) + BLOCK)
		return read_bytes(place(b, used, "small"), from, want, SMALL, flags);
	*flags |= SWOLL_BLOCK_truncated;
	return 0;
}

/* Which block: the argument and part as in struct swoll_block, its flags 8 bits above. (A function
 * of a program has at most five parameters.) */
#define BLOCK_OF(arg, part, flags) ((arg) | SWOLL_PART_##part << 3 | (flags) << 8)
#define FLAGS_OF(which)		   ((which) >> 8)

/* The head of a block whose bytes are in place. */
static __always_inline void close_block(struct buffer *b, u32 start, u32 which, u32 length,
					u32 full)
{
	struct swoll_block *block;

	if (start > UNTIL(SMALL) || length > SWOLL_DATA)
		return;
	block = (struct swoll_block *)place(b, start, "block");
	block->arg = which;
	block->flags = FLAGS_OF(which);
	block->length = length;
	block->full = full;
	b->used = start + BLOCK + ((length + 7) & ~7u);
}

static __always_inline int has_room(struct buffer *b)
{
	if (b->used <= UNTIL(SMALL))
		return 1;
	b->flags |= SWOLL_RECORD_no_room;
	return 0;
}

/* What no block can be told to hold: more than its head can say. */
#define UNKNOWN_LENGTH 0xffffffffu

/* A block of `want` bytes, of which at most `limit` are read. Like all put_*, answers which block
 * it is, with its flags. */
__noinline int put_bytes(struct buffer *b, u64 from, u32 want, u32 limit, u32 which)
{
	u32 used, length, full = want, flags = 0;

	if (!b || !has_room(b))
		return which | SWOLL_BLOCK_truncated << 8;
	used = b->used;
	if (want > limit) {
		want = limit;
		flags = SWOLL_BLOCK_truncated;
	}
	length = read_some(b, used + BLOCK, from, want, &flags);
	which |= flags << 8;
	close_block(b, used, which, length, full == UNKNOWN_LENGTH ? 0 : full);
	return which;
}

__noinline int put_string(struct buffer *b, u64 from, u32 which)
{
	u32 used, length, flags = 0;

	if (!b || !has_room(b))
		return which | SWOLL_BLOCK_truncated << 8;
	used = b->used;
	length = read_piece(b, used + BLOCK, from, &flags);
	which |= flags << 8;
	close_block(b, used, which, length, 0);
	return which;
}

#endif
