/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls: sys_enter decides, remembers the call in its task and reads its inputs; sys_exit
 * adds what the call gave and sends one record; sched_process_exit sends that of a call which ends
 * its task. On their way they count it.
 *
 * On the path of calls that nobody wants there are no helper calls: see lib/scope.h.
 */
#ifndef SWOLL_CALL_PROGRAMS_H
#define SWOLL_CALL_PROGRAMS_H

#include "syscalls/enter.h"
#include "syscalls/exit.h"

#endif
