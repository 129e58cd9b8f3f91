// SPDX-License-Identifier: Apache-2.0
// Processes: made, replaced, waited for, looked at.
#include "corpus.h"

#include <asm/ldt.h>
#include <asm/prctl.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

static const char* self;
static char stack[65536] __attribute__((aligned(16)));

static int ends(void* status) { _exit((long)status); }

static void reap(long pid) {
  int status;
  struct rusage usage;
  if (pid > 0) call(SYS_wait4, pid, &status, 0, &usage);
}

// A plain system call that may return in a child.
static void forked(long number, long a, long b, long c, long d, long e) {
  long pid = call(number, a, b, c, d, e);
  if (pid == 0) call(SYS_exit_group, 7);
  reap(pid);
}

static void clones(void) {
  int parent = 0, child = 0, pidfd = -1;
  forked(SYS_fork, 0, 0, 0, 0, 0);
  forked(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  forked(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0,
         (long)&parent, (long)&child, 0);
  forked(SYS_clone, CLONE_FILES | CLONE_FS | CLONE_IO | CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0);
  forked(SYS_clone, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
  forked(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, (long)&pidfd, 0, 0);
  forked(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0);
  forked(SYS_clone, CLONE_SIGHAND, 0, 0x10, 0x10, 0x10);
  forked(SYS_clone, CLONE_NEWUSER | CLONE_FS, 0x1000, 0, 0, 0);
  reap(clone(ends, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void*)5));
  pid_t pid = vfork();
  if (pid == 0) _exit(4);
  reap(pid);

  struct clone_args args = {.exit_signal = SIGCHLD};
  forked(SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
  args.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CLEAR_SIGHAND;
  args.pidfd = (long)&pidfd;
  args.parent_tid = (long)&parent;
  args.child_tid = (long)&child;
  forked(SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
  pid_t wanted[2] = {4711, 0x7fffffff};
  args = (struct clone_args){.exit_signal = SIGCHLD, .set_tid = (long)wanted, .set_tid_size = 2};
  forked(SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
  args = (struct clone_args){.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = 777};
  forked(SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
  args = (struct clone_args){
      .flags = -1UL, .exit_signal = 300, .stack = 16, .stack_size = 1, .tls = 5};
  forked(SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
  forked(SYS_clone3, (long)&args, 64, 0, 0, 0);
  forked(SYS_clone3, (long)&args, 63, 0, 0, 0);
  forked(SYS_clone3, 0, sizeof args, 0, 0, 0);
  forked(SYS_clone3, 16, -1L, 0, 0, 0);
}

static void* thread(void* unused) {
  call(SYS_gettid);
  return unused;
}

static void threads(void) {
  pthread_t threads[3];
  for (size_t i = 0; i < COUNT(threads); i++)
    if (pthread_create(&threads[i], NULL, thread, NULL)) exit(1);
  for (size_t i = 0; i < COUNT(threads); i++) pthread_join(threads[i], NULL);
}

static void executes(void) {
  char* const args[] = {"prog", "", "two words", ODD, longText(300, 'a'), NULL};
  char* const wild[] = {"prog", (char*)WILD, NULL};
  char* const env[] = {"SECRET=1", "B=2", NULL};
  call(SYS_execve, "absent", args, env);
  call(SYS_execve, "absent", args, NULL);
  call(SYS_execve, "absent", NULL, NULL);
  call(SYS_execve, ODD, wild, wild);
  call(SYS_execve, NULL, WILD, WILD);
  call(SYS_execve, ".", args, env);
  const int flags[] = {
      0, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, -1, 1};
  for (size_t i = 0; i < COUNT(flags); i++)
    call(SYS_execveat, AT_FDCWD, "absent", args, env, flags[i]);
  call(SYS_execveat, BAD_FD, "", NULL, NULL, AT_EMPTY_PATH);
  call(SYS_execveat, BAD_FD, WILD, WILD, FAR, 0);
}

static void executesWell(void) {
  char* const args[] = {(char*)self, ".", "again", "", ODD, NULL};
  char* const env[] = {"SECRET=1", "EMPTY=", NULL};
  call(SYS_execve, self, args, env);
}
static void executesAt(void) {
  char* const args[] = {(char*)self, ".", "again", NULL};
  int fd = open(self, O_PATH);
  call(SYS_execveat, fd, "", args, NULL, AT_EMPTY_PATH);
}
static void exits(void) { call(SYS_exit, 0x123456789); }
static void exitsGroup(void) { call(SYS_exit_group, -1); }
static void diesOfSignal(void) { call(SYS_kill, getpid(), SIGKILL); }
static void dumps(void) {
  struct rlimit none = {0, 0};
  call(SYS_setrlimit, RLIMIT_CORE, &none);
  call(SYS_kill, getpid(), SIGABRT);
}
static void sleeps(void) {
  struct timespec t = {5, 0};
  nanosleep(&t, NULL);
}

static void waits(void) {
  int status;
  struct rusage usage;
  siginfo_t info = {0};
  void (*const ways[])(void) = {exits, exitsGroup, diesOfSignal, dumps};
  for (size_t i = 0; i < COUNT(ways); i++) {
    pid_t pid = fork();
    if (pid == 0) {
      ways[i]();
      sleeps();
      _exit(0);
    }
    call(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, &usage);
    call(SYS_wait4, pid, &status, i & 1 ? WUNTRACED | WCONTINUED : __WALL, &usage);
  }
  pid_t pid = fork();
  if (pid == 0) {
    sleeps();
    _exit(0);
  }
  call(SYS_wait4, -1, &status, WNOHANG, &usage);
  call(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL);
  call(SYS_kill, pid, SIGSTOP);
  call(SYS_waitid, P_PGID, 0, &info, WSTOPPED, NULL);
  call(SYS_wait4, pid, &status, WUNTRACED | WNOHANG, NULL);
  call(SYS_kill, pid, SIGCONT);
  call(SYS_waitid, P_PID, pid, &info, WCONTINUED, NULL);
  call(SYS_kill, pid, SIGTERM);
  int pidfd = syscall(SYS_pidfd_open, pid, 0);
  call(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | __WALL, &usage);
  call(SYS_wait4, -1, &status, 0, &usage);
  call(SYS_wait4, 0x80000000, NULL, 0, NULL);
  call(SYS_wait4, -5, NULL, -1, NULL);
  call(SYS_wait4, 0, WILD, __WNOTHREAD | __WCLONE, WILD);
  call(SYS_waitid, P_ALL, 0, NULL, 0, NULL);
  call(SYS_waitid, 77, -1, WILD, -1, WILD);
}

static void ids(void) {
  const pid_t pids[] = {0, 1, -1, 0x7ffffff0};
  call(SYS_getpid);
  call(SYS_getppid);
  call(SYS_gettid);
  call(SYS_getpgrp);
  for (size_t i = 0; i < COUNT(pids); i++) {
    call(SYS_getpgid, pids[i]);
    call(SYS_getsid, pids[i]);
  }
  call(SYS_setpgid, 0, 0);
  call(SYS_setpgid, 0x7ffffff0, 1);
  call(SYS_setpgid, 0, -5);
  call(SYS_setsid);
  int tid;
  call(SYS_set_tid_address, &tid);
  call(SYS_set_tid_address, NULL);
  void* head = NULL;
  size_t size = 0;
  call(SYS_get_robust_list, 0, &head, &size);
  call(SYS_get_robust_list, 0x7ffffff0, WILD, WILD);
  call(SYS_set_robust_list, head, size);
  call(SYS_set_robust_list, head, 5);
}

static void newSession(void) {
  call(SYS_setsid);
  call(SYS_vhangup);  // of no terminal: there is none now
}

static void limits(void) {
  struct rlimit limit, odd = {1024 * 1024 * 1024, RLIM_INFINITY}, bad = {5, 1};
  struct rusage usage;
  for (int i = 0; i < 17; i++) {
    call(SYS_getrlimit, i, &limit);
    call(SYS_prlimit64, 0, i, NULL, &limit);
  }
  call(SYS_setrlimit, RLIMIT_FSIZE, &odd);
  call(SYS_setrlimit, RLIMIT_FSIZE, &bad);
  call(SYS_setrlimit, RLIMIT_NOFILE, WILD);
  call(SYS_setrlimit, -1, NULL);
  call(SYS_getrlimit, RLIMIT_CPU, WILD);
  call(SYS_prlimit64, 0, RLIMIT_STACK, &odd, &limit);
  call(SYS_prlimit64, 0x7ffffff0, RLIMIT_AS, &bad, WILD);
  call(SYS_prlimit64, 0, 99, WILD, NULL);
  const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD, 5, -2};
  for (size_t i = 0; i < COUNT(who); i++) call(SYS_getrusage, who[i], &usage);
  call(SYS_getrusage, RUSAGE_SELF, WILD);
}

static void traces(void) {
  const int requests[] = {PTRACE_TRACEME,
                          PTRACE_PEEKDATA,
                          PTRACE_POKEUSER,
                          PTRACE_CONT,
                          PTRACE_KILL,
                          PTRACE_SINGLESTEP,
                          PTRACE_GETREGS,
                          PTRACE_ATTACH,
                          PTRACE_DETACH,
                          PTRACE_SYSCALL,
                          PTRACE_SETOPTIONS,
                          PTRACE_GETEVENTMSG,
                          PTRACE_GETSIGINFO,
                          PTRACE_GETREGSET,
                          PTRACE_SEIZE,
                          PTRACE_INTERRUPT,
                          PTRACE_LISTEN,
                          PTRACE_PEEKSIGINFO,
                          PTRACE_GETSIGMASK,
                          0x4711,
                          -1};
  for (size_t i = 0; i < COUNT(requests); i++)
    call(SYS_ptrace, requests[i], 0x7ffffff0, 0x10, PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD);
  call(SYS_ptrace, PTRACE_ATTACH, getpid(), 0, 0);
  call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static void machine(void) {
  unsigned long base;
  struct user_desc desc = {.entry_number = 0, .base_addr = 0x1000, .limit = 0xfff, .seg_32bit = 1};
  const int codes[] = {ARCH_GET_FS, ARCH_GET_GS, ARCH_GET_CPUID, 0x1021, 0x1022, 0x1003, 77, -1};
  for (size_t i = 0; i < COUNT(codes); i++) call(SYS_arch_prctl, codes[i], &base);
  call(SYS_arch_prctl, ARCH_SET_GS, 0x123456);
  call(SYS_arch_prctl, ARCH_GET_GS, &base);
  call(SYS_arch_prctl, ARCH_SET_GS, -1L);
  call(SYS_arch_prctl, ARCH_SET_CPUID, 1);
  call(SYS_arch_prctl, ARCH_GET_FS, WILD);
  call(SYS_modify_ldt, 1, &desc, sizeof desc);
  call(SYS_modify_ldt, 0x11, &desc, sizeof desc);
  call(SYS_modify_ldt, 0, stack, 64);
  call(SYS_modify_ldt, 2, stack, 64);
  call(SYS_modify_ldt, 1, WILD, 16);
  call(SYS_modify_ldt, 9, NULL, -1L);
  call(SYS_set_thread_area, &desc);
  call(SYS_get_thread_area, &desc);
  call(SYS_iopl, 4);
  call(SYS_iopl, 3);
  call(SYS_ioperm, 0x80, 1, 1);
  call(SYS_ioperm, 70000, 1, -1);
  call(SYS_uselib, "lib");
  call(SYS_uselib, NULL);
  const unsigned long kinds[] = {
      0xffffffff, PER_LINUX, PER_LINUX32, ADDR_NO_RANDOMIZE | PER_LINUX, PER_BSD | 0x7000000,
      0x12345678, 0};
  for (size_t i = 0; i < COUNT(kinds); i++) call(SYS_personality, kinds[i]);
  call(SYS_rseq, stack, 32, 0, 0x53053053);
  call(SYS_rseq, WILD, 5, -1, 0);
  call(SYS_rseq, NULL, 32, 1, 0xffffffff);
}

int main(int argc, char** argv) {
  if (argc > 2) return 3;  // executed by the below
  self = realpath(argv[0], NULL);
  begin(argc, argv);
  clones();
  threads();
  executes();
  inChild(executesWell);
  inChild(executesAt);
  waits();
  ids();
  inChild(newSession);
  limits();
  traces();
  inChild(machine);
}
