/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is remembered of a process, in the storage of its first thread: which program it runs, since
 * its memory is gone before its end is told (on kernels before 6.16), and who sent it its signals.
 *
 * What was noted before the hooks were last put on may have changed since, and is not believed.
 */
#ifndef SWOLL_PROCESS_H
#define SWOLL_PROCESS_H

#include "lib/path.h"

#define EXE_BYTES 704 /* of a struct swoll_target and the path behind it */
#define SENDERS	  8   /* by the lower bits of the signal's number */

__u32 processes_epoch; /* of this attachment */

struct exe {
	u32 epoch;
	u32 exec_id; /* the task's when it was noted */
	u32 length;  /* 0: not known */
	u32 pad;
	char bytes[EXE_BYTES];
};

struct sender {
	u32 epoch;
	u32 signal;
	s32 code;
	u32 cause; /* SWOLL_CAUSE_* */
	u32 pid;
	u32 uid;
	u64 comm[2];
};

struct process {
	u32 ended; /* its end was told */
	u32 pad;
	struct sender senders[SENDERS];
	struct exe exe;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct process);
} processes SEC(".maps");

/* Of processes that were there before the hooks: what the iterator has found, while they may run
 * another program already. So it has a place of its own, and what an exec has noted goes before. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct exe);
} earlier_exes SEC(".maps");

/* The iterator may be interrupted by a process that is traced. */
enum maker { MAKER_hook, MAKER_iterator, MAKERS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAKERS);
	__type(key, u32);
	__type(value, struct buffer);
} process_buffers SEC(".maps");

static __always_inline struct buffer *process_buffer(u32 maker)
{
	struct buffer *b = bpf_map_lookup_elem(&process_buffers, &maker);

	if (b) {
		b->used = 0;
		b->flags = 0;
		b->compat = 0;
	}
	return b;
}

static __always_inline struct process *known_process(struct task_struct *leader)
{
	return bpf_task_storage_get(&processes, leader, 0, 0);
}

static __always_inline struct process *make_process(struct task_struct *leader)
{
	return bpf_task_storage_get(&processes, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline int is_known(struct exe *exe, struct task_struct *leader)
{
	return exe && exe->length && exe->epoch == processes_epoch &&
	       exe->exec_id == leader->self_exec_id;
}

/* Null: nothing is known. */
static __always_inline struct exe *known_exe(struct task_struct *leader, struct process *process)
{
	struct exe *earlier;

	if (process && is_known(&process->exe, leader))
		return &process->exe;
	earlier = bpf_task_storage_get(&earlier_exes, leader, 0, 0);
	return is_known(earlier, leader) ? earlier : 0;
}

/* The block of a program's file. Answers its length, 0 if there is none. (A function of its own,
 * which the verifier looks at once, is given no address but in memory.) */
__noinline int put_file(struct buffer *b)
{
	u64 file, dentry, mount, inode;
	struct swoll_target *target;
	u64 start;
	u32 end;

	if (!b)
		return 0;
	start = b->used;
	file = b->file;
	one_value(start);
	if (!file || start > UNTIL(SMALL))
		return 0;
	one_value(start); /* as in put_target() */
	dentry = member_of(file, struct file, f_path.dentry);
	mount = mount_of(member_of(file, struct file, f_path.mnt));
	inode = member_of(file, struct file, f_inode);
	target = (struct swoll_target *)place(b, start + BLOCK, "exe");
	describe(target, inode);
	b->used = start + BLOCK + sizeof(*target);
	target->flags = put_path_or_name(b, dentry, mount, inode, target->magic);
	end = b->used;
	close_block(b, start, BLOCK_OF(SWOLL_PIECE_exe, target, 0), end - start - BLOCK, 0);
	return end - start - BLOCK;
}

/* As the process sees it that `fs` is of. */
static __always_inline u32 put_exe(struct buffer *b, struct mm_struct *mm, struct fs_struct *fs)
{
	b->file = (u64)mm->exe_file;
	see_as(b, fs);
	return put_file(b);
}

/* Keeps the block that begins at the start of the buffer. Of a path that is too long its upper
 * folders are left out. */
static __always_inline void keep_exe(struct exe *to, struct buffer *b, u32 length, u32 exec_id)
{
	u32 kept = length;

	to->length = 0;
	to->epoch = processes_epoch;
	to->exec_id = exec_id;
	one_value(kept);
	if (kept > EXE_BYTES)
		kept = EXE_BYTES;
	if (kept < sizeof(struct swoll_target))
		return;
	bpf_probe_read_kernel(to->bytes, kept, b->data + BLOCK);
	if (length > EXE_BYTES)
		((struct swoll_target *)to->bytes)->flags |= SWOLL_TARGET_cut;
	to->length = kept;
}

/* What was kept, to the start of an empty buffer. Answers its length. */
static __always_inline u32 put_known_exe(struct buffer *b, struct exe *exe)
{
	u32 length = exe->length;

	one_value(length);
	if (length > EXE_BYTES)
		return 0;
	bpf_probe_read_kernel(b->data + BLOCK, length, exe->bytes);
	close_block(b, 0, BLOCK_OF(SWOLL_PIECE_exe, target, 0), length, 0);
	return length;
}

#endif
