/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An array of strings, such as argv: its elements one behind the other with their terminators.
 *
 * A function of its own, which the verifier looks at once and not on every path that leads here.
 * The running offset lives in the buffer and not in a register, so each turn of the loop starts
 * from the same state whatever the one before did, and the verifier's work grows with the number
 * of turns alone.
 */
#ifndef SWOLL_STRINGS_H
#define SWOLL_STRINGS_H

#include "place.h"

__noinline int capture_strings(u32 arg, u64 from, u32 flags, int compat)
{
	struct buffer *b = bpf_task_storage_get(&buffers, bpf_get_current_task_btf(), 0, 0);
	u32 step = compat ? 4 : 8;
	u32 start, end, full = 0, i;
	struct swoll_block *block;

	if (!b)
		return 0;
	start = b->used;
	if (start > SMALL_UNTIL)
		return 0;
	b->used = start + BLOCK;
	for (i = 0; i < SWOLL_MAX_STRINGS; i++) {
		u32 used = *(volatile u32 *)&b->used, cut = 0;
		u64 element = 0;

		if (bpf_probe_read_user(&element, step & 15, (void *)from)) {
			flags |= SWOLL_BLOCK_faulted;
			break;
		}
		if (!element) {
			full = i;
			break;
		}
		if (i >= settings.max_strings || used > SMALL_UNTIL) {
			flags |= SWOLL_BLOCK_truncated;
			break;
		}
		used += read_piece(b, used, element, &cut) + 1;
		flags |= cut;
		if (cut & SWOLL_BLOCK_faulted)
			break;
		*(volatile u32 *)&b->used = used;
		from += step;
	}
	if (i == SWOLL_MAX_STRINGS)
		flags |= SWOLL_BLOCK_truncated;
	end = *(volatile u32 *)&b->used;
	block = (struct swoll_block *)place(b, start, "strings");
	block->arg = arg;
	block->flags = flags;
	block->length = end - start - BLOCK;
	block->full = full;
	b->used = (end + 7) & ~7u;
	return flags;
}

#endif
