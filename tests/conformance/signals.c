// SPDX-License-Identifier: Apache-2.0
// Signals: handled, blocked, sent, waited for.
#include "corpus.h"

#include <signal.h>
#include <sys/syscall.h>

// The kernel's structures, which are not libc's.
struct action {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  unsigned long mask;
};
#define RESTORER 0x04000000UL

static void caught(int sig) { (void)sig; }
void restore(void);
// A handler returns to here.
__asm__(".text\nrestore: mov $15, %eax\n syscall\n");

static unsigned long bit(int sig) { return 1UL << (sig - 1); }

static void actions(void) {
  const unsigned long flags[] = {0,
                                 SA_RESTART,
                                 SA_NOCLDSTOP | SA_NOCLDWAIT,
                                 SA_SIGINFO | SA_ONSTACK,
                                 SA_NODEFER | SA_RESETHAND,
                                 0x400 | 0x800,
                                 0x12345678};
  struct action old, act = {caught, 0, restore, 0};
  for (size_t i = 0; i < COUNT(flags); i++) {
    act.flags = flags[i] | RESTORER;
    act.mask = i == 0   ? 0
               : i == 1 ? bit(SIGUSR2)
               : i == 2 ? bit(SIGINT) | bit(SIGRTMIN) | bit(64)
                        : ~bit(i);
    call(SYS_rt_sigaction, SIGUSR1 + (i & 1 ? 2 : 0), &act, &old, 8);
  }
  act = (struct action){SIG_IGN, 0, NULL, -1UL};
  call(SYS_rt_sigaction, SIGRTMIN + 5, &act, NULL, 8);
  act.handler = SIG_DFL;
  call(SYS_rt_sigaction, SIGURG, &act, &old, 8);
  call(SYS_rt_sigaction, SIGKILL, &act, &old, 8);
  call(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8);
  call(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 16);
  call(SYS_rt_sigaction, 0, WILD, &old, 8);
  call(SYS_rt_sigaction, 65, &act, WILD, 8);
  call(SYS_rt_sigaction, -5, atEdge(&act, 20), NULL, 8);
  act = (struct action){caught, RESTORER, restore, 0};
  call(SYS_rt_sigaction, SIGUSR1, &act, NULL, 8);
  call(SYS_rt_sigaction, SIGUSR2, &act, NULL, 8);
  call(SYS_rt_sigaction, SIGALRM, &act, NULL, 8);
}

static void masks(void) {
  const unsigned long sets[] = {0,        1, -1UL, 1UL << 63, 0x5555555555555555, 1UL << 40 | 0xf0,
                                7UL << 33};
  unsigned long old;
  const int hows[] = {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK, 3, -1};
  for (size_t i = 0; i < COUNT(sets); i++) call(SYS_rt_sigprocmask, SIG_SETMASK, &sets[i], &old, 8);
  for (size_t i = 0; i < COUNT(hows); i++) call(SYS_rt_sigprocmask, hows[i], &sets[0], &old, 8);
  call(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8);
  call(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 8);
  call(SYS_rt_sigprocmask, SIG_BLOCK, WILD, WILD, 8);
  call(SYS_rt_sigprocmask, SIG_BLOCK, &sets[1], &old, 4);
  old = bit(SIGUSR2) | bit(SIGRTMIN + 3);
  call(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, 8);
}

static void sends(void) {
  pid_t pid = getpid();
  siginfo_t info = {.si_signo = SIGRTMIN + 3, .si_code = SI_QUEUE};
  info.si_pid = 42;
  info.si_uid = 43;
  info.si_value.sival_ptr = (void*)0x1234567890;
  call(SYS_kill, pid, SIGUSR1);
  call(SYS_kill, pid, 0);
  call(SYS_kill, pid, 65);
  call(SYS_kill, 0x7ffffff0, SIGTERM);
  call(SYS_kill, -0x7ffffff0L, SIGRTMIN + 1);
  call(SYS_tkill, pid, SIGUSR1);
  call(SYS_tkill, 0, SIGUSR1);
  call(SYS_tgkill, pid, pid, SIGUSR2);
  call(SYS_tgkill, pid, -1, SIGUSR2);
  call(SYS_tgkill, 1, 0x7ffffff0, 1000);
  call(SYS_rt_sigqueueinfo, pid, SIGRTMIN + 3, &info);
  info.si_code = SI_MESGQ;
  call(SYS_rt_tgsigqueueinfo, pid, pid, SIGRTMIN + 3, &info);
  info.si_code = SI_TIMER;
  call(SYS_rt_sigqueueinfo, 0x7ffffff0, SIGALRM, &info);
  call(SYS_rt_sigqueueinfo, pid, SIGUSR1, NULL);
  call(SYS_rt_tgsigqueueinfo, pid, 0x7ffffff0, SIGUSR1, WILD);
  int fd = syscall(SYS_pidfd_open, pid, 0);
  call(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0);
  info.si_signo = SIGRTMIN + 3;
  info.si_code = SI_ASYNCIO;
  call(SYS_pidfd_send_signal, fd, SIGRTMIN + 3, &info, 0);
  call(SYS_pidfd_send_signal, fd, 0, WILD, 1);
  call(SYS_pidfd_send_signal, BAD_FD, SIGKILL, NULL, -1);
}

static void waits(void) {
  unsigned long set = bit(SIGUSR2) | bit(SIGRTMIN + 3) | bit(SIGCHLD), none = 0, pending;
  struct timespec brief = {0, 1000000}, bad = {-1, 5000000000};
  siginfo_t info;
  call(SYS_rt_sigpending, &pending, 8);
  call(SYS_rt_sigpending, &pending, 4);
  call(SYS_rt_sigpending, WILD, 8);
  call(SYS_rt_sigpending, NULL, 16);
  for (int i = 0; i < 4; i++) call(SYS_rt_sigtimedwait, &set, &info, &brief, 8);
  call(SYS_rt_sigtimedwait, &set, &info, &brief, 8);
  call(SYS_rt_sigtimedwait, &set, NULL, &bad, 8);
  call(SYS_rt_sigtimedwait, &none, WILD, &brief, 8);
  call(SYS_rt_sigtimedwait, WILD, NULL, NULL, 8);
  call(SYS_rt_sigtimedwait, &none, NULL, NULL, 5);
  pid_t child = fork();
  if (child == 0) _exit(3);
  info.si_code = 0;
  struct timespec longer = {1, 0};
  set = bit(SIGCHLD);
  call(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
  call(SYS_rt_sigtimedwait, &set, &info, &longer, 8);
  wait(NULL);
  alarm(1);
  none = ~(bit(SIGALRM) | bit(SIGTERM));
  call(SYS_rt_sigsuspend, &none, 8);
  call(SYS_rt_sigsuspend, WILD, 8);
  call(SYS_rt_sigsuspend, &none, 12);
  call(SYS_alarm, 1);
  call(SYS_pause);
  alarm(5);
}

static void stacks(void) {
  static char area[65536];
  stack_t old, stack = {area, 0, sizeof area};
  call(SYS_sigaltstack, &stack, &old);
  call(SYS_sigaltstack, NULL, &old);
  stack.ss_flags = SS_DISABLE;
  call(SYS_sigaltstack, &stack, &old);
  stack.ss_flags = (int)(1U << 31);  // SS_AUTODISARM
  call(SYS_sigaltstack, &stack, NULL);
  stack.ss_flags = SS_ONSTACK;
  call(SYS_sigaltstack, &stack, &old);
  stack.ss_size = 5;
  stack.ss_flags = 0;
  call(SYS_sigaltstack, &stack, NULL);
  stack.ss_flags = 77;
  call(SYS_sigaltstack, &stack, NULL);
  call(SYS_sigaltstack, WILD, WILD);
}

static void descriptors(void) {
  unsigned long set = bit(SIGUSR2) | bit(SIGRTMIN + 3);
  char info[256];
  int fd = call(SYS_signalfd, -1, &set, 8);
  call(SYS_kill, getpid(), SIGUSR2);
  call(SYS_read, fd, info, 128);
  call(SYS_signalfd, fd, &set, 8);
  call(SYS_signalfd, -1, WILD, 8);
  call(SYS_signalfd, -1, NULL, 3);
  close(call(SYS_signalfd4, -1, &set, 8, O_CLOEXEC | O_NONBLOCK));
  call(SYS_signalfd4, 0x7fffffff, &set, 8, 0);
  call(SYS_signalfd4, -1, &set, 8, -1);
}

// A sleep that is cut by a stop goes on as another call.
static void restarts(void) {
  pid_t child = fork();
  if (child == 0) {
    struct timespec sleep = {0, 400000000};
    call(SYS_nanosleep, &sleep, &sleep);
    call(SYS_restart_syscall);
    call(SYS_exit, 0);
  }
  struct timespec moment = {0, 100000000};
  nanosleep(&moment, NULL);
  call(SYS_kill, child, SIGSTOP);
  nanosleep(&moment, NULL);
  call(SYS_kill, child, SIGCONT);
  call(SYS_wait4, child, NULL, 0, NULL);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  actions();
  masks();
  sends();
  waits();
  stacks();
  descriptors();
  restarts();
}
