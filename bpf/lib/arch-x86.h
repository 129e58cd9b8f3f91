/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* x86-64, and i386 on it: see arch.h. */
#ifndef SWOLL_ARCH_X86_H
#define SWOLL_ARCH_X86_H

#include "lib/kernel.h"
#include "abi.h"

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */

struct pt_regs {
	unsigned long bp, r10, r9, r8, cx, dx, si, di, bx, ax, orig_ax, sp;
} SWOLL_CORE;

static __always_inline int is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline long number_of(struct pt_regs *regs)
{
	return (int)regs->orig_ax; /* the upper half means nothing */
}

static __always_inline void read_args(struct pt_regs *regs, int compat, u64 args[SWOLL_ARGS])
{
	if (compat) {
		args[0] = (u32)regs->bx;
		args[1] = (u32)regs->cx;
		args[2] = (u32)regs->dx;
		args[3] = (u32)regs->si;
		args[4] = (u32)regs->di;
		args[5] = (u32)regs->bp;
	} else {
		args[0] = regs->di;
		args[1] = regs->si;
		args[2] = regs->dx;
		args[3] = regs->r10;
		args[4] = regs->r8;
		args[5] = regs->r9;
	}
}

/* In struct rt_sigframe, behind its first pointer, which the handler has taken from the stack. */
static __always_inline u64 frame_of(struct pt_regs *regs, int compat)
{
	return compat ? (u32)regs->sp + 248 : regs->sp + 296;
}

static __always_inline int is_rolled_back(struct pt_regs *regs)
{
	return regs->ax == regs->orig_ax;
}

#endif
