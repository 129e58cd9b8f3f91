/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* In place of an event: a cgroup that was made, which may be a container's. */
#ifndef SWOLL_ABI_NEWCOMER_H
#define SWOLL_ABI_NEWCOMER_H

#include "rule.h"

#define SWOLL_NEWCOMER_PATH 1024

/* In place of an event's record: such a cgroup. Its path's first bytes follow, without a NUL. */
#define SWOLL_TYPE_NEWCOMER 0xffff
struct swoll_newcomer {
	__u32 size;
	__u16 type; /* SWOLL_TYPE_NEWCOMER */
	__u16 length;
	__u32 level; /* below the root */
	__u32 pad;
	__u64 id;
	__u64 parent;
};

SWOLL_ASSERT_SIZE(swoll_newcomer, 32);

#endif
