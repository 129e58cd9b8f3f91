/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts of system calls, which the daemon reads as memory. */
#ifndef SWOLL_ABI_COUNT_H
#define SWOLL_ABI_COUNT_H

#include "rule.h"

/* Counts of calls: a cell for each (container, call, result), and one for all that found none.
 * Calls are in the bucket of their time, so their number is the sum of the buckets. */
#define SWOLL_BUCKETS	   26
#define SWOLL_BUCKET_SHIFT 9 /* bucket 0: below 2^9 ns; i: below 2^(9+i); the last: the rest */
struct swoll_cell {
	__u64 time; /* ns, of all calls together */
	__u64 buckets[SWOLL_BUCKETS];
};

/* The keys of so many cells, in the order of the cells: a key may be in either of two lines. */
#define SWOLL_CELL_WAYS 8
struct swoll_cell_line {
	__u64 keys[SWOLL_CELL_WAYS]; /* 0: free */
};

/* A key: the container's handle, or the id of a cgroup that has no name yet; the call; the result,
 * which is 0, an errno, or: */
#define SWOLL_RESULT_KILLED	  4095 /* the thread ended in the call */
#define SWOLL_RESULT_SIGSYS	  4094 /* the thread got that signal in place of a result */
#define SWOLL_CELL_RESULT_BITS	  12
#define SWOLL_CELL_CALL_BITS	  9
#define SWOLL_CELL_CONTAINER_BITS 42

/* Without a result. */
static inline __u64 swoll_cell_key(__u64 container, __u32 call)
{
	__u64 key = container & ((1ull << SWOLL_CELL_CONTAINER_BITS) - 1);

	key = key << SWOLL_CELL_CALL_BITS | call;
	return key << SWOLL_CELL_RESULT_BITS | (container & SWOLL_NEWCOMER);
}

SWOLL_ASSERT_SIZE(swoll_cell, 216);
SWOLL_ASSERT_SIZE(swoll_cell_line, 64);

#endif
