/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Knobs, set before load. */
#ifndef SWOLL_ABI_SETTINGS_H
#define SWOLL_ABI_SETTINGS_H

#include "base.h"

struct swoll_settings {
	__u32 max_string; /* bytes with terminator, at most SWOLL_MAX_STRING */
	__u32 max_buffer; /* bytes, at most SWOLL_MAX_BUFFER */
	__u32 max_strings;
	__u32 targets;	 /* whether descriptors and folders are looked up */
	__u64 wakeup_ns; /* at most one wake-up of the reader in this time */
};

SWOLL_ASSERT_SIZE(swoll_settings, 24);

#endif
