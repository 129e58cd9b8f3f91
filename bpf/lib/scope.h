/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose event is it? The container is the nearest cgroup v2 ancestor that the daemon has named, so
 * a container that makes cgroups of its own stays one container. Where no cgroup names it, the
 * pid namespace does. A unit of systemd is named likewise, but is a part of the host.
 *
 * The answer is kept for each thread until a scope or some task's cgroup changes. To find it costs
 * three loads and one test of a Bloom filter for each depth at which a cgroup is wanted and, before
 * Linux 6.2 alone, some helper calls; how deep the process itself is costs nothing.
 */
#ifndef SWOLL_SCOPE_H
#define SWOLL_SCOPE_H

#include "lib/maps.h"

#define PID_NAMESPACES 33 /* one in another: the initial one and MAX_PID_NS_LEVEL */

static __always_inline int may_hold(u64 id)
{
	u32 bit = swoll_bloom_bit(id);

	return !!(scope_bloom[bit / 64] & (1ull << (bit % 64)));
}

/* Of the ancestor at that depth of a cgroup, itself the last. The kernel has a table: of addresses,
 * or before 6.1 of ids. `ids` is a constant where this is called, so that no offset of the other
 * table is left in the program, not even one that is computed and not used. */
static __always_inline u64 ancestor_id(struct cgroup *cgroup, u32 depth, const int ids)
{
	u64 at = (u64)cgroup, id = 0;

	one_value(depth);
	depth &= SWOLL_DEPTHS - 1; /* as the verifier sees it, too */
	if (ids) {
		at = address_of(at, struct cgroup___ids, ancestor_ids) + depth * sizeof(u64);
		bpf_probe_read_kernel(&id, sizeof(id), (void *)at);
		return id;
	}
	at = address_of(at, struct cgroup, ancestors) + depth * sizeof(u64);
	at = member_of(at - bpf_core_field_offset(struct cgroup_subsys_state, cgroup),
		       struct cgroup_subsys_state, cgroup);
	return member_of(member_of(at, struct cgroup, kn), struct kernfs_node, id);
}

/* The nearest cgroup with a scope. Only those that some trace wants are in the Bloom filter; the
 * others are in the map for their names alone and are looked for when a call is wanted for another
 * reason (all = 1). Depths at which there is none are not looked at, so it does not matter how far
 * below the cgroup the task is. */
static __always_inline struct swoll_scope *walk_up(struct cgroup *cgroup, int all, const int ids)
{
	const u32 deepest = SWOLL_DEPTHS - 1;
	u64 depths = all ? known_depths | newcomer_depths : shown_depths;
	u32 level = cgroup->level;

	for (u32 up = level < deepest ? deepest - level : 0; up <= deepest; up++) {
		u64 rest = depths << up; /* the highest bit is that of the depth that is next */
		struct swoll_scope *found;
		u64 id;

		if (!rest)
			break;
		if (!(rest >> deepest))
			continue;
		id = ancestor_id(cgroup, deepest - up, ids);
		if (!all && !may_hold(id))
			continue;
		found = bpf_map_lookup_elem(&cgroups, &id);
		if (found)
			return found;
	}
	return 0;
}

static __always_inline struct swoll_scope *cgroup_scope(struct cgroup *cgroup, int all)
{
	all = all || newcomer_count; /* of which the filter does not know (newcomer.h) */
	if (bpf_core_field_exists(struct cgroup___ids, ancestor_ids))
		return walk_up(cgroup, all, 1);
	return walk_up(cgroup, all, 0);
}

/* Of the task that runs, whoever wants it. A function of its own, which the verifier looks at once.
 */
__noinline int any_cgroup_scope(struct swoll_scope *out)
{
	struct swoll_scope *found = cgroup_scope(bpf_get_current_task_btf()->cgroups->dfl_cgrp, 1);

	if (!found || !out)
		return 0;
	*out = *found;
	return 1;
}

/* The active namespace is that of the task's own pid. What its children will get is that one or,
 * after unshare and setns, one below it (kernel/pid_namespace.c, pidns_install): from there up to
 * the pid's level is the same namespace, in loads alone. */
static __always_inline struct pid_namespace *active_pid_ns(struct task_struct *task)
{
	struct pid_namespace *ns = task->nsproxy->pid_ns_for_children;
	u32 level = task->thread_pid->level;

	for (int i = 0; i < PID_NAMESPACES && ns && ns->level > level; i++)
		ns = ns->parent;
	return ns;
}

/* Clock ticks of user space, USER_HZ, which is 100 on all of these. */
#define NS_PER_TICK 10000000

/* Whether it is the namespace that the daemon meant, and not a later one with its number. */
static __always_inline int is_as_old_as(struct pid_namespace *ns, u64 begun)
{
	return !begun || ns->child_reaper->group_leader->start_boottime / NS_PER_TICK <= begun;
}

static __always_inline struct swoll_scope *pid_namespace_scope(struct task_struct *task)
{
	struct pid_namespace *ns;

	if (!pid_namespace_count || (!root_namespace_named && task->thread_pid->level == 0))
		return 0;
	ns = active_pid_ns(task);
	for (int i = 0; i < PID_NAMESPACES && ns; i++) {
		u32 inum = ns->ns.inum;

		if (may_hold(inum)) {
			struct swoll_scope *found = bpf_map_lookup_elem(&pid_namespaces, &inum);

			if (found && is_as_old_as(ns, found->begun))
				return found;
		}
		if (ns->level <= 1 && !root_namespace_named)
			return 0;
		ns = ns->parent;
	}
	return 0;
}

/* A process of another pid namespace that nothing has named yet is not the host's: its container
 * is on its way. */
static __always_inline u32 row_of_host(struct task_struct *task)
{
	return host_row && task->thread_pid->level == 0 ? host_row : 0;
}

/* `runs`: it is the task that runs. */
static __always_inline void find_scope_of(struct task_struct *task, struct scope *out,
					  const int runs)
{
	struct swoll_scope any = {}, *named = cgroup_scope(task->cgroups->dfl_cgrp, 0);
	struct swoll_scope *by_pid = pid_namespace_scope(task);
	int entered = by_pid && by_pid->container & SWOLL_ENTERED;
	u32 host = 0;

	out->container = 0;
	out->row = 0;
	out->row2 = 0;
	out->counted = 0;
	if (!named || !named->container || named->container & SWOLL_UNIT) {
		host = entered ? host_row : row_of_host(task);
		if (!named && !by_pid && !host)
			return;
		/* What nobody wants may still lie between the two. */
		if (runs)
			named = any_cgroup_scope(&any) ? &any : 0;
		else
			named = cgroup_scope(task->cgroups->dfl_cgrp, 1);
		/* A unit is the host's: a new pid namespace in it is a container, or will be. */
		if (named && named->container & SWOLL_UNIT && task->thread_pid->level && !entered)
			named = 0;
	}
	if (named) {
		out->container = named->container;
		out->row = named->row;
		out->counted = named->counted;
		out->row2 = by_pid ? by_pid->row : 0;
	} else if (by_pid && by_pid->container && !entered) {
		out->container = by_pid->container;
		out->row = by_pid->row;
		out->counted = by_pid->counted;
	} else {
		/* A namespace that was asked for by number and is no container. */
		out->row = host;
		out->row2 = by_pid ? by_pid->row : 0;
	}
}

static __always_inline u32 route_of(u32 row, u16 type)
{
	return rows[row & (SWOLL_MAX_ROWS - 1)][type & (SWOLL_MAX_TYPES - 1)];
}

static __always_inline void find_scope(struct task_struct *task, struct scope *out)
{
	find_scope_of(task, out, 1);
}

#endif
