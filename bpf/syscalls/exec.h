/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * After a successful execve the old address space is gone, so an argument that was not there on
 * entry can't be read again. The kernel has copied both to the new stack, where they are certain
 * to be: argv between mm->arg_start and arg_end, the file name where AT_EXECFN of the auxiliary
 * vector points (fs/binfmt_elf.c, create_elf_tables), which has the new image's words.
 */
#ifndef SWOLL_EXEC_H
#define SWOLL_EXEC_H

#include "lib/arch.h"
#include "syscalls/capture.h"

#define AUXV_PAIRS 26
#define AT_EXECFN_ 31

/* `narrow`: the image is of the 32-bit ABI, and an entry two words of 32 bits. */
static __always_inline u64 new_file_name(struct mm_struct *mm, int narrow)
{
	u64 at = address_of((u64)mm, struct mm_struct, saved_auxv);

	for (int i = 0; i < AUXV_PAIRS; i++) {
		u64 pair[2] = {};

		if (bpf_probe_read_kernel(pair, narrow ? 8 : 16, (void *)at))
			return 0;
		if (narrow) {
			pair[1] = pair[0] >> 32;
			pair[0] = (u32)pair[0];
		}
		if (!pair[0])
			return 0;
		if (pair[0] == AT_EXECFN_)
			return pair[1];
		at += narrow ? 8 : 16;
	}
	return 0;
}

static __always_inline void capture_new_image(struct buffer *b, struct inflight *call,
					      struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	const volatile struct swoll_call_plan *plan = plan_of(call);
	u64 name = new_file_name(mm, is_compat(task)), argv = mm->arg_start,
	    argv_bytes = mm->arg_end - argv;

	if (argv_bytes > 0xffffffffu)
		argv_bytes = 0xffffffffu;
	for (u32 arg = 0; arg < SWOLL_ARGS; arg++) {
		u32 op = plan->args[arg].op;

		if (!(call->faulted & (1u << arg)))
			continue;
		if (op == SWOLL_OP_string)
			put_string(b, name, BLOCK_OF(arg, memory, SWOLL_BLOCK_at_exit));
		else if (op == SWOLL_OP_strings)
			put_bytes(b, argv, argv_bytes, SWOLL_MAX_BUFFER,
				  BLOCK_OF(arg, memory, SWOLL_BLOCK_at_exit));
	}
}

#endif
