/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose call is it? The container is the nearest cgroup v2 ancestor that the daemon has named, so
 * a container that makes cgroups of its own stays one container. Where no cgroup names it, the
 * pid namespace does.
 *
 * This is the path of every call on the node while anything is traced: a process outside costs two
 * loads and one test of a Bloom filter for each level of its cgroup, and no helper call.
 */
#ifndef SWOLL_SCOPE_H
#define SWOLL_SCOPE_H

#include "maps.h"

#define CGROUP_DEPTH	    12
#define PID_NAMESPACE_DEPTH 4

struct scope {
	u64 container;
	u32 row;
	u32 row2; /* of a pid namespace, beside the container's */
};

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *kn)
{
	if (bpf_core_field_exists(kn->parent))
		return kn->parent;
	return ((struct kernfs_node___rcu *)kn)->__parent;
}

/* The daemon computes the same (bpf-probe.cc). */
static __always_inline u32 bloom_bit(u64 id)
{
	return (id * 0x9e3779b97f4a7c15ull) >> 48;
}

static __always_inline struct swoll_scope *cgroup_scope(struct task_struct *task)
{
	struct kernfs_node *kn = task->cgroups->dfl_cgrp->kn;

	for (int i = 0; i < CGROUP_DEPTH && kn; i++) {
		u64 id = kn->id;
		u32 bit = bloom_bit(id);

		if (cgroup_bloom[bit / 64] & (1ull << (bit % 64))) {
			struct swoll_scope *found = bpf_map_lookup_elem(&cgroups, &id);

			if (found)
				return found;
		}
		kn = parent_of(kn);
	}
	return 0;
}

/* The active namespace, which is that of the task's own pid; nsproxy has only the one that its
 * children will get (kernel/pid.c, task_active_pid_ns). */
static __always_inline struct pid_namespace *active_pid_ns(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	u32 level;
	struct pid_namespace *ns = 0;

	if (!pid)
		return 0;
	level = pid->level;
	bpf_probe_read_kernel(&ns, sizeof(ns),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				  level * bpf_core_type_size(struct upid) +
				  bpf_core_field_offset(struct upid, ns));
	return ns;
}

static __always_inline struct swoll_scope *pid_namespace_scope(struct task_struct *task)
{
	struct pid_namespace *ns;

	if (!pid_namespace_count)
		return 0;
	ns = active_pid_ns(task);
	for (int i = 0; i < PID_NAMESPACE_DEPTH && ns; i++) {
		u32 inum = BPF_CORE_READ(ns, ns.inum);
		struct swoll_scope *found = bpf_map_lookup_elem(&pid_namespaces, &inum);

		if (found)
			return found;
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

/* A process of another pid namespace that nothing has named yet is not the host's: its container
 * is on its way. */
static __always_inline u32 row_of_host(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;

	return pid && pid->level == 0 ? host_row : 0;
}

static __always_inline void find_scope(struct task_struct *task, struct scope *out)
{
	struct swoll_scope *named = cgroup_scope(task);
	struct swoll_scope *by_pid = pid_namespace_scope(task);

	if (named) {
		out->container = named->container;
		out->row = named->row;
		out->row2 = by_pid ? by_pid->row : 0;
	} else if (by_pid) {
		out->container = by_pid->container;
		/* A namespace that was asked for by number and holds host processes has no
		 * container: those are the host's too. */
		out->row = by_pid->container ? by_pid->row : row_of_host(task);
		out->row2 = by_pid->container ? 0 : by_pid->row;
	} else {
		out->container = 0;
		out->row = row_of_host(task);
		out->row2 = 0;
	}
}

static __always_inline u32 route_of(u32 row, u16 call)
{
	return rows[row & (SWOLL_MAX_ROWS - 1)][call & (SWOLL_MAX_CALLS - 1)];
}

#endif
