/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the members of a structure point to: a string, or as many elements as another member says.
 */
#ifndef SWOLL_POINTEES_H
#define SWOLL_POINTEES_H

#include "syscalls/vectors.h"

/* Those of the structure at `from`, of which `want` bytes are there. The first one's index; which
 * block, with how many there are 16 bits above. */
__noinline int put_pointees(struct buffer *b, u64 from, u64 want, u32 first, u32 which)
{
	u32 count = which >> 16;

	which &= 0xffff;
	if (!b)
		return which;
	for (u32 i = 0; i < SWOLL_POINTEES && i < count; i++) {
		const volatile struct swoll_pointee *p =
		    &pointees[(first + i) % SWOLL_MAX_POINTEES];
		u32 block = which + (i << 3) + (SWOLL_PART_pointee << 3);
		u64 target = 0, length = 0, at = from + p->length_offset;
		u32 width = p->length_width;

		if (want < (u64)p->offset + p->width)
			continue;
		bpf_probe_read_user(&target, p->width == 4 ? 4 : 8, (void *)(from + p->offset));
		if (!target)
			continue;
		if (!width) {
			put_string(b, target, block);
			continue;
		}
		if (width == 2)
			bpf_probe_read_user(&length, 2, (void *)at);
		else
			bpf_probe_read_user(&length, width == 4 ? 4 : 8, (void *)at);
		if (length > 0xffff)
			length = 0xffff;
		put_bytes(b, target, length * p->size, SWOLL_MAX_BUFFER, block);
	}
	return which;
}

#endif
