/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a descriptor stands for at the moment of the call, and where a relative path begins.
 *
 * Nothing is locked here. What another processor may change meanwhile is looked at twice, and
 * counts when it was the same both times: a descriptor that was closed gives no block, and a path
 * is read again when one of its folders was renamed.
 */
#ifndef SWOLL_TARGET_H
#define SWOLL_TARGET_H

#include <bpf/bpf_endian.h>

#include "lib/path.h"
#include "syscalls/capture.h"

#define HEAD_ROOM 512 /* a target's head and all that is known of a socket */
#define AT_FDCWD_ (-100)

#define S_IFMT_	  0170000
#define S_IFSOCK_ 0140000
#define SOCKFS_	  0x534f434b /* include/uapi/linux/magic.h */
#define AF_UNIX_  1
#define AF_INET_  2
#define AF_INET6_ 10

/* The name of a socket of AF_UNIX; answers its length. */
static __always_inline u32 put_unix_name(struct buffer *b, u64 sk)
{
	u64 address = sk ? member_of(sk, struct unix_sock, addr) : 0;
	u32 used, length;

	if (!address)
		return 0;
	length = member_of(address, struct unix_address, len);
	one_value(length);
	if (!length || length > SWOLL_UNIX_NAME)
		return 0;
	used = b->used;
	one_value(used);
	if (used > UNTIL(SMALL) + BLOCK)
		return 0;
	if (bpf_probe_read_kernel(place(b, used, "socket name"), length,
				  (void *)address_of(address, struct unix_address, name)))
		return 0;
	b->used = used + length;
	return length;
}

/* A socket's addresses, as it has them itself (include/net/sock.h, struct sock_common). */
static __always_inline void read_addresses(struct swoll_socket *s, u64 sk)
{
	if (s->family == AF_INET_) {
		*(u32 *)s->local = member_of(sk, struct sock, __sk_common.skc_rcv_saddr);
		*(u32 *)s->peer = member_of(sk, struct sock, __sk_common.skc_daddr);
	} else if (s->family == AF_INET6_ &&
		   bpf_core_field_exists(struct sock_common, skc_v6_daddr)) {
		bpf_probe_read_kernel(
		    s->local, 16,
		    (void *)address_of(sk, struct sock, __sk_common.skc_v6_rcv_saddr));
		bpf_probe_read_kernel(
		    s->peer, 16, (void *)address_of(sk, struct sock, __sk_common.skc_v6_daddr));
	} else {
		return;
	}
	s->local_port = bpf_htons(member_of(sk, struct sock, __sk_common.skc_num));
	s->peer_port = member_of(sk, struct sock, __sk_common.skc_dport);
	s->interface = member_of(sk, struct sock, __sk_common.skc_bound_dev_if);
}

static __always_inline void put_socket(struct buffer *b, u64 file)
{
	u64 socket = member_of(file, struct file, private_data);
	u64 sk = socket ? member_of(socket, struct socket, sk) : 0, peer;
	u32 used = b->used;
	struct swoll_socket *s;

	if (used > UNTIL(HEAD_ROOM) + BLOCK)
		return;
	s = (struct swoll_socket *)place(b, used, "socket");
	__builtin_memset(s, 0, sizeof(*s));
	b->used = used + sizeof(*s);
	if (!sk)
		return;
	s->family = member_of(sk, struct sock, __sk_common.skc_family);
	s->state = member_of(sk, struct sock, __sk_common.skc_state);
	s->type = member_of(sk, struct sock, sk_type);
	s->protocol = member_of(sk, struct sock, sk_protocol);
	read_addresses(s, sk);
	if (s->family != AF_UNIX_ || !bpf_core_type_exists(struct unix_sock))
		return;
	s->local_length = put_unix_name(b, sk);
	peer = member_of(sk, struct unix_sock, peer);
	used = b->used;
	s->peer_length = put_unix_name(b, peer);
	if (peer == member_of(sk, struct unix_sock, peer))
		return;
	/* It found another one meanwhile. */
	b->used = used;
	s->peer_length = 0;
}

/* The open file of that number, 0 if there is none. */
static __always_inline u64 file_of(struct task_struct *task, u32 fd)
{
	struct fdtable *table = task->files->fdt;
	u64 file = 0;

	if (fd < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), (void *)((u64)table->fd + fd * 8ull));
	return file;
}

/* Where a descriptor leads, or the working folder. */
static __always_inline void find_path(struct task_struct *task, u64 file, u64 *dentry, u64 *mnt)
{
	if (file) {
		*dentry = member_of(file, struct file, f_path.dentry);
		*mnt = member_of(file, struct file, f_path.mnt);
	} else {
		*dentry = (u64)task->fs->pwd.dentry;
		*mnt = (u64)task->fs->pwd.mnt;
	}
}

/* The block of a descriptor's file, or with AT_FDCWD of the working folder. */
__noinline int put_target(struct buffer *b, s32 fd, u32 which)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 file = 0, dentry, mnt, mount, inode, dentry2, mnt2;
	struct swoll_target *target;
	u64 start;
	u32 flags, end;

	if (!b)
		return 0;
	start = b->used;
	one_value(start);
	if (start > UNTIL(HEAD_ROOM))
		return 0;
	one_value(start); /* what is put by for later is what was checked: kernels before 6.8 */
	if (fd != AT_FDCWD_) {
		file = file_of(task, fd);
		if (!file)
			return 0;
	}
	find_path(task, file, &dentry, &mnt);
	mount = mount_of(mnt);
	inode = file ? member_of(file, struct file, f_inode)
		     : member_of(dentry, struct dentry, d_inode);

	target = (struct swoll_target *)place(b, start + BLOCK, "target");
	describe(target, inode);
	b->used = start + BLOCK + sizeof(*target);
	see_as(b, task->fs);

	if (file && target->magic == SOCKFS_ && (target->mode & S_IFMT_) == S_IFSOCK_) {
		flags = SWOLL_TARGET_socket;
		put_socket(b, file);
	} else {
		flags = put_path_or_name(b, dentry, mount, inode, target->magic);
	}
	target->flags = flags;

	end = b->used;
	b->used = start;
	find_path(task, file, &dentry2, &mnt2);
	if (dentry2 == dentry && mnt2 == mnt && (!file || file_of(task, fd) == file))
		close_block(b, start, which, end - start - BLOCK, 0);
	return 0;
}

/* Whether a path leads on from a folder: it is there, and neither absolute nor empty. What can't
 * be read now is read when the call ends. */
static __always_inline int is_relative(u64 path)
{
	char first = 'x';

	if (!path)
		return 0;
	bpf_probe_read_user(&first, 1, (void *)path);
	return first && first != '/';
}

/* What the arguments of a call name. */
__noinline int put_targets(struct buffer *b, struct inflight *call)
{
	const volatile struct swoll_call_plan *plan;
	u32 descriptors, paths, folders;

	if (!b || !call)
		return 0;
	plan = plan_of(call);
	descriptors = plan->descriptors;
	paths = plan->paths;
	folders = plan->folders;
	for (u32 arg = 0; arg < SWOLL_ARGS; arg++) {
		u32 bit = 1u << arg;
		s32 fd = call->record.args[arg];

		if (descriptors & bit) {
			u64 path = arg + 1 < SWOLL_ARGS ? call->record.args[arg + 1] : 0;
			char first = 0;

			if (!(folders & bit)) {
				if (fd >= 0)
					put_target(b, fd, BLOCK_OF(arg, target, 0));
				continue;
			}
			if (paths >> 1 & bit && path)
				bpf_probe_read_user(&first, 1, (void *)path);
			if (first != '/' && (fd >= 0 || fd == AT_FDCWD_))
				put_target(b, fd, BLOCK_OF(arg, target, 0));
		} else if (paths & bit && !(folders << 1 & bit)) {
			if (is_relative(call->record.args[arg]))
				put_target(b, AT_FDCWD_, BLOCK_OF(arg, base, 0));
		}
	}
	return 0;
}

static __always_inline int wants_targets(const volatile struct swoll_call_plan *plan)
{
	return settings.targets && (plan->descriptors | plan->paths);
}

/* Of a call that has made a descriptor. */
static __always_inline int has_made(const volatile struct swoll_call_plan *plan, s64 ret)
{
	return settings.targets && plan->flags & SWOLL_CALL_makes_fd && ret >= 0;
}

#endif
