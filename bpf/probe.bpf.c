// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs, one object: they share maps and the ring. Those of a kind of event are attached
 * only while somebody wants it.
 */
#include "lib/newcomer.h"
#include "processes/programs.h"
#include "syscalls/programs.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* After the task has moved: what was known of scopes may be wrong. It happens when a container
 * starts or is entered, so all are looked up again. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(swoll_move, struct cgroup *to)
{
	if (in_default_hierarchy(to))
		__sync_fetch_and_add(&scope_generation, 1);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(swoll_newcomer, struct cgroup *cgroup, const char *path)
{
	if (!in_default_hierarchy(cgroup))
		return 0;
	if (bpf_core_field_exists(struct cgroup___ids, ancestor_ids))
		show_newcomer(cgroup, path, 1);
	else
		show_newcomer(cgroup, path, 0);
	return 0;
}
