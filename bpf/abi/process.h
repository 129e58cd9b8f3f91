/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What happens to processes. A record has the head of all records, these words in place of a call's
 * arguments, and these blocks.
 */
#ifndef SWOLL_ABI_PROCESS_H
#define SWOLL_ABI_PROCESS_H

#include "call.h"

/* Types of event, behind those of calls. */
enum swoll_process_type {
	SWOLL_PROCESS_fork = SWOLL_MAX_CALLS, /* it began: the new process's own event */
	SWOLL_PROCESS_exec,		      /* it runs another program from now on */
	SWOLL_PROCESS_exit,		      /* its last thread has ended */
	SWOLL_PROCESS_kill,		      /* it ends, by a signal; its exit follows */
	SWOLL_PROCESS_END,
};
SWOLL_ASSERT(SWOLL_PROCESS_END == SWOLL_MAX_TYPES, "types of event fill their range");

/* The words of a record. */
enum swoll_process_word {
	SWOLL_WORD_parent, /* its pid */
	SWOLL_WORD_status, /* exit, kill: as wait(2) gives it */
	SWOLL_WORD_age,	   /* exit, kill: ns since it began */
	SWOLL_WORD_sender, /* kill: the pid, and the user id in the upper half */
	SWOLL_WORD_actor,  /* whose doing it is: of fork, who made the process; else its own pid */
	SWOLL_WORD_cause,  /* kill: si_code, and SWOLL_CAUSE_* in the upper half */
};

enum swoll_process_cause {
	SWOLL_CAUSE_known = 1,	 /* the signal was seen when it was made: si_code is there */
	SWOLL_CAUSE_process = 2, /* by a process: the sender is there */
	SWOLL_CAUSE_oom = 4,	 /* the kernel chose it to get memory back */
};

/* In place of an argument's number in a block. */
enum swoll_process_piece {
	SWOLL_PIECE_exe,      /* struct swoll_target, of its program's file */
	SWOLL_PIECE_filename, /* exec: as it was asked for */
	SWOLL_PIECE_argv,     /* exec: its strings with their terminators */
	SWOLL_PIECE_comm,     /* kill: the sender's name */
};

#endif
