/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of system calls: what is read of each, which are looked at, and those under way.
 */
#ifndef SWOLL_CALLS_H
#define SWOLL_CALLS_H

#include "lib/place.h"

/* Set before load. */
const volatile struct swoll_call_plan plans[SWOLL_MAX_PLANS];
const volatile struct swoll_pointee pointees[SWOLL_MAX_POINTEES];
const volatile __u32 page_size = 4096;
const volatile __u16 native_calls[SWOLL_MAX_NUMBERS]; /* number -> call */
const volatile __u16 compat_calls[SWOLL_MAX_NUMBERS];

/* Changed while running. */
__u8 number_interest[SWOLL_MAX_NUMBERS]; /* SWOLL_NUMBER_*, of both ABIs together */
volatile __u32 interest_generation;	 /* of those that are looked at: SWOLL_INTEREST_* */
__u32 epoch; /* of this attachment: state of an earlier one is not believed */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SWOLL_MAX_PLANS);
	__type(key, struct swoll_variant);
	__type(value, u32); /* a plan */
} variants SEC(".maps");

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
	 * to call (lib/head.h). */
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

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct buffer);
} buffers SEC(".maps");

#endif
