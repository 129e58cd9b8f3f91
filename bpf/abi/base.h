/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every header here needs. */
#ifndef SWOLL_ABI_BASE_H
#define SWOLL_ABI_BASE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define SWOLL_ASSERT(that, text) _Static_assert(that, text)
#define SWOLL_ASSERT_SIZE(type, bytes)                                                             \
	_Static_assert(sizeof(struct type) == (bytes), #type " has changed")
#ifdef __cplusplus
#undef SWOLL_ASSERT
#define SWOLL_ASSERT(that, text) static_assert(that, text)
#undef SWOLL_ASSERT_SIZE
#define SWOLL_ASSERT_SIZE(type, bytes) static_assert(sizeof(type) == (bytes))
#endif

#endif
