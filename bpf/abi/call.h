/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls: what is read of each, and where the state of one that is under way is kept.
 */
#ifndef SWOLL_ABI_CALL_H
#define SWOLL_ABI_CALL_H

#include "rule.h"

#define SWOLL_MAX_CALLS	  (SWOLL_MAX_TYPES - 4) /* rows of the table; 0 is every unknown number */
#define SWOLL_MAX_NUMBERS 1024			/* system call numbers of one ABI */
#define SWOLL_ARGS	  6

/* What is read besides the register. */
enum swoll_op {
	SWOLL_OP_none,
	SWOLL_OP_string,	/* NUL-terminated */
	SWOLL_OP_strings,	/* a NULL-terminated array of strings */
	SWOLL_OP_buffer,	/* bytes of any meaning, at most settings.max_buffer */
	SWOLL_OP_memory,	/* a structure, or an array of them */
	SWOLL_OP_iovec,		/* struct iovec[], and what it describes */
	SWOLL_OP_iovecOnly,	/* the array alone */
	SWOLL_OP_msghdr,	/* struct msghdr, with all that it points to */
	SWOLL_OP_mmsghdr,	/* struct mmsghdr[]: all of them on entry, their lengths on exit */
	SWOLL_OP_mmsghdrFilled, /* the other way round */
	SWOLL_OP_pointers,	/* an array of pointers, and `size` bytes at each */
};

/* When. An input that was not there on entry is read again on exit. */
enum swoll_when {
	SWOLL_AT_entry = 1,
	SWOLL_AT_exit = 2,     /* when the call has succeeded */
	SWOLL_AT_positive = 4, /* when the result is above 0 */
	SWOLL_AT_failure = 8,  /* when the call has failed, too: it may have said what it wants */
	SWOLL_AT_restart = 16, /* when a signal has cut short a sleep, which goes on later */
};

/* Whether what a call gives back is there. A signal that cuts a sleep short ends it with
 * -ERESTART_RESTARTBLOCK (include/linux/errno.h). */
static inline int swoll_is_given(__u32 when, __s64 ret)
{
	if (ret > 0)
		return !!(when & (SWOLL_AT_exit | SWOLL_AT_positive));
	if (ret == 0)
		return !!(when & SWOLL_AT_exit);
	return when & SWOLL_AT_failure || (ret == -516 && when & SWOLL_AT_restart);
}

/* How many bytes of memory or buffer. */
enum swoll_length {
	SWOLL_LEN_fixed,   /* size */
	SWOLL_LEN_arg,	   /* argument length_arg */
	SWOLL_LEN_count,   /* argument length_arg elements of size bytes */
	SWOLL_LEN_ret,	   /* the result, at most argument length_arg, elements of size bytes */
	SWOLL_LEN_pointer, /* argument length_arg points to it: given on entry, changed on exit */
	SWOLL_LEN_bits,	   /* whole words for so many bits as argument length_arg says */
	SWOLL_LEN_head,	 /* size, and what the 32-bit word length_arg bytes behind the start says */
	SWOLL_LEN_pages, /* one byte for each page of so many bytes as argument length_arg says */
	SWOLL_LEN_nodes, /* whole words for one bit less than argument length_arg says */
	SWOLL_LEN_ioctl, /* what argument length_arg, a command, says (asm-generic/ioctl.h) */
	SWOLL_LEN_argMore, /* size, and argument length_arg */
	SWOLL_LEN_retMore, /* size, and the result, at most argument length_arg */
};
#define SWOLL_LEN_WORD 0x80 /* the argument is an int: its register's upper half means nothing */
#define SWOLL_LEN_INT  0x40 /* and below 0 there is nothing to read */
#define SWOLL_LEN_KIND 0x3f

/* What a member of a structure points to, read with it. */
#define SWOLL_MAX_POINTEES 128
#define SWOLL_POINTEES	   4 /* of one structure */
struct swoll_pointee {
	__u16 offset;	     /* of the pointer in the structure */
	__u8 width;	     /* of the pointer */
	__u8 length_width;   /* of the number of elements; 0: it is a string */
	__u16 length_offset; /* of that number */
	__u16 size;	     /* of one element */
};

struct swoll_arg_plan {
	__u8 op;
	__u8 when;   /* SWOLL_AT_* */
	__u8 length; /* SWOLL_LEN_* */
	__u8 length_arg;
	__u16 size;	     /* of one element */
	__u16 compat_size;   /* the same, in a call of the 32-bit ABI */
	__u8 pointees;	     /* how many of them its structure has */
	__u8 pointee;	     /* the first of those */
	__u8 compat_pointee; /* the same, in a call of the 32-bit ABI */
	__u8 pad;
};

enum swoll_call_flag {
	SWOLL_CALL_noreturn = 1,  /* reported on entry */
	SWOLL_CALL_exec = 2,	  /* success leaves another address space */
	SWOLL_CALL_renames = 4,	  /* its exit is always looked at: the task may have other
				   * namespaces, or another number than on entry */
	SWOLL_CALL_variants = 8,  /* what its arguments mean depends on one of them */
	SWOLL_CALL_makes_fd = 16, /* its result is a descriptor */
	SWOLL_CALL_frame = 32, /* its argument is a signal's frame, which the stack pointer tells */
};

/* What the programs must look at a number for. */
enum swoll_number_interest {
	SWOLL_NUMBER_wanted = 1,  /* some row has a route for its call */
	SWOLL_NUMBER_renames = 2, /* its exit is to be looked at in any case */
	SWOLL_NUMBER_counted = 4, /* calls of all containers are */
};

/* In `interest_generation`, which grows by 2 before and after any change of what numbers are looked
 * at, and when the hooks come and go: in between, what is known of threads' entries is not. */
#define SWOLL_INTEREST_changing 2
#define SWOLL_INTEREST_entered	1 /* in a thread's copy: its entry was seen, and no exit since */

/* The plan of a call has the call's number; those of variants come behind. */
#define SWOLL_MAX_PLANS 2048
struct swoll_call_plan {
	__u8 flags;
	__u8 entry; /* bit i: argument i is read on entry */
	__u8 exit;  /* bit i: argument i is read on exit */
	__u8 nargs;
	__u8 selector;	  /* with variants: the argument that tells them apart */
	__u8 descriptors; /* bit i: argument i is a descriptor */
	__u8 paths;	  /* bit i: argument i is a path */
	__u8 folders; /* bit i: the descriptor may be AT_FDCWD, and a path behind it begins there */
	__u32 selector_mask;
	struct swoll_arg_plan args[SWOLL_ARGS];
};

struct swoll_variant {
	__u32 call;
	__u32 value; /* of the selector under its mask */
};

/* Which thread has the slot of this number for the state of its calls, and a mark of one that
 * needs none (bpf/syscalls/state.h). The daemon clears both when it puts the hooks on. */
struct swoll_slot {
	__u64 owner; /* 0: free */
	__u64 bystander;
};

SWOLL_ASSERT_SIZE(swoll_pointee, 8);
SWOLL_ASSERT_SIZE(swoll_arg_plan, 12);
SWOLL_ASSERT_SIZE(swoll_call_plan, 84);
SWOLL_ASSERT_SIZE(swoll_slot, 16);

#endif
