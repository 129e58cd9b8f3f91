// SPDX-License-Identifier: Apache-2.0
// Calls that do not simply return: that end a thread or replace its program, return twice, are
// restarted, refused, or changed on their way. For tests/live/lifecycle.sh.
#define _GNU_SOURCE
#include "report.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#define NONE "null"

static void start(pthread_t* thread, void* (*run)(void*), void* arg) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 65536);
  if ((errno = pthread_create(thread, &attr, run, arg))) die("pthread_create");
  pthread_attr_destroy(&attr);
}

// So many threads with this to do, to their ends.
static void together(long width, void* (*run)(void*)) {
  pthread_t threads[64];
  if (width > 64) exit(2);
  for (long i = 0; i < width; i++) start(&threads[i], run, NULL);
  for (long i = 0; i < width; i++) pthread_join(threads[i], NULL);
}

static void briefly(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

// ---- ends ----

static void* exitThread(void* arg) {
  syscall(SYS_exit, (long)arg);
  return NULL;
}
static void* exitGroup(void* arg) {
  briefly(300);
  syscall(SYS_exit_group, (long)arg);
  return NULL;
}

// exits: a thread ends with 7, another ends the process with 0 while the leader reads.
static void runExits(char** args) {
  int pipes[2];
  char byte;
  pthread_t thread;
  (void)args;
  if (pipe(pipes)) die("pipe");
  start(&thread, exitThread, (void*)7);
  pthread_join(thread, NULL);
  start(&thread, exitGroup, NULL);
  syscall(SYS_read, pipes[0], &byte, 1);
}

// killed: a process is killed while two of its threads wait.
static void* readOne(void* fd) {
  char byte;
  syscall(SYS_read, (int)(long)fd, &byte, 1);
  return NULL;
}
static void runKilled(char** args) {
  int pipes[2], status;
  pthread_t thread;
  (void)args;
  if (pipe(pipes)) die("pipe");
  pid_t child = fork();
  if (!child) {
    start(&thread, readOne, (void*)(long)pipes[0]);
    readOne((void*)(long)pipes[0]);
  }
  briefly(500);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
}

// reboot: in a pid namespace of its own, where the call ends who makes it and never returns.
static void runReboot(char** args) {
  int status;
  (void)args;
  if (unshare(CLONE_NEWPID)) die("unshare");
  pid_t init = fork();
  if (!init) {
    if (getpid() != 1) _exit(1);
    if (!fork())
      syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
    pause();
  }
  waitpid(init, &status, 0);
}

// ---- programs ----

static char** program;  // and its arguments
static void* executeThread(void* arg) {
  (void)arg;
  syscall(SYS_execve, program[0], program, NULL);
  return NULL;
}

// exec-thread PROG [ARG]...: by a thread that is not the leader.
static void runExecThread(char** args) {
  pthread_t thread;
  program = args;
  start(&thread, executeThread, NULL);
  pthread_join(thread, NULL);
  exit(1);
}

// execveat PROG [ARG]...: badly, and then by its descriptor.
static void runExecveat(char** args) {
  int fd = open(args[0], O_PATH | O_CLOEXEC);
  syscall(SYS_execveat, -1, "absent", args, NULL, 0);
  syscall(SYS_execveat, fd, "", args, NULL, AT_EMPTY_PATH);
  exit(1);
}

#ifdef __x86_64__
// exec-int80 PROG [ARG]: a 64-bit program by the 32-bit ABI's call.
static void runExecInt80(char** args) {
  char* low =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  unsigned* argv = (unsigned*)(low + 2048);
  char* at = low;
  long result;
  for (int i = 0; args[i] && i < 8; i++) {
    argv[i] = (unsigned)(long)at;
    at = stpcpy(at, args[i]) + 1;
  }
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(11), "b"(low), "c"(argv), "d"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  exit(1);
}
#endif

// ---- calls that return twice ----

static void tellChild(const char* name, pid_t child) {
  int status;
  if (child < 0) die(name);
  waitpid(child, &status, 0);
  say("%s\t%d\tOK\t{}\n", name, child);
}

static void runClones(char** args) {
  struct clone_args how = {.exit_signal = SIGCHLD};
  (void)args;
  syscall(SYS_getppid);
#ifdef SYS_fork
  pid_t child = syscall(SYS_fork);
  if (!child) _exit(0);
  tellChild("fork", child);
  syscall(SYS_getppid);
  child = vfork();
  if (!child) _exit(0);
  tellChild("vfork", child);
  syscall(SYS_getppid);
#else
  pid_t child;
#endif
  child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (!child) _exit(0);
  tellChild("clone", child);
  syscall(SYS_getppid);
  child = syscall(SYS_clone3, &how, sizeof how);
  if (!child) _exit(0);
  tellChild("clone3", child);
  flush();
}

// ---- signals ----

static void ignore(int number) { (void)number; }

static void handle(int flags) {
  struct sigaction action = {.sa_handler = ignore, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
}

// Runs in a child what waits, and the parent sends the signals.
static pid_t apart(void (*run)(int fd), int pipes[2]) {
  if (pipe(pipes)) die("pipe");
  pid_t child = fork();
  if (child) return child;
  run(pipes[0]);
  _exit(0);
}
static void sleepLong(int fd) {
  (void)fd;
  syscall(SYS_nanosleep, &(struct timespec){3, 0}, NULL);
}
static void readAgain(int fd) {
  handle(SA_RESTART);
  readOne((void*)(long)fd);
}
static void readInterrupted(int fd) {
  handle(0);
  readOne((void*)(long)fd);
}

// restarts: a sleep that is stopped and goes on; a read that a signal interrupts and that is made
// anew; one that is not.
static void runRestarts(char** args) {
  int pipes[2], status;
  (void)args;
  pid_t child = apart(sleepLong, pipes);
  briefly(500);
  kill(child, SIGSTOP);
  briefly(300);
  kill(child, SIGCONT);
  waitpid(child, &status, 0);
  child = apart(readAgain, pipes);
  briefly(500);
  kill(child, SIGUSR1);
  briefly(300);
  if (write(pipes[1], "x", 1) != 1) die("write");
  waitpid(child, &status, 0);
  child = apart(readInterrupted, pipes);
  briefly(500);
  kill(child, SIGUSR1);
  waitpid(child, &status, 0);
}

// sigreturn N: handlers that return, each into a getuid's past.
static void runSigreturn(char** args) {
  handle(0);
  for (long i = atol(args[0]); i > 0; i--) {
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
    syscall(SYS_getuid);
  }
}

// ---- calls that others stop or change ----

static void filterCall(unsigned number, unsigned action) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof code / sizeof *code, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    die("seccomp");
}

// seccomp: getuid refused with EPERM between two getgids, then one that kills.
static void runSeccomp(char** args) {
  int status;
  (void)args;
  if (!fork()) {
    filterCall(SYS_getuid, SECCOMP_RET_ERRNO | EPERM);
    syscall(SYS_getgid);
    if (syscall(SYS_getuid) != -1 || errno != EPERM) _exit(1);
    syscall(SYS_getgid);
    _exit(0);
  }
  wait(&status);
  if (status) exit(1);
  if (!fork()) {
    filterCall(SYS_getuid, SECCOMP_RET_KILL_PROCESS);
    syscall(SYS_getgid);
    syscall(SYS_getuid);
    _exit(0);
  }
  wait(&status);
  if (!WIFSIGNALED(status)) exit(1);
}

static long times;

static void* openRefused(void* arg) {
  (void)arg;
  for (long i = 0; i < times; i++) {
    syscall(SYS_getppid);
    if (syscall(SYS_openat, AT_FDCWD, "/refused/by-a-filter", O_RDONLY | O_CLOEXEC, 0) != -1 ||
        errno != EPERM)
      exit(1);
  }
  return NULL;
}

// refused N K: K threads with N times a getppid and an openat that a filter refuses.
static void runRefused(char** args) {
  times = atol(args[0]);
  filterCall(SYS_openat, SECCOMP_RET_ERRNO | EPERM);
  together(atol(args[1]), openRefused);
}

static void* sleepOften(void* arg) {
  struct timespec moment = {0, 2000000};
  (void)arg;
  for (long i = 0; i < times; i++) {
    syscall(SYS_getppid);
    syscall(SYS_nanosleep, &moment, NULL);
  }
  return NULL;
}

// sleeps N K: K threads with N times a getppid and a nanosleep of 2 ms.
static void runSleeps(char** args) {
  times = atol(args[0]);
  together(atol(args[1]), sleepOften);
}

#ifdef __x86_64__
// ptrace: a getuid that its tracer makes a getgid on entry; one that it makes no call at all; and
// one left alone.
static void runPtrace(char** args) {
  static const long numbers[] = {SYS_getgid, -1, SYS_getuid};
  int status, i = 0, entry = 1;
  (void)args;
  pid_t child = fork();
  if (!child) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    for (int n = 0; n < 3; n++) syscall(SYS_getuid);
    _exit(0);
  }
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  for (ptrace(PTRACE_SYSCALL, child, 0, 0);
       waitpid(child, &status, 0) == child && WIFSTOPPED(status);
       ptrace(PTRACE_SYSCALL, child, 0, 0)) {
    const size_t number = offsetof(struct user_regs_struct, orig_rax);
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    if (entry && i < 3 && ptrace(PTRACE_PEEKUSER, child, number, 0) == SYS_getuid)
      ptrace(PTRACE_POKEUSER, child, number, numbers[i++]);
    entry = !entry;
  }
  if (i != 3) exit(1);
}
#endif

// ---- many ----

static void* openOnce(void* arg) {
  (void)arg;
  syscall(SYS_openat, AT_FDCWD, "/absent/of-a-brief-thread", O_RDONLY, 0);
  return NULL;
}

// brief N K: N threads, K at a time, each with one call.
static void runBrief(char** args) {
  long count = atol(args[0]), width = atol(args[1]);
  for (long i = 0; i < count; i += width) together(width, openOnce);
}

static const struct mode {
  const char* name;
  int least;  // arguments that it must have
  void (*run)(char** args);
} modes[] = {
    {"exits", 0, runExits},     {"killed", 0, runKilled},
    {"reboot", 0, runReboot},   {"execveat", 1, runExecveat},
    {"clones", 0, runClones},   {"restarts", 0, runRestarts},
    {"seccomp", 0, runSeccomp}, {"sigreturn", 1, runSigreturn},
    {"brief", 2, runBrief},     {"exec-thread", 1, runExecThread},
    {"refused", 2, runRefused}, {"sleeps", 2, runSleeps},
#ifdef __x86_64__
    {"ptrace", 0, runPtrace},   {"exec-int80", 1, runExecInt80},
#endif
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(modes[i].name, argv[1]) || argc - 2 < modes[i].least) continue;
    modes[i].run(argv + 2);
    return 0;
  }
  fprintf(stderr, "usage: lifecycle MODE [ARG]...; they are in lifecycle.c\n");
  return 2;
}
