/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All state that the programs have. What the daemon writes before load is read-only data; what it
 * changes while they run is global data that it maps, so a rule change is a store, not a system
 * call. Every way to lose an event has a counter beside it.
 */
#ifndef SWOLL_MAPS_H
#define SWOLL_MAPS_H

#include "kernel.h"
#include "abi.h"

/* Set before load. */
const volatile struct swoll_settings settings;
const volatile struct swoll_call_plan plans[SWOLL_MAX_PLANS];
const volatile struct swoll_pointee pointees[SWOLL_MAX_POINTEES];
const volatile __u32 page_size = 4096;
const volatile __u16 native_calls[SWOLL_MAX_NUMBERS]; /* number -> call */
const volatile __u16 compat_calls[SWOLL_MAX_NUMBERS];
const volatile __u8 native_arch, compat_arch; /* enum Arch */

/* Changed while running. */
__u8 number_interest[SWOLL_MAX_NUMBERS]; /* SWOLL_NUMBER_*, of both ABIs together */
volatile __u32 interest_generation;	 /* of those that are looked at: SWOLL_INTEREST_* */
/* Ids in `cgroups` that have a row, and those in `pid_namespaces`. */
__u64 scope_bloom[SWOLL_BLOOM_BITS / 64];
/* Bit i: such a cgroup, or any of `cgroups`, may lie i levels below the root. */
__u64 shown_depths, known_depths;
/* Grows after each change of a scope, and after a task has moved to another cgroup. */
volatile __u64 scope_generation;
__u32 rows[SWOLL_MAX_ROWS][SWOLL_MAX_CALLS]; /* row, call -> route | SWOLL_ROUTE_FILTERED */
struct swoll_filter filters[SWOLL_MAX_ROUTES];
__u32 host_row;		    /* of processes in no container */
__u32 pid_namespace_count;  /* entries of `pid_namespaces` */
__u32 root_namespace_named; /* one of them is the initial one, that of most processes */
__u32 epoch;		    /* of this attachment: state of an earlier one is not believed */

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
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SWOLL_MAX_PLANS);
	__type(key, struct swoll_variant);
	__type(value, u32); /* a plan */
} variants SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SWOLL_MAX_ROUTES);
	__type(key, u32);
	__type(value, struct swoll_route_counts);
} route_counts SEC(".maps");

/* Whose a call is. */
struct scope {
	u64 container;
	u32 row;
	u32 row2; /* of a pid namespace, beside the container's */
	u32 counted;
	u32 pad;
};

/* A call that enters, and who wants it. */
struct wanted {
	u64 container;
	u32 number;
	u16 id;
	u16 compat;
	u16 route;
	u16 route2;
	u64 cell_key; /* 0: it is not counted */
};

#define CALL_TRACED  1
#define CALL_COUNTED 2

/* A call between its entry and its exit (state.h). */
struct inflight {
	/* What is known of it, in the form in which it will be sent. The namespaces stay from call
	 * to call (record.h). */
	struct swoll_record record;
	u32 epoch;
	u16 plan;
	u16 pad;
	u32 noted;	  /* the last entry or exit that was seen: note_entry() */
	u32 names_epoch;  /* in which the record's namespaces were read; 0: they may have changed */
	u32 given_length; /* of an output buffer, where a pointer held it */
	u8 active;	  /* CALL_* */
	u8 faulted;	  /* bit i: argument i was not there on entry */
	u8 captured;	  /* the task's buffer holds something */
	u8 pad2[5];
	u64 cell_key; /* of a call that is counted, without its result */
	u64 task;     /* whose slot it is */
	/* Kept from call to call (scope.h). */
	u64 scope_generation; /* 0: of none */
	struct scope scope;
};

/* A record being made. Only threads that made a call with memory arguments own one. */
struct buffer {
	struct swoll_record head;
	u8 data[SWOLL_DATA];
	u32 used;
	u32 flags;  /* SWOLL_RECORD_* */
	u32 compat; /* the call is one of the 32-bit ABI */
	u32 array;  /* where the bytes of the last iovec begin in data, and how many there are */
	u32 array_bytes;
	/* Of the path that was walked last (target.h): how far, whether it goes on, and where it
	 * began. Addresses stay here: what is sent ends in data. */
	u32 steps;
	u32 cut;
	u64 dentry;
	u64 mount;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct buffer);
} buffers SEC(".maps");

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
