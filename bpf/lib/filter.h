/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keep or drop: the filters of a route whose traces all ask for the same. What is known on entry
 * is tested there, before anything is read; the rest on exit, before anything is sent.
 */
#ifndef SWOLL_FILTER_H
#define SWOLL_FILTER_H

#include "lib/scope.h"

static __always_inline struct swoll_filter *filter_of(u32 route)
{
	return &filters[route & (SWOLL_MAX_ROUTES - 1)];
}

/* `actor`: whose doing it is. */
static __always_inline int passes_on_entry(u32 entry, struct task_struct *actor)
{
	struct swoll_filter *f = filter_of(entry);

	if (f->flags & SWOLL_FILTER_pid && (u32)actor->tgid != f->pid)
		return 0;
	if (f->flags & SWOLL_FILTER_uid && actor->cred->uid.val != f->uid)
		return 0;
	if (f->flags & SWOLL_FILTER_comm) {
		u64 comm[2] = {((u64 *)actor->comm)[0], ((u64 *)actor->comm)[1]};

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
static __always_inline u16 filter_entry(u32 entry, struct task_struct *actor)
{
	u16 route = entry & SWOLL_ROUTE_MASK;

	if (!route)
		return 0;
	count(route, matched);
	if (entry & SWOLL_ROUTE_FILTERED && !passes_on_entry(entry, actor)) {
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

/* Who wants an event of that type in the scope: its routes, 0 for none. */
struct routes {
	u16 first;
	u16 second;
};

static __always_inline struct routes routes_of(struct scope *scope, u16 type,
					       struct task_struct *actor)
{
	u32 entry = scope->row ? route_of(scope->row, type) : 0;
	u32 entry2 = scope->row2 ? route_of(scope->row2, type) : 0;

	/* The same traces with the same filter: one count, one turn of the sampler. */
	if (entry2 == entry)
		entry2 = 0;
	return (struct routes){filter_entry(entry, actor), filter_entry(entry2, actor)};
}

#endif
