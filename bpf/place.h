/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where in a record's buffer the next bytes go, and strings read to there, in the form that the
 * verifier can follow.
 */
#ifndef SWOLL_PLACE_H
#define SWOLL_PLACE_H

#include "maps.h"

#define BLOCK	   sizeof(struct swoll_block)
#define PAGE_BYTES 4096
/* Where a large and where a small piece still fits behind a block's head. Two constants, since
 * the verifier cannot relate a length to an offset. */
#define LARGE_UNTIL (SWOLL_DATA - SWOLL_MAX_STRING - 2 * BLOCK)
#define SMALL_UNTIL (SWOLL_DATA - SWOLL_SMALL - 2 * BLOCK)

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

/* A string at an offset that is at most SMALL_UNTIL + BLOCK: as much of it as there is room for. */
static __always_inline u32 read_piece(struct buffer *b, u32 used, u64 from, u32 *flags)
{
	u32 limit = settings.max_string;

	if (limit > SWOLL_MAX_STRING)
		limit = SWOLL_MAX_STRING;
	if (used <= LARGE_UNTIL + BLOCK)
		return read_string(place(b, used, "large string"), from, limit, flags);
	if (limit > SWOLL_SMALL)
		limit = SWOLL_SMALL;
	if (used <= SMALL_UNTIL + BLOCK)
		return read_string(place(b, used, "small string"), from, limit, flags);
	*flags |= SWOLL_BLOCK_truncated;
	return 0;
}

#endif
