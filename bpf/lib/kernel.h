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

/* From here on a value in one register: what is checked is what is used. */
#define one_value(value) asm volatile("" : "+r"(value))

#define SWOLL_CORE __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} SWOLL_CORE;

struct pid_namespace {
	struct ns_common ns;
	struct task_struct *child_reaper;
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

typedef struct {
	int counter;
} SWOLL_CORE atomic_t;

struct mm_struct;
struct signal_struct {
	atomic_t live;	     /* threads that have not ended */
	struct pid *pids[4]; /* enum pid_type: PID, TGID, PGID, SID */
	int group_exit_code;
	unsigned int flags;
	struct mm_struct *oom_mm;
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
} SWOLL_CORE;

struct cgroup_root;
struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
	struct cgroup *ancestors[1];
} SWOLL_CORE;
/* Before 6.1. */
struct cgroup___ids {
	u64 ancestor_ids[1];
} SWOLL_CORE;
/* What begins with a pointer to a cgroup, and so tells the verifier what lies at an address. */
struct cgroup_subsys_state {
	struct cgroup *cgroup;
} SWOLL_CORE;

struct css_set {
	struct cgroup *dfl_cgrp;
} SWOLL_CORE;

struct file;
struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long saved_auxv[2];
} SWOLL_CORE;

/* Files: what a descriptor stands for (path.h). */
struct proc_ns_operations {
	const char *name;
} SWOLL_CORE;
struct ns_common___ops {
	const struct proc_ns_operations *ops;
} SWOLL_CORE;

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
} SWOLL_CORE;

struct inode {
	u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	u32 i_rdev;
	void *i_private;
} SWOLL_CORE;

struct qstr {
	const unsigned char *name;
} SWOLL_CORE;

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
} SWOLL_CORE;

typedef struct {
	u32 sequence;
} SWOLL_CORE seqcount_t;
typedef struct {
	seqcount_t seqcount;
} SWOLL_CORE seqcount_spinlock_t;

struct dentry {
	seqcount_spinlock_t d_seq;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} SWOLL_CORE;

struct vfsmount {
	struct dentry *mnt_root;
} SWOLL_CORE;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} SWOLL_CORE;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} SWOLL_CORE;

struct fs_struct {
	struct path root;
	struct path pwd;
} SWOLL_CORE;

struct file {
	void *private_data;
	struct inode *f_inode;
	struct path f_path;
} SWOLL_CORE;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} SWOLL_CORE;

struct files_struct {
	struct fdtable *fdt;
} SWOLL_CORE;

struct in6_addr {
	u8 bytes_[16];
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} SWOLL_CORE;

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
} SWOLL_CORE;

struct socket {
	struct sock *sk;
} SWOLL_CORE;

struct sockaddr_un {
	unsigned short sun_family;
} SWOLL_CORE;
struct unix_address {
	int len;
	struct sockaddr_un name[0];
} SWOLL_CORE;

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
} SWOLL_CORE;

struct bpf_local_storage;

struct thread_info {
	unsigned long flags;
	u32 status; /* x86 alone */
} SWOLL_CORE;

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	u32 self_exec_id; /* another one after each exec */
	int pid;
	int tgid;
	char comm[16];
	u64 start_boottime;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct signal_struct *signal;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	const struct cred *cred;
	struct css_set *cgroups;
	struct bpf_local_storage *bpf_storage;
} SWOLL_CORE;

struct linux_binprm {
	const char *filename;
} SWOLL_CORE;

/* The kernel has its members in an unnamed structure, which CO-RE looks through. */
struct kernel_siginfo {
	int si_code;
} SWOLL_CORE;

/* What an iterator of tasks is given (kernel/bpf/task_iter.c). */
struct bpf_iter_meta;
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* Pointers that the verifier has no type for. Kernels from 6.2 on let a program say the type, and
 * then it may load from there at a load's price; before, each member costs a helper's call. */
extern void *bpf_rdonly_cast(const void *, u32)
__ksym __weak;
enum special_kfunc_type { KF_bpf_rdonly_cast = 1 };
#define can_cast() bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)
#define cast_to(type, address)                                                                     \
	((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

#define address_of(from, type, member) ((from) + bpf_core_field_offset(type, member))
#define member_of(from, type, member)                                                              \
	({                                                                                         \
		u64 from_ = (u64)(from), value_ = 0;                                               \
		if (can_cast())                                                                    \
			value_ = (u64)cast_to(type, from_)->member;                                \
		else                                                                               \
			bpf_probe_read_kernel(&value_, sizeof(((type *)0)->member),                \
					      (void *)address_of(from_, type, member));            \
		value_;                                                                            \
	})

#endif
