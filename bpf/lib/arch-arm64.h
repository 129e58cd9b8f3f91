/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* arm64, and 32-bit arm on it: see arch.h. */
#ifndef SWOLL_ARCH_ARM64_H
#define SWOLL_ARCH_ARM64_H

#include "lib/kernel.h"
#include "abi.h"

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 orig_x0;
	s32 syscallno;
} SWOLL_CORE;

static __always_inline int is_compat(struct task_struct *task)
{
	return !!(task->thread_info.flags & (1ul << TIF_32BIT));
}

static __always_inline long number_of(struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline void read_args(struct pt_regs *regs, int compat, u64 args[SWOLL_ARGS])
{
	args[0] = regs->orig_x0; /* the result takes its place */
	for (int i = 1; i < SWOLL_ARGS; i++)
		args[i] = regs->regs[i];
}

/* In struct rt_sigframe or, of 32 bits, in struct compat_rt_sigframe, where r13 is the stack
 * pointer. */
static __always_inline u64 frame_of(struct pt_regs *regs, int compat)
{
	return compat ? regs->regs[13] + 232 : regs->sp + 168;
}

static __always_inline int is_rolled_back(struct pt_regs *regs)
{
	return regs->regs[0] == regs->orig_x0;
}

#endif
