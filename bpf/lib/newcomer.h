/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A cgroup that is being made may be a container's, whose first call comes before anybody can say
 * so. While traces wait for containers, or all calls are counted, it gets a scope here, before any
 * task can be in it: its calls are captured, and the daemon is told of it.
 */
#ifndef SWOLL_NEWCOMER_H
#define SWOLL_NEWCOMER_H

#include "lib/scope.h"

struct newcomer_record {
	struct swoll_newcomer head;
	char path[SWOLL_NEWCOMER_PATH];
};

/* Of a container that has a name every cgroup below it is. What else stands in the map says nothing
 * of those below: newcomers (a pod's cgroup is no container), units, cgroups that a trace asks for.
 * `others`: the marks of handles that do not count. */
static __always_inline int is_in_container(struct cgroup *cgroup, u64 others, const int ids)
{
	u64 depths = known_depths | newcomer_depths;
	u32 level = cgroup->level;

	for (u32 depth = 0; depth < SWOLL_DEPTHS && depth < level; depth++) {
		struct swoll_scope *found;
		u64 id;

		if (!(depths >> depth & 1))
			continue;
		id = ancestor_id(cgroup, depth, ids);
		found = bpf_map_lookup_elem(&cgroups, &id);
		if (found && found->container && !(found->container & others))
			return 1;
	}
	return 0;
}

static __always_inline void show_newcomer(struct cgroup *cgroup, const char *path, const int ids)
{
	struct swoll_scope scope = {.row = SWOLL_NEWCOMER_ROW, .counted = counting};
	struct newcomer_record *r;
	u64 id = cgroup->kn->id;
	u32 level = cgroup->level;
	long length;

	if (is_in_container(cgroup, SWOLL_UNIT | SWOLL_NEWCOMER, ids))
		return;
	if (level >= SWOLL_DEPTHS) {
		/* What it does is the newcomer's that it is in, if any. */
		if (!is_in_container(cgroup, SWOLL_UNIT, ids))
			__sync_fetch_and_add(&cgroups_too_deep, 1);
		return;
	}
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&newcomers_lost, 1);
		return;
	}
	length = bpf_probe_read_kernel_str(r->path, sizeof(r->path), path);
	r->head.size = sizeof(*r);
	r->head.type = SWOLL_TYPE_NEWCOMER;
	r->head.length = length > 0 ? length - 1 : 0;
	r->head.level = level;
	r->head.pad = 0;
	r->head.id = id;
	r->head.parent = level ? ancestor_id(cgroup, level - 1, ids) : 0;
	/* From now on cgroups are looked up without the daemon's filter, which knows nothing of it.
	 */
	__sync_fetch_and_or(&newcomer_depths, 1ull << level);
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
