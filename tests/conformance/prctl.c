// SPDX-License-Identifier: Apache-2.0
// prctl and seccomp, in children that bear the consequences.
#include "corpus.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>

int prctl(int, ...);

static void options(void) {
  static unsigned long out[8];
  static char name[16];
  static const struct {
    unsigned long option, args[4];
  } rows[] = {
      {PR_SET_PDEATHSIG, {SIGUSR1}},
      {PR_GET_PDEATHSIG, {(long)out}},
      {PR_SET_PDEATHSIG, {1000}},
      {PR_GET_PDEATHSIG, {16}},
      {PR_SET_DUMPABLE, {0}},
      {PR_SET_DUMPABLE, {7}},
      {PR_SET_DUMPABLE, {1}},
      {PR_GET_DUMPABLE, {0}},
      {PR_GET_UNALIGN, {(long)out}},
      {PR_SET_UNALIGN, {PR_UNALIGN_SIGBUS}},
      {PR_SET_KEEPCAPS, {1}},
      {PR_GET_KEEPCAPS, {0}},
      {PR_SET_FPEMU, {1}},
      {PR_GET_FPEMU, {(long)out}},
      {PR_SET_FPEXC, {PR_FP_EXC_DIV}},
      {PR_GET_FPEXC, {(long)out}},
      {PR_SET_TIMING, {PR_TIMING_TIMESTAMP}},
      {PR_GET_TIMING, {0}},
      {PR_SET_NAME, {(long)"a long name of more than 15"}},
      {PR_SET_NAME, {(long)ODD}},
      {PR_SET_NAME, {0}},
      {PR_GET_NAME, {(long)name}},
      {PR_GET_NAME, {16}},
      {PR_GET_ENDIAN, {(long)out}},
      {PR_SET_ENDIAN, {PR_ENDIAN_LITTLE}},
      {PR_GET_SECCOMP, {0}},
      {PR_CAPBSET_READ, {CAP_CHOWN}},
      {PR_CAPBSET_READ, {200}},
      {PR_CAPBSET_DROP, {CAP_SYS_TIME}},
      {PR_CAPBSET_DROP, {-1UL}},
      {PR_GET_TSC, {(long)out}},
      {PR_SET_TSC, {PR_TSC_ENABLE}},
      {PR_SET_TSC, {99}},
      {PR_SET_SECUREBITS, {0x2f}},
      {PR_GET_SECUREBITS, {0}},
      {PR_SET_SECUREBITS, {-1UL}},
      {PR_SET_TIMERSLACK, {100000}},
      {PR_GET_TIMERSLACK, {0}},
      {PR_TASK_PERF_EVENTS_DISABLE, {0}},
      {PR_TASK_PERF_EVENTS_ENABLE, {0}},
      {PR_MCE_KILL, {PR_MCE_KILL_SET, PR_MCE_KILL_EARLY}},
      {PR_MCE_KILL, {PR_MCE_KILL_CLEAR, 0}},
      {PR_MCE_KILL, {77, 88}},
      {PR_MCE_KILL_GET, {0}},
      {PR_SET_MM, {PR_SET_MM_BRK, 0x1000, 0, 0}},
      {PR_SET_MM, {PR_SET_MM_MAP_SIZE, (long)out, 0, 0}},
      {PR_SET_MM, {99, 1, 2, 3}},
      {PR_SET_PTRACER, {PR_SET_PTRACER_ANY}},
      {PR_SET_PTRACER, {1}},
      {PR_SET_CHILD_SUBREAPER, {1}},
      {PR_GET_CHILD_SUBREAPER, {(long)out}},
      {PR_GET_CHILD_SUBREAPER, {16}},
      {PR_GET_NO_NEW_PRIVS, {0}},
      {PR_SET_NO_NEW_PRIVS, {0}},
      {PR_SET_NO_NEW_PRIVS, {1}},
      {PR_GET_TID_ADDRESS, {(long)out}},
      {PR_SET_THP_DISABLE, {1}},
      {PR_GET_THP_DISABLE, {0}},
      {PR_SET_FP_MODE, {PR_FP_MODE_FR}},
      {PR_GET_FP_MODE, {0}},
      {PR_CAP_AMBIENT, {PR_CAP_AMBIENT_RAISE, CAP_CHOWN}},
      {PR_CAP_AMBIENT, {PR_CAP_AMBIENT_IS_SET, CAP_NET_ADMIN}},
      {PR_CAP_AMBIENT, {PR_CAP_AMBIENT_CLEAR_ALL}},
      {PR_CAP_AMBIENT, {88, 99}},
      {PR_GET_SPECULATION_CTRL, {PR_SPEC_STORE_BYPASS}},
      {PR_GET_SPECULATION_CTRL, {PR_SPEC_INDIRECT_BRANCH}},
      {PR_SET_SPECULATION_CTRL, {PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE}},
      {PR_SET_SPECULATION_CTRL, {99, 77}},
      {PR_SET_TAGGED_ADDR_CTRL, {PR_TAGGED_ADDR_ENABLE}},
      {PR_GET_TAGGED_ADDR_CTRL, {0}},
      {PR_SET_IO_FLUSHER, {1}},
      {PR_GET_IO_FLUSHER, {0}},
      {PR_SET_SYSCALL_USER_DISPATCH, {PR_SYS_DISPATCH_OFF}},
      {PR_SET_SYSCALL_USER_DISPATCH, {PR_SYS_DISPATCH_ON, 1, -1UL, 5}},
      {PR_SCHED_CORE, {PR_SCHED_CORE_GET, 0, PR_SCHED_CORE_SCOPE_THREAD, (long)out}},
      {PR_SCHED_CORE, {PR_SCHED_CORE_CREATE, 1, PR_SCHED_CORE_SCOPE_THREAD_GROUP}},
      {PR_SET_VMA, {PR_SET_VMA_ANON_NAME, 4096, 4096, (long)"name"}},
      {PR_SET_VMA, {5, 1, 2, 3}},
      {PR_SVE_GET_VL, {0}},
      {PR_PAC_RESET_KEYS, {1}},
      {0x4711, {1, 2, 3, 4}},
      {-1UL, {-1UL, 0, -1UL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const unsigned long* a = rows[i].args;
    call(SYS_prctl, rows[i].option, a[0], a[1], a[2], a[3]);
  }
}

static struct sock_filter allow[] = {{0x20, 0, 0, offsetof(struct seccomp_data, arch)},
                                     {0x15, 0, 1, AUDIT_ARCH_X86_64},
                                     {0x06, 0, 0, SECCOMP_RET_ALLOW},
                                     {0x06, 0, 0, SECCOMP_RET_ALLOW}};
static struct sock_fprog program = {COUNT(allow), allow};

static void filters(void) {
  const unsigned actions[] = {
      SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 5, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP,
      SECCOMP_RET_TRACE, SECCOMP_RET_LOG,       SECCOMP_RET_USER_NOTIF,   0x12345678};
  const unsigned flags[] = {0,
                            SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                            SECCOMP_FILTER_FLAG_TSYNC,
                            SECCOMP_FILTER_FLAG_NEW_LISTENER,
                            SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
                            -1};
  for (size_t i = 0; i < COUNT(actions); i++)
    call(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]);
  struct seccomp_notif_sizes sizes;
  call(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
  call(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 7, WILD);
  call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  for (size_t i = 0; i < COUNT(flags); i++)
    close(call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[i], &program));
  call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, WILD);
  call(SYS_prctl, PR_SET_SECCOMP, 99);
  struct sock_fprog wild = {3, WILD}, none = {0, NULL};
  call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &wild);
  call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &none);
  call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL);
  call(SYS_seccomp, 77, -1, WILD);
  call(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL);
}

static void strict(void) {
  call(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
  call(SYS_write, 1, "", 0);
  call(SYS_exit, 0);
}

// A call that a filter refuses gets no further than the filter.
static void refused(void) {
  struct sock_filter refuse[] = {{0x20, 0, 0, offsetof(struct seccomp_data, nr)},
                                 {0x15, 0, 1, SYS_getpgrp},
                                 {0x06, 0, 0, SECCOMP_RET_ERRNO | EPERM},
                                 {0x06, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog refusal = {COUNT(refuse), refuse};
  call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &refusal);
  call(SYS_getpgrp);
  call(SYS_getpid);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  inChild(options);
  inChild(filters);
  inChild(strict);
  inChild(refused);
}
