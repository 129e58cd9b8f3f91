/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A cgroup that is being made may be a container's, whose first call comes before anybody can say
 * so. While traces wait for containers, or all calls are counted, it gets a scope here, before any
 * task can be in it: its calls are captured, and the daemon is told of it.
 */
#ifndef SWOLL_NEWCOMER_H
#define SWOLL_NEWCOMER_H

#include "scope.h"
#include "count.h"

struct newcomer_record {
	struct swoll_newcomer head;
	char path[SWOLL_NEWCOMER_PATH];
};

/* Of a container that has a name every cgroup below it is. What else stands in the map says nothing
 * of those below: newcomers (a pod's cgroup is no container), units, cgroups that a trace asks for.
 */
static __always_inline int in_named(struct kernfs_node *kn, const int renamed)
{
	for (int i = 0; i < CGROUP_DEPTH && kn; i++) {
		u64 id = kn->id;
		struct swoll_scope *found = bpf_map_lookup_elem(&cgroups, &id);

		if (found && found->container &&
		    !(found->container & (SWOLL_NEWCOMER | SWOLL_UNIT)))
			return 1;
		kn = parent_of(kn, renamed);
	}
	return 0;
}

static __always_inline void show_newcomer(struct cgroup *cgroup, const char *path,
					  const int renamed)
{
	struct swoll_scope scope = {.row = SWOLL_NEWCOMER_ROW, .counted = counting};
	struct kernfs_node *kn = cgroup->kn, *parent = parent_of(kn, renamed);
	struct newcomer_record *r;
	u64 id = kn->id;
	long length;

	if (in_named(parent, renamed))
		return;
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&newcomers_lost, 1);
		return;
	}
	length = bpf_probe_read_kernel_str(r->path, sizeof(r->path), path);
	r->head.size = sizeof(*r);
	r->head.call = SWOLL_CALL_NEWCOMER;
	r->head.length = length > 0 ? length - 1 : 0;
	r->head.level = cgroup->level;
	r->head.pad = 0;
	r->head.id = id;
	r->head.parent = parent ? parent->id : 0;
	/* From now on cgroups are looked up without the daemon's filter, which knows nothing of it.
	 */
	__sync_fetch_and_add(&newcomer_count, 1);
	scope.container = SWOLL_NEWCOMER | id;
	if (bpf_map_update_elem(&cgroups, &id, &scope, BPF_NOEXIST)) {
		__sync_fetch_and_add(&newcomer_count, -1);
		__sync_fetch_and_add(&newcomers_lost, 1);
		bpf_ringbuf_discard(r, 0);
		return;
	}
	bpf_ringbuf_submit(r, BPF_RB_FORCE_WAKEUP);
}

/* Hierarchies of cgroup v1 have cgroups of their own, which name nobody. */
static __always_inline int in_default_hierarchy(struct cgroup *cgroup)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return cgroup->root == task->cgroups->dfl_cgrp->root;
}

#endif
