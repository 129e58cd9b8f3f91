/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel sends of an event: a head, which is the same for every kind, the kind's own
 * numbers, and blocks of bytes.
 */
#ifndef SWOLL_ABI_RECORD_H
#define SWOLL_ABI_RECORD_H

#include "process.h"

/* Bytes behind a record's header. Record and task-storage overhead together stay below 8 KiB, the
 * largest object that the kernel's allocator gives in every context. */
#define SWOLL_DATA	  7680
#define SWOLL_MAX_STRING  4096 /* PATH_MAX, with its terminator */
#define SWOLL_MAX_BUFFER  4096
#define SWOLL_SMALL	  256 /* what is still read when less than that is left */
#define SWOLL_MAX_STRINGS 128 /* elements of argv */
#define SWOLL_COMM	  16

enum swoll_record_flag {
	SWOLL_RECORD_noreturn = 1, /* ret and finish mean nothing */
	SWOLL_RECORD_no_room = 2,  /* some memory argument found no room in the record */
	SWOLL_RECORD_no_args = 4,  /* the call takes none: the record ends before args */
	/* A seccomp filter or a tracer answered in the kernel's place; start is when. With
	 * noreturn: by a signal, and ret is -SWOLL_RESULT_SIGSYS. */
	SWOLL_RECORD_unexecuted = 8,
};

enum swoll_ns {
	SWOLL_NS_pid,
	SWOLL_NS_uts,
	SWOLL_NS_mount,
	SWOLL_NS_net,
	SWOLL_NS_ipc,
	SWOLL_NS_user,
	SWOLL_NS_cgroup,
	SWOLL_NS_COUNT,
};

/* One event: a finished call, or what has happened to a process. size counts the blocks behind it.
 */
struct swoll_record {
	__u32 size;
	__u16 type; /* below SWOLL_MAX_CALLS a call's row, else enum swoll_process_type */
	__u8 arch;  /* of a call: enum Arch of syscall-table.h */
	__u8 flags;
	__u32 number; /* of a call */
	__u16 route;  /* by the task's container, or host */
	__u16 route2; /* by a pid namespace that was asked for by number */
	__u64 container;
	__u64 start;  /* CLOCK_MONOTONIC, ns: the cheapest to read */
	__u64 finish; /* start, unless it is a call */
	__s64 ret;    /* of a call */
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__u32 gid;
	__u32 session;
	__u32 ns[SWOLL_NS_COUNT];
	char comm[SWOLL_COMM];
	__u64 args[SWOLL_ARGS]; /* of a call, else enum swoll_process_word */
};

enum swoll_block_flag {
	SWOLL_BLOCK_faulted = 1,   /* memory was not there; length bytes before it were */
	SWOLL_BLOCK_truncated = 2, /* longer than what is here; full says how long, 0: not known */
	SWOLL_BLOCK_at_exit = 4,   /* an input, read when the call ended */
	SWOLL_BLOCK_output = 8,	   /* as the call left it */
};

/* What of an argument a block holds. Of a vector of messages, the n-th block of a kind is that of
 * the n-th message. */
enum swoll_part {
	SWOLL_PART_memory,  /* what the argument points to */
	SWOLL_PART_data,    /* the bytes that an iovec describes, one piece behind the other */
	SWOLL_PART_iovec,   /* msg_iov */
	SWOLL_PART_name,    /* msg_name */
	SWOLL_PART_control, /* msg_control */
	SWOLL_PART_target,  /* struct swoll_target: what a descriptor stands for */
	SWOLL_PART_base, /* likewise, of the folder where a relative path begins; where the argument
			  * before it names the folder, that one's target is it */
	SWOLL_PART_pointee = 24, /* what the n-th pointer of a structure points to: this and n */
};
#define SWOLL_ARG_RESULT 6 /* in place of an argument: the result */

/* The bytes follow, padded to 8. A later block of the same argument, part and direction replaces an
 * earlier one. */
struct swoll_block {
	__u8 arg; /* argument in the lower 3 bits, part above */
	__u8 flags;
	__u16 length;
	__u32 full;
};
#define SWOLL_BLOCK_ARG(arg, part) ((arg) | (part) << 3)

SWOLL_ASSERT_SIZE(swoll_record, 160);
SWOLL_ASSERT_SIZE(swoll_block, 8);

#endif
