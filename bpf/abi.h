/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that the kernel programs and the daemon say to each other, by subject. Nothing else is
 * shared.
 */
#ifndef SWOLL_ABI_H
#define SWOLL_ABI_H

#include "abi/call.h"
#include "abi/count.h"
#include "abi/newcomer.h"
#include "abi/process.h"
#include "abi/record.h"
#include "abi/rule.h"
#include "abi/settings.h"
#include "abi/target.h"

#endif
