/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which events are wanted. A *scope* (a container's cgroup, a pid namespace, or the host) points to
 * a *row*. A row has one *route* for each type of event: for each system call, and for each thing
 * that happens to processes. A route is a number that the daemon gave to one exact set of traces
 * with one filter, so a record that carries its route needs no further matching in user space, and
 * the counters of a route belong to exactly those traces. Containers that the same traces want
 * share one row; starting or ending a container is one map update.
 */
#ifndef SWOLL_ABI_RULE_H
#define SWOLL_ABI_RULE_H

#include "base.h"

/* Types of event: system calls have the numbers from 0 on, what happens to processes those behind.
 */
#define SWOLL_MAX_TYPES	 512
#define SWOLL_MAX_ROWS	 2048 /* distinct sets of traces; row 0 is empty */
#define SWOLL_MAX_ROUTES 4096 /* distinct (set of traces, filter); route 0 means "not wanted" */
#define SWOLL_MAX_SCOPES 16384
#define SWOLL_DEPTHS	 64 /* of cgroups below the root, in which scopes are looked for */
#define SWOLL_BLOOM_BITS 65536
#define SWOLL_ERROR_BITS 192

/* A cgroup that was made while traces wait for containers, and that the daemon has not named yet: a
 * scope of the kernel's own making. All that any trace may want of it is captured, on the one route
 * that belongs to no trace, and the daemon sorts it once it knows whose it is. */
#define SWOLL_NEWCOMER	     (1ull << 63) /* in place of a container: this and the cgroup's id */
#define SWOLL_NEWCOMER_ROW   (SWOLL_MAX_ROWS - 1)
#define SWOLL_NEWCOMER_ROUTE (SWOLL_MAX_ROUTES - 1)

/* In a handle: no container, but ... */
#define SWOLL_UNIT (1ull << 62) /* a unit of systemd, which is a part of the host */
#define SWOLL_ENTERED                                                                              \
	(1ull << 61) /* a pid namespace of containers that their cgroups name: who is              \
		      * there and in none of those has come from the host */

struct swoll_scope {
	__u64 container; /* the daemon's handle, never reused; 0: host */
	__u32 row;
	__u32 counted; /* its calls are: 0 or 1 */
	/* Of a pid namespace, whose number is used again at once: its first process began no later,
	 * in clock ticks since boot (proc_pid_stat(5), starttime); 0: whichever has the number. */
	__u64 begun;
};

/* A row's entry: a route and whether the kernel has a filter for it. */
#define SWOLL_ROUTE_FILTERED 0x80000000u
#define SWOLL_ROUTE_MASK     0x0000ffffu

enum swoll_filter_flag {
	SWOLL_FILTER_pid = 1,
	SWOLL_FILTER_uid = 2,
	SWOLL_FILTER_comm = 4,
	SWOLL_FILTER_errors = 8,
	SWOLL_FILTER_latency = 16,
	SWOLL_FILTER_sample = 32,
};

struct swoll_filter {
	__u32 flags;
	__u32 pid;
	__u32 uid;
	__u32 sample;			     /* one of N */
	__u64 min_latency;		     /* ns */
	__u64 errors[SWOLL_ERROR_BITS / 64]; /* bit 0: success; bit e: errno e, the last: above */
	__u64 comm_mask[2];
	__u64 comm_value[2];
	__u64 seen; /* calls that came to the sampler; the kernel's own */
};

/* Per CPU and route. matched = the sum of the others + calls in flight. */
struct swoll_route_counts {
	__u64 matched;
	__u64 emitted;
	__u64 filtered;
	__u64 sampled;
	__u64 ring_full;
	__u64 state_missing;
	__u64 abandoned; /* entered, and the next call of that thread came without an exit */
};

/* By the golden ratio: the highest bits are the best. */
static inline __u64 swoll_hash(__u64 value)
{
	return value * 0x9e3779b97f4a7c15ull;
}

static inline __u32 swoll_bloom_bit(__u64 id)
{
	return swoll_hash(id) >> 48;
}

SWOLL_ASSERT_SIZE(swoll_scope, 24);
SWOLL_ASSERT_SIZE(swoll_filter, 88);
SWOLL_ASSERT_SIZE(swoll_route_counts, 56);

#endif
