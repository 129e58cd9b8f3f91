/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that the kernel programs and the daemon say to each other. Nothing else is shared.
 *
 * A *scope* (a container's cgroup, a pid namespace, or the host) points to a *row*. A row has one
 * *route* for each call. A route is a number that the daemon gave to one exact set of traces with
 * one filter, so a record that carries its route needs no further matching in user space, and the
 * counters of a route belong to exactly those traces. Containers that the same traces want share
 * one row; starting or ending a container is one map update.
 */
#ifndef SWOLL_ABI_H
#define SWOLL_ABI_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define SWOLL_MAX_CALLS	  512  /* rows of the syscall table; call 0 is every unknown number */
#define SWOLL_MAX_NUMBERS 1024 /* system call numbers of one ABI */
#define SWOLL_MAX_ROWS	  2048 /* distinct sets of traces; row 0 is empty */
#define SWOLL_MAX_ROUTES  4096 /* distinct (set of traces, filter); route 0 means "not wanted" */
#define SWOLL_MAX_SCOPES  16384
#define SWOLL_DEPTHS	  64 /* of cgroups below the root, in which scopes are looked for */
#define SWOLL_ARGS	  6

/* A cgroup that was made while traces wait for containers, and that the daemon has not named yet: a
 * scope of the kernel's own making. All that any trace may want of it is captured, on the one route
 * that belongs to no trace, and the daemon sorts it once it knows whose it is. */
#define SWOLL_NEWCOMER	     (1ull << 63) /* in place of a container: this and the cgroup's id */
#define SWOLL_NEWCOMER_ROW   (SWOLL_MAX_ROWS - 1)
#define SWOLL_NEWCOMER_ROUTE (SWOLL_MAX_ROUTES - 1)
#define SWOLL_NEWCOMER_PATH  1024

/* Bytes behind a record's header. Record and task-storage overhead together stay below 8 KiB, the
 * largest object that the kernel's allocator gives in every context. */
#define SWOLL_DATA	  7680
#define SWOLL_MAX_STRING  4096 /* PATH_MAX, with its terminator */
#define SWOLL_MAX_BUFFER  4096
#define SWOLL_SMALL	  256 /* what is still read when less than that is left */
#define SWOLL_MAX_STRINGS 128 /* elements of argv */
#define SWOLL_COMM	  16
#define SWOLL_BLOOM_BITS  65536
#define SWOLL_ERROR_BITS  192

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

/* In a handle: no container, but ... */
#define SWOLL_UNIT (1ull << 62) /* a unit of systemd, which is a part of the host */
#define SWOLL_ENTERED                                                                              \
	(1ull << 61) /* a pid namespace of containers that their cgroups name: who is              \
		      * there and in none of those has come from the host */

struct swoll_scope {
	__u64 container; /* the daemon's handle, never reused; 0: host */
	__u32 row;
	__u32 counted; /* its calls are: 0 or 1 */
	/* Of a pid namespace, whose number is used again at once: its first process began no later,
	 * in clock ticks since boot (proc_pid_stat(5), starttime); 0: whichever has the number. */
	__u64 begun;
};

/* A row's entry: a route and whether the kernel has a filter for it. */
#define SWOLL_ROUTE_FILTERED 0x80000000u
#define SWOLL_ROUTE_MASK     0x0000ffffu

enum swoll_filter_flag {
	SWOLL_FILTER_pid = 1,
	SWOLL_FILTER_uid = 2,
	SWOLL_FILTER_comm = 4,
	SWOLL_FILTER_errors = 8,
	SWOLL_FILTER_latency = 16,
	SWOLL_FILTER_sample = 32,
};

struct swoll_filter {
	__u32 flags;
	__u32 pid;
	__u32 uid;
	__u32 sample;			     /* one of N */
	__u64 min_latency;		     /* ns */
	__u64 errors[SWOLL_ERROR_BITS / 64]; /* bit 0: success; bit e: errno e, the last: above */
	__u64 comm_mask[2];
	__u64 comm_value[2];
	__u64 seen; /* calls that came to the sampler; the kernel's own */
};

/* Per CPU and route. matched = the sum of the others + calls in flight. */
struct swoll_route_counts {
	__u64 matched;
	__u64 emitted;
	__u64 filtered;
	__u64 sampled;
	__u64 ring_full;
	__u64 state_missing;
	__u64 abandoned; /* entered, and the next call of that thread came without an exit */
};

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

/* One finished call. size counts the blocks behind it. */
struct swoll_record {
	__u32 size;
	__u16 call;
	__u8 arch; /* enum Arch of syscall-table.h */
	__u8 flags;
	__u32 number;
	__u16 route;  /* by the task's container, or host */
	__u16 route2; /* by a pid namespace that was asked for by number */
	__u64 container;
	__u64 start; /* CLOCK_MONOTONIC, ns: the cheapest to read */
	__u64 finish;
	__s64 ret;
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__u32 gid;
	__u32 session;
	__u32 ns[SWOLL_NS_COUNT];
	char comm[SWOLL_COMM];
	__u64 args[SWOLL_ARGS];
};

/* In place of a call's record: such a cgroup. Its path's first bytes follow, without a NUL. */
#define SWOLL_CALL_NEWCOMER 0xffff
struct swoll_newcomer {
	__u32 size;
	__u16 call; /* SWOLL_CALL_NEWCOMER */
	__u16 length;
	__u32 level; /* below the root */
	__u32 pad;
	__u64 id;
	__u64 parent;
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

enum swoll_target_flag {
	SWOLL_TARGET_deleted = 1, /* it has no name any more */
	SWOLL_TARGET_cut = 2,	  /* the path has more components, above those that are here */
	SWOLL_TARGET_pseudo = 4,  /* it never was in a folder: a name in place of a path */
	SWOLL_TARGET_socket = 8,  /* struct swoll_socket follows, no path */
	SWOLL_TARGET_moving = 16, /* no path: it was renamed all the time */
};

/* What a descriptor stands for. The path's components follow, from the last one to the first below
 * the process's root, each with its NUL. */
struct swoll_target {
	__u64 inode;
	__u32 device; /* of the file system: the major number above 20 bits of the minor one */
	__u32 rdev;   /* of a device: which one, likewise */
	__u32 magic;  /* of the file system's type: linux/magic.h */
	__u16 mode;
	__u8 flags; /* SWOLL_TARGET_* */
	__u8 pad;
};

/* Of AF_UNIX both names follow, each a struct sockaddr_un as far as it is in use. */
#define SWOLL_UNIX_NAME 110
struct swoll_socket {
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u8 state; /* enum tcp_state, which most families use */
	__u8 pad;
	__u16 local_port; /* network order */
	__u16 peer_port;
	__u32 interface;    /* that it is bound to */
	__u16 local_length; /* of the names that follow */
	__u16 peer_length;
	__u32 pad2;
	__u8 local[16]; /* 4 bytes of AF_INET, all of AF_INET6 */
	__u8 peer[16];
};

/* By the golden ratio: the highest bits are the best. */
static inline __u64 swoll_hash(__u64 value)
{
	return value * 0x9e3779b97f4a7c15ull;
}

static inline __u32 swoll_bloom_bit(__u64 id)
{
	return swoll_hash(id) >> 48;
}

/* Which thread has the slot of this number for the state of its calls, and a mark of one that
 * needs none (bpf/state.h). The daemon clears both when it puts the hooks on. */
struct swoll_slot {
	__u64 owner; /* 0: free */
	__u64 bystander;
};

/* Counts of calls: a cell for each (container, call, result), and one for all that found none.
 * Calls are in the bucket of their time, so their number is the sum of the buckets. */
#define SWOLL_BUCKETS	   26
#define SWOLL_BUCKET_SHIFT 9 /* bucket 0: below 2^9 ns; i: below 2^(9+i); the last: the rest */
struct swoll_cell {
	__u64 time; /* ns, of all calls together */
	__u64 buckets[SWOLL_BUCKETS];
};

/* The keys of so many cells, in the order of the cells: a key may be in either of two lines. */
#define SWOLL_CELL_WAYS 8
struct swoll_cell_line {
	__u64 keys[SWOLL_CELL_WAYS]; /* 0: free */
};

/* A key: the container's handle, or the id of a cgroup that has no name yet; the call; the result,
 * which is 0, an errno, or: */
#define SWOLL_RESULT_KILLED	  4095 /* the thread ended in the call */
#define SWOLL_RESULT_SIGSYS	  4094 /* the thread got that signal in place of a result */
#define SWOLL_CELL_RESULT_BITS	  12
#define SWOLL_CELL_CALL_BITS	  9
#define SWOLL_CELL_CONTAINER_BITS 42

/* Without a result. */
static inline __u64 swoll_cell_key(__u64 container, __u32 call)
{
	__u64 key = container & ((1ull << SWOLL_CELL_CONTAINER_BITS) - 1);

	key = key << SWOLL_CELL_CALL_BITS | call;
	return key << SWOLL_CELL_RESULT_BITS | (container & SWOLL_NEWCOMER);
}

/* Knobs, set before load. */
struct swoll_settings {
	__u32 max_string; /* bytes with terminator, at most SWOLL_MAX_STRING */
	__u32 max_buffer; /* bytes, at most SWOLL_MAX_BUFFER */
	__u32 max_strings;
	__u32 targets;	 /* whether descriptors and folders are looked up */
	__u64 wakeup_ns; /* at most one wake-up of the reader in this time */
};

#define SWOLL_ASSERT_SIZE(type, bytes)                                                             \
	_Static_assert(sizeof(struct type) == (bytes), #type " has changed")
#ifdef __cplusplus
#undef SWOLL_ASSERT_SIZE
#define SWOLL_ASSERT_SIZE(type, bytes) static_assert(sizeof(type) == (bytes))
#endif
SWOLL_ASSERT_SIZE(swoll_pointee, 8);
SWOLL_ASSERT_SIZE(swoll_arg_plan, 12);
SWOLL_ASSERT_SIZE(swoll_call_plan, 84);
SWOLL_ASSERT_SIZE(swoll_scope, 24);
SWOLL_ASSERT_SIZE(swoll_filter, 88);
SWOLL_ASSERT_SIZE(swoll_route_counts, 56);
SWOLL_ASSERT_SIZE(swoll_record, 160);
SWOLL_ASSERT_SIZE(swoll_newcomer, 32);
SWOLL_ASSERT_SIZE(swoll_block, 8);
SWOLL_ASSERT_SIZE(swoll_target, 24);
SWOLL_ASSERT_SIZE(swoll_socket, 56);
SWOLL_ASSERT_SIZE(swoll_slot, 16);
SWOLL_ASSERT_SIZE(swoll_cell, 216);
SWOLL_ASSERT_SIZE(swoll_cell_line, 64);
SWOLL_ASSERT_SIZE(swoll_settings, 24);

#endif
