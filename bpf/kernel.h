/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structures that are read, each with only the members that are read. CO-RE moves
 * the offsets to the running kernel's (Documentation/bpf/libbpf/), so no vmlinux.h is needed and
 * the build machine needs no BTF.
 */
#ifndef SWOLL_KERNEL_H
#define SWOLL_KERNEL_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define SWOLL_CORE __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} SWOLL_CORE;

struct pid_namespace {
	struct ns_common ns;
	unsigned int level;
	struct pid_namespace *parent;
} SWOLL_CORE;
struct uts_namespace {
	struct ns_common ns;
} SWOLL_CORE;
struct mnt_namespace {
	struct ns_common ns;
} SWOLL_CORE;
struct net {
	struct ns_common ns;
} SWOLL_CORE;
struct ipc_namespace {
	struct ns_common ns;
} SWOLL_CORE;
struct user_namespace {
	struct ns_common ns;
} SWOLL_CORE;
struct cgroup_namespace {
	struct ns_common ns;
} SWOLL_CORE;

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct cgroup_namespace *cgroup_ns;
	struct pid_namespace *pid_ns_for_children;
} SWOLL_CORE;

struct upid {
	int nr;
	struct pid_namespace *ns;
} SWOLL_CORE;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} SWOLL_CORE;

struct signal_struct {
	struct pid *pids[4]; /* enum pid_type: PID, TGID, PGID, SID */
} SWOLL_CORE;
#define SWOLL_PIDTYPE_SID 3

typedef struct {
	u32 val;
} kuid_t;
typedef struct {
	u32 val;
} kgid_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	struct user_namespace *user_ns;
} SWOLL_CORE;

struct kernfs_node {
	u64 id;
	struct kernfs_node *parent;
} SWOLL_CORE;
/* 6.15 made the parent an RCU pointer and renamed it. */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
} SWOLL_CORE;

struct cgroup {
	int level;
	struct kernfs_node *kn;
} SWOLL_CORE;

struct css_set {
	struct cgroup *dfl_cgrp;
} SWOLL_CORE;

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long saved_auxv[2];
} SWOLL_CORE;

struct bpf_local_storage;

struct thread_info {
	unsigned long flags;
	u32 status; /* x86 alone */
} SWOLL_CORE;

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	int pid;
	int tgid;
	char comm[16];
	struct pid *thread_pid;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	const struct cred *cred;
	struct css_set *cgroups;
	struct bpf_local_storage *bpf_storage;
} SWOLL_CORE;

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bp, r10, r9, r8, cx, dx, si, di, bx, ax, orig_ax, sp;
} SWOLL_CORE;
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	unsigned long regs[31];
	unsigned long sp;
	int syscallno;
} SWOLL_CORE;
#else
#error "this architecture has no register layout here yet"
#endif

#endif
