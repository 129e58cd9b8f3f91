/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keep or drop: the filters of a route whose traces all ask for the same. What is known on entry
 * is tested there, before anything is read; the rest on exit, before anything is sent.
 */
#ifndef SWOLL_FILTER_H
#define SWOLL_FILTER_H

#include "maps.h"

static __always_inline struct swoll_filter *filter_of(u32 route)
{
	return &filters[route & (SWOLL_MAX_ROUTES - 1)];
}

static __always_inline int passes_on_entry(u32 entry)
{
	struct swoll_filter *f = filter_of(entry);

	if (f->flags & SWOLL_FILTER_pid && (u32)(bpf_get_current_pid_tgid() >> 32) != f->pid)
		return 0;
	if (f->flags & SWOLL_FILTER_uid && (u32)bpf_get_current_uid_gid() != f->uid)
		return 0;
	if (f->flags & SWOLL_FILTER_comm) {
		u64 comm[2] = {};

		bpf_get_current_comm(comm, sizeof(comm));
		if ((comm[0] & f->comm_mask[0]) != f->comm_value[0] ||
		    (comm[1] & f->comm_mask[1]) != f->comm_value[1])
			return 0;
	}
	return 1;
}

static __always_inline int passes_on_exit(struct swoll_filter *f, s64 ret, u64 latency)
{
	if (f->flags & SWOLL_FILTER_latency && latency < f->min_latency)
		return 0;
	if (f->flags & SWOLL_FILTER_errors) {
		u64 e = ret < 0 && ret >= -4095 ? -ret : 0;

		if (e >= SWOLL_ERROR_BITS)
			e = SWOLL_ERROR_BITS - 1;
		if (!(f->errors[e / 64] & (1ull << (e % 64))))
			return 0;
	}
	return 1;
}

/* The route if its call is wanted to the end, else 0; what is not is counted. */
static __always_inline u16 filter_entry(u32 entry)
{
	u16 route = entry & SWOLL_ROUTE_MASK;

	if (!route)
		return 0;
	count(route, matched);
	if (entry & SWOLL_ROUTE_FILTERED && !passes_on_entry(entry)) {
		count(route, filtered);
		return 0;
	}
	return route;
}

static __always_inline u16 filter_exit(u16 route, s64 ret, u64 latency)
{
	struct swoll_filter *f = filter_of(route);

	if (!route || !f->flags)
		return route;
	if (!passes_on_exit(f, ret, latency)) {
		count(route, filtered);
		return 0;
	}
	if (f->flags & SWOLL_FILTER_sample && f->sample > 1 &&
	    __sync_fetch_and_add(&f->seen, 1) % f->sample != 0) {
		count(route, sampled);
		return 0;
	}
	return route;
}

#endif
