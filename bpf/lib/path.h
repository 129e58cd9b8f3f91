/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file's path, from its last component up to its process's root.
 *
 * Nothing is locked here. What another processor may change meanwhile is looked at twice, and a
 * path is read again when one of its folders was renamed.
 */
#ifndef SWOLL_PATH_H
#define SWOLL_PATH_H

#include "lib/strings.h"

#define PATH_MOST  32	/* components and mount points */
#define PATH_BYTES 1536 /* two such paths leave room for a string of any length */
#define PATH_TRIES 4
#define NSFS_	   0x6e736673 /* include/uapi/linux/magic.h */

/* Half of an address, as a number: the verifier lets no program count with a pointer. */
static __always_inline u32 low_half(u64 address)
{
	u32 half;

	asm volatile("%0 = %1" : "=w"(half) : "w"((u32)address));
	return half;
}

static __always_inline u64 mount_of(u64 vfsmount)
{
	return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

/* The way from b->dentry of b->mount up to the process's root, as fs/d_path.c goes it
 * (prepend_path). The first time, with `steps` 0, puts the names on it and notes how far it went;
 * answers a print of all that it came by. Another way of as many steps has another print if
 * something on it was renamed or mounted meanwhile. 0: something is being renamed now. */
__noinline int walk_path(struct buffer *b, u32 steps)
{
	u64 root, root_mount, dentry, mount, mount_root;
	u32 names = !steps, print = 1, start, i;

	if (!b)
		return 0;
	start = b->used;
	root = b->root;
	root_mount = b->root_mount;
	dentry = b->dentry;
	mount = b->mount;
	mount_root = member_of(mount, struct mount, mnt.mnt_root);
	if (names)
		b->cut = 1;
	for (i = 0; i < PATH_MOST; i++) {
		u32 used = running(b), sequence;
		u64 parent;

		if (!names && i >= steps)
			break;
		if (dentry == root && mount == root_mount) {
			b->cut = 0;
			break;
		}
		if (dentry == mount_root) {
			parent = member_of(mount, struct mount, mnt_parent);
			if (parent == mount) {
				b->cut = 0; /* outside of the process's root, or mounted nowhere */
				break;
			}
			dentry = member_of(mount, struct mount, mnt_mountpoint);
			mount = parent;
			mount_root = member_of(mount, struct mount, mnt.mnt_root);
			print = print * 31 + low_half(mount);
			continue;
		}
		sequence = member_of(dentry, struct dentry, d_seq.seqcount.sequence);
		if (sequence & 1)
			return 0;
		parent = member_of(dentry, struct dentry, d_parent);
		if (parent == dentry) {
			b->cut = 0;
			break;
		}
		if (names) {
			u64 name = member_of(dentry, struct dentry, d_name.name);
			long n;

			if (used > UNTIL(SMALL) + BLOCK || used - start > PATH_BYTES)
				break;
			n = bpf_probe_read_kernel_str(place(b, used, "component"), SMALL,
						      (void *)name);
			if (n <= 0 || n > SMALL)
				return 0;
			running(b) = used + n;
		}
		print = (print * 31 + low_half(dentry)) * 31 + sequence;
		dentry = parent;
	}
	if (names)
		b->steps = i;
	return print | 1;
}

/* Paths are as the process sees them that `fs` is of, from here on. */
static __always_inline void see_as(struct buffer *b, struct fs_struct *fs)
{
	b->root = (u64)fs->root.dentry;
	b->root_mount = mount_of((u64)fs->root.mnt);
}

/* The path at the end of the buffer. Answers flags. */
static __always_inline u32 put_path(struct buffer *b, u64 dentry, u64 mount)
{
	u32 start = b->used;

	b->dentry = dentry;
	b->mount = mount;
	for (int i = 0; i < PATH_TRIES; i++) {
		u32 print = walk_path(b, 0);

		if (print && (!b->steps || print == (u32)walk_path(b, b->steps)))
			return b->cut ? SWOLL_TARGET_cut : 0;
		running(b) = start;
	}
	return SWOLL_TARGET_moving;
}

/* What is known of a file beside its name. */
static __always_inline void describe(struct swoll_target *target, u64 inode)
{
	u64 super = member_of(inode, struct inode, i_sb);

	target->inode = member_of(inode, struct inode, i_ino);
	target->device = member_of(super, struct super_block, s_dev);
	target->rdev = member_of(inode, struct inode, i_rdev);
	target->magic = member_of(super, struct super_block, s_magic);
	target->mode = member_of(inode, struct inode, i_mode);
	target->pad = 0;
}

/* Whether it has lost its name. */
static __always_inline int is_deleted(u64 dentry)
{
	return !member_of(dentry, struct dentry, d_hash.pprev);
}

/* What a file that never was in a folder is called: of a namespace, which one. */
static __always_inline void put_name(struct buffer *b, u64 dentry, u64 inode, u32 magic)
{
	u64 name = member_of(dentry, struct dentry, d_name.name);
	u32 used = b->used;
	long n;

	if (magic == NSFS_) {
		u64 ns = member_of(inode, struct inode, i_private);
		u64 ops = member_of(ns, struct ns_common___ops, ops);

		name = member_of(ops, struct proc_ns_operations, name);
	}
	if (used > UNTIL(SMALL) + BLOCK)
		return;
	n = bpf_probe_read_kernel_str(place(b, used, "name"), SMALL, (void *)name);
	if (n > 0 && n <= SMALL)
		b->used = used + n;
}

/* What names a file, at the end of the buffer: its path, if it has or had a place in a folder or is
 * itself what is mounted; else what it is called. Answers flags. */
static __always_inline u32 put_path_or_name(struct buffer *b, u64 dentry, u64 mount, u64 inode,
					    u32 magic)
{
	u32 flags = 0;

	if (member_of(dentry, struct dentry, d_parent) != dentry) {
		if (is_deleted(dentry))
			flags = SWOLL_TARGET_deleted;
	} else if (dentry != member_of(mount, struct mount, mnt.mnt_root)) {
		put_name(b, dentry, inode, magic);
		return SWOLL_TARGET_pseudo;
	}
	return flags | put_path(b, dentry, mount);
}

#endif
