/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a descriptor stands for: a block of a record. */
#ifndef SWOLL_ABI_TARGET_H
#define SWOLL_ABI_TARGET_H

#include "base.h"

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

SWOLL_ASSERT_SIZE(swoll_target, 24);
SWOLL_ASSERT_SIZE(swoll_socket, 56);

#endif
