/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a number to a call in flight: which call it is, who wants it, what is remembered of it.
 */
#ifndef SWOLL_BEGIN_H
#define SWOLL_BEGIN_H

#include "lib/arch.h"
#include "lib/filter.h"
#include "syscalls/count.h"
#include "syscalls/send.h"
#include "syscalls/state.h"

static __always_inline u16 call_of(long number, int compat)
{
	u64 n = number;

	one_value(n);
	if (n >= SWOLL_MAX_NUMBERS)
		return 0;
	return compat ? compat_calls[n] : native_calls[n];
}

/* Before anything else, since most calls end here: SWOLL_NUMBER_*. A number that the table can't
 * hold is a call of the unknown row; so is -1, which sigreturn leaves behind for the exit. */
static __always_inline u32 interest_in(long number)
{
	u64 n = number;

	one_value(n);
	return n < SWOLL_MAX_NUMBERS ? number_interest[n] : SWOLL_NUMBER_wanted;
}

static __always_inline int is_looked_at(u32 interest)
{
	return interest & (SWOLL_NUMBER_wanted | SWOLL_NUMBER_counted);
}

/* The plan of this call, or of the variant of it that one of its arguments asks for. */
static __always_inline u32 plan_for(u32 id, struct inflight *call)
{
	const volatile struct swoll_call_plan *plan = &plans[id];
	struct swoll_variant key = {.call = id};
	u32 *found;

	if (!(plan->flags & SWOLL_CALL_variants))
		return id;
	key.value = call->record.args[plan->selector & 7] & plan->selector_mask;
	found = bpf_map_lookup_elem(&variants, &key);
	return found ? *found % SWOLL_MAX_PLANS : id;
}

/* Who wants a call of this scope, if anybody, and in which cells it is counted, if at all. */
static __always_inline void find_routes(struct scope *scope, struct wanted *to,
					struct task_struct *task)
{
	struct routes routes;

	if (scope->counted)
		to->cell_key = swoll_cell_key(scope->container, to->id);
	routes = routes_of(scope, to->id, task);
	to->container = scope->container;
	to->route = routes.first;
	to->route2 = routes.second;
}

static __always_inline int is_traced(struct wanted *wanted)
{
	return wanted->route || wanted->route2;
}

static __always_inline int is_wanted(struct wanted *wanted)
{
	return is_traced(wanted) || wanted->cell_key;
}

/* From here on the call is in flight. Its arguments are in the state; answers whether its inputs
 * are still to be read. */
static __always_inline int begin(struct task_struct *task, struct inflight *call,
				 struct wanted *wanted)
{
	const volatile struct swoll_call_plan *plan = &plans[wanted->id & (SWOLL_MAX_TYPES - 1)];
	u8 returns = !(plan->flags & SWOLL_CALL_noreturn);

	call->record.number = wanted->number;
	call->epoch = epoch;
	call->record.arch = wanted->compat ? compat_arch : native_arch;
	call->record.flags = 0;
	call->cell_key = wanted->cell_key;
	if (wanted->cell_key && !returns)
		count_call(wanted->cell_key, 0);
	if (!is_traced(wanted)) {
		call->plan = wanted->id;
		call->record.start = bpf_ktime_get_ns();
		call->active = returns ? CALL_COUNTED : 0;
		return 0;
	}
	call->plan = plan_for(wanted->id & (SWOLL_MAX_TYPES - 1), call);
	note_caller(&call->record, task);
	call->record.container = wanted->container;
	call->record.type = wanted->id;
	call->record.route = wanted->route;
	call->record.route2 = wanted->route2;
	call->faulted = 0;
	call->captured = 0;
	call->given_length = 0;
	call->record.start = bpf_ktime_get_ns();
	if (returns)
		call->active = wanted->cell_key ? CALL_TRACED | CALL_COUNTED : CALL_TRACED;
	else if (still_wanted(call, 0, call->record.start)) /* it has no memory arguments */
		emit_small(call, 0, call->record.start, SWOLL_RECORD_noreturn);
	return returns && wants_inputs(plan_of(call));
}

static __always_inline void forget_unfinished(struct inflight *call)
{
	u8 active = call->active;

	if (!active)
		return;
	call->active = 0;
	if (active & CALL_TRACED && call->epoch == epoch)
		abandon(call);
}

/* A slot's state that has lost its scope. */
__noinline int learn_scope_again(struct inflight *call)
{
	if (call)
		learn_scope(call, bpf_get_current_task_btf());
	return 0;
}

/* The arguments of a call that somebody traces. */
static __always_inline void note_args(struct inflight *call, struct pt_regs *regs,
				      struct wanted *wanted)
{
	const volatile struct swoll_call_plan *plan = &plans[wanted->id & (SWOLL_MAX_TYPES - 1)];

	if (!is_traced(wanted))
		return;
	if (plan->nargs)
		read_args(regs, wanted->compat, call->record.args);
	if (plan->flags & SWOLL_CALL_frame)
		call->record.args[0] = frame_of(regs, wanted->compat);
}

/* Which call its number means to the task. */
static __always_inline void name_call(struct wanted *wanted, struct task_struct *task)
{
	wanted->compat = is_compat(task);
	wanted->id = call_of((s32)wanted->number, wanted->compat) & (SWOLL_MAX_TYPES - 1);
}

#endif
