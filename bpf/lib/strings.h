/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An array of strings, such as argv: its elements one behind the other with their terminators.
 *
 * The running offset lives in the buffer and not in a register, so each turn of the loop starts
 * from the same state whatever the one before did, and the verifier's work grows with the number
 * of turns alone.
 */
#ifndef SWOLL_STRINGS_H
#define SWOLL_STRINGS_H

#include "lib/place.h"

#define running(b) (*(volatile u32 *)&(b)->used)

__noinline int put_strings(struct buffer *b, u64 from, u32 which)
{
	u32 start, end, step, full = 0, flags = 0, i;

	if (!b || !has_room(b))
		return which | SWOLL_BLOCK_truncated << 8;
	step = b->compat ? 4 : 8;
	start = b->used;
	b->used = start + BLOCK;
	for (i = 0; i < SWOLL_MAX_STRINGS; i++) {
		u32 used = running(b), cut = 0;
		u64 element = 0;

		if (bpf_probe_read_user(&element, step & 15, (void *)from)) {
			flags |= SWOLL_BLOCK_faulted;
			break;
		}
		if (!element) {
			full = i;
			break;
		}
		if (i >= settings.max_strings || used > UNTIL(SMALL)) {
			flags |= SWOLL_BLOCK_truncated;
			break;
		}
		used += read_piece(b, used, element, &cut) + 1;
		flags |= cut;
		if (cut & SWOLL_BLOCK_faulted)
			break;
		running(b) = used;
		if (cut)
			break; /* what followed would look whole, and so would this */
		from += step;
	}
	if (i == SWOLL_MAX_STRINGS)
		flags |= SWOLL_BLOCK_truncated;
	end = running(b);
	which |= flags << 8;
	close_block(b, start, which, end - start - BLOCK, full);
	return which;
}

#endif
