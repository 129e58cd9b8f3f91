/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state that all programs share. What the daemon writes before load is read-only data; what it
 * changes while they run is global data that it maps, so a rule change is a store, not a system
 * call. Every way to lose an event has a counter beside it.
 */
#ifndef SWOLL_MAPS_H
#define SWOLL_MAPS_H

#include "lib/kernel.h"
#include "abi.h"

/* Set before load. */
const volatile struct swoll_settings settings;
const volatile __u8 native_arch, compat_arch; /* enum Arch */

/* Changed while running. */
/* Ids in `cgroups` that have a row, and those in `pid_namespaces`. */
__u64 scope_bloom[SWOLL_BLOOM_BITS / 64];
/* Bit i: such a cgroup, or any of `cgroups`, may lie i levels below the root. */
__u64 shown_depths, known_depths;
/* Grows after each change of a scope, and after a task has moved to another cgroup. */
volatile __u64 scope_generation;
__u32 rows[SWOLL_MAX_ROWS][SWOLL_MAX_TYPES]; /* row, type -> route | SWOLL_ROUTE_FILTERED */
struct swoll_filter filters[SWOLL_MAX_ROUTES];
__u32 host_row;		    /* of processes in no container */
__u32 pid_namespace_count;  /* entries of `pid_namespaces` */
__u32 root_namespace_named; /* one of them is the initial one, that of most processes */
__u32 counting;		    /* whether calls are counted at all */

/* Written by the programs. */
__u64 last_wakeup;
__u64 newcomers_lost;	/* new cgroups that found no room in the ring or in `cgroups` */
__u64 newcomer_depths;	/* like known_depths; what has been there once stays */
__u64 cgroups_too_deep; /* new ones, below SWOLL_DEPTHS, that may be containers' */
/* Newcomers that the daemon has yet to take: it is the one who counts down. */
__u64 newcomer_count;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SWOLL_MAX_SCOPES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64); /* cgroup v2 id */
	__type(value, struct swoll_scope);
} cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SWOLL_MAX_SCOPES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32); /* inode number */
	__type(value, struct swoll_scope);
} pid_namespaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SWOLL_MAX_ROUTES);
	__type(key, u32);
	__type(value, struct swoll_route_counts);
} route_counts SEC(".maps");

/* Whose an event is. */
struct scope {
	u64 container;
	u32 row;
	u32 row2; /* of a pid namespace, beside the container's */
	u32 counted;
	u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024); /* the daemon sets ring-bytes */
} ring SEC(".maps");

/* The programs run with preemption off (include/trace/bpf_probe.h) and never nest, so a plain
 * addition to a per-CPU value is exact. */
#define count(route, member)                                                                       \
	do {                                                                                       \
		u32 index_ = (route);                                                              \
		struct swoll_route_counts *counts_ =                                               \
		    index_ ? bpf_map_lookup_elem(&route_counts, &index_) : 0;                      \
		if (counts_)                                                                       \
			counts_->member++;                                                         \
	} while (0)

#endif
