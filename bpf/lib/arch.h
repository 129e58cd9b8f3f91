/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What differs from one architecture to another. Each has a header that declares its struct pt_regs
 * and gives:
 *
 *   is_compat()       whether the call that a task is in is one of the 32-bit ABI, and after a
 *                     successful execve, whether the new program is of it
 *   number_of()       the call's number, on exit too; -1 after a sigreturn
 *   read_args()       its arguments as they were on entry, on exit too
 *   frame_of()        where a handler that returns by rt_sigreturn finds the signals that were
 *                     blocked
 *   is_rolled_back()  whether a seccomp filter has answered by SIGSYS, for which the kernel takes
 *                     the registers back (syscall_rollback())
 */
#ifndef SWOLL_ARCH_H
#define SWOLL_ARCH_H

#include "lib/kernel.h"
#include "abi.h"

#if defined(__TARGET_ARCH_x86)
#include "lib/arch-x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "lib/arch-arm64.h"
#else
#error "this architecture has no header yet"
#endif

#endif
