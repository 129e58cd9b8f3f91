// SPDX-License-Identifier: Apache-2.0
// Exact workloads for the live tests: each mode performs a known number of known system calls.
//
// Built with -static, so that it runs in a container that has nothing else, and so that no dynamic
// loader adds calls of its own. Calls are made with syscall(2), since libc's wrappers may choose
// another call (open becomes openat, fork becomes clone).
//
// A mode that is compared with what the daemon saw prints a line a call (report.h).
#define _GNU_SOURCE
#include "first-set.h"
#include "report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

// ---- the first set of calls: each once well and once badly ----

static void expand(const char* form, const long* slots, char* out, size_t room) {
  size_t n = 0;
  for (; *form && n + 24 < room; form++) {
    if (*form == '$')
      n += snprintf(out + n, room - n, "%ld", slots[*++form - '0']);
    else
      out[n++] = *form == '\'' ? '"' : *form;
  }
  out[n] = 0;
}

// set DIR: works in DIR, which is the caller's to remove.
static void runSet(char** args) {
  long slots[SLOTS] = {0};
  if (chdir(args[0]) < 0) die(args[0]);
  for (size_t i = 0; i < sizeof firstSet / sizeof *firstSet; i++) {
    const struct call* call = &firstSet[i];
    long a[6];
    char expect[512];
    for (int j = 0; j < 6; j++)
      a[j] = IS_FROM(call->args[j]) ? slots[call->args[j] & 0xff] : call->args[j];
    long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    int error = errno;
    if (result == 0 && (call->number == SYS_clone || call->number == SYS_clone3))
      syscall(SYS_exit_group, 0);  // the child
    slots[call->save] = result;
    expand(call->expect, slots, expect, sizeof expect);
    report(call->name, result, error, expect);
  }
  while (wait(NULL) > 0)
    ;
  flush();
}

// ---- exact numbers of one call ----

static const struct {
  const char* name;
  int bits;
} openFlags[] = {
    {"O_RDONLY", O_RDONLY},     {"O_WRONLY", O_WRONLY},     {"O_RDWR", O_RDWR},
    {"O_CREAT", O_CREAT},       {"O_EXCL", O_EXCL},         {"O_TRUNC", O_TRUNC},
    {"O_APPEND", O_APPEND},     {"O_NONBLOCK", O_NONBLOCK}, {"O_DIRECTORY", O_DIRECTORY},
    {"O_NOFOLLOW", O_NOFOLLOW}, {"O_CLOEXEC", O_CLOEXEC},
};

static int flagBits(char* names) {
  int bits = 0;
  for (char* name = strtok(names, "|"); name; name = strtok(NULL, "|")) {
    size_t i = 0, n = sizeof openFlags / sizeof *openFlags;
    while (i < n && strcmp(openFlags[i].name, name)) i++;
    if (i == n) {
      fprintf(stderr, "syscalls: unknown flag %s\n", name);
      exit(2);
    }
    bits |= openFlags[i].bits;
  }
  return bits;
}

// openat PATH N [FLAG|FLAG...]: prints the last call.
static void runOpenat(char** args) {
  long count = atol(args[1]), result = 0;
  int flags = args[2] ? flagBits(args[2]) : O_RDONLY, error = 0;
  char json[4096];
  for (long i = 0; i < count; i++) {
    result = syscall(SYS_openat, AT_FDCWD, args[0], flags, 0600);
    error = errno;
    if (result >= 0) close(result);
  }
  snprintf(json, sizeof json, "{\"pathname\":\"%s\"}", args[0]);
  report("openat", result, error, json);
  flush();
}

static void* getppids(void* count) {
  for (long i = 0; i < (long)count; i++) syscall(SYS_getppid);
  return NULL;
}

static pthread_barrier_t allThere;
static const char* again;  // a file
static void* getppidsTogether(void* count) {
  getppids((void*)1);
  pthread_barrier_wait(&allThere);
  getppids((void*)((long)count - 1));
  if (!again) return NULL;
  while (access(again, F_OK) < 0) usleep(50000);
  return getppids(count);
}

// getppid N
static void runGetppid(char** args) { getppids((void*)atol(args[0])); }

// threads N K [FILE]: N threads with K getppid calls each, which all have begun before one ends,
// and as many again once there is a file of that name.
static void runThreads(char** args) {
  again = args[2];
  int count = atoi(args[0]);
  pthread_t* threads = calloc(count, sizeof *threads);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  pthread_barrier_init(&allThere, NULL, count);
  for (int i = 0; i < count; i++)
    if ((errno = pthread_create(&threads[i], &small, getppidsTogether, (void*)atol(args[1]))))
      die("pthread_create");
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

// bench getppid N: prints ns per call.
static void runBench(char** args) {
  long count = atol(args[1]);
  getppids((void*)(count / 10));  // warm
  double start = now();
  getppids((void*)count);
  say("%.2f\n", (now() - start) * 1e9 / count);
  flush();
}

// loop openat PATH SECONDS [FILE]: no longer than until FILE is there; prints how many calls were
// made.
static void runLoop(char** args) {
  double end = now() + atof(args[2]);
  long count = 0;
  while (now() < end && !(args[3] && access(args[3], F_OK) == 0)) {
    for (int i = 0; i < 64; i++, count++) {
      long fd = syscall(SYS_openat, AT_FDCWD, args[1], O_RDONLY | O_CLOEXEC, 0);
      if (fd >= 0) close(fd);
    }
  }
  say("%ld\n", count);
  flush();
}

// slow-read N MS: N reads that each wait MS milliseconds.
static void runSlowRead(char** args) {
  long count = atol(args[0]), ns = atol(args[1]) * 1000000;
  struct itimerspec timer = {.it_value = {ns / 1000000000, ns % 1000000000}};
  uint64_t expirations;
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  for (long i = 0; i < count; i++) {
    timerfd_settime(fd, 0, &timer, NULL);
    if (syscall(SYS_read, fd, &expirations, sizeof expirations) < 0) die("read");
  }
}

// ---- single calls that need care ----

// execve PROG [ARG]...
static void runExecve(char** args) {
  extern char** environ;
  long result = syscall(SYS_execve, args[0], args, environ);
  report("execve", result, errno, "{}");
  flush();
}

static void connectTo(const void* address, socklen_t length, int family) {
  int fd = socket(family, SOCK_STREAM, 0);
  long result = syscall(SYS_connect, fd, address, length);
  report("connect", result, errno, "{}");
  flush();
}

// connect-unix PATH: "@name" is an abstract name.
static void runConnectUnix(char** args) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(args[0]);
  if (length >= sizeof address.sun_path) exit(2);
  memcpy(address.sun_path, args[0], length);
  if (args[0][0] == '@')
    address.sun_path[0] = 0;
  else
    length++;
  connectTo(&address, offsetof(struct sockaddr_un, sun_path) + length, AF_UNIX);
}

// connect4 ADDRESS PORT
static void runConnect4(char** args) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(args[1]))};
  inet_pton(AF_INET, args[0], &address.sin_addr);
  connectTo(&address, sizeof address, AF_INET);
}

// connect6 ADDRESS PORT
static void runConnect6(char** args) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(args[1]))};
  inet_pton(AF_INET6, args[0], &address.sin6_addr);
  connectTo(&address, sizeof address, AF_INET6);
}

// int80-getppid N: the 32-bit call 64, which is semget among the 64-bit ones.
static void runInt80(char** args) {
#ifdef __x86_64__
  for (long i = atol(args[0]); i > 0; i--) {
    long result = 64;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  }
#else
  (void)args;
  exit(77);
#endif
}

// Text in a page that this process has never touched: in the page cache, but in no page table, so
// that whoever reads it first without faulting sees nothing.
static char* untouched(const char* text) {
  int fd = memfd_create("untouched", 0);
  size_t length = strlen(text) + 1;
  if (fd < 0 || write(fd, text, length) != (ssize_t)length) die("memfd");
  char* page = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
  if (page == MAP_FAILED) die("mmap");
  close(fd);
  return page;
}

// fault-openat PATH
static void runFaultOpenat(char** args) {
  char *path = untouched(args[0]), json[4096];
  long result = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
  int error = errno;
  snprintf(json, sizeof json, "{\"pathname\":\"%s\"}", args[0]);
  report("openat", result, error, json);
  flush();
}

// fault-execve PROG [ARG]...: the program's name and each argument untouched.
static void runFaultExecve(char** args) {
  extern char** environ;
  char* path = untouched(args[0]);
  for (char** arg = args; *arg; arg++) *arg = untouched(*arg);
  long result = syscall(SYS_execve, path, args, environ);
  report("execve", result, errno, "{}");
  flush();
}

// namespaces: getppid before and after this task gives itself another UTS namespace; reports the
// inode number of the one that each call was made in.
static void runNamespaces(char** args) {
  (void)args;
  for (int i = 0; i < 2; i++) {
    struct stat space;
    char inode[32];
    if (i && unshare(CLONE_NEWUTS)) die("unshare");
    long result = syscall(SYS_getppid);
    if (stat("/proc/thread-self/ns/uts", &space)) die("/proc/thread-self/ns/uts");
    snprintf(inode, sizeof inode, "%lu", (unsigned long)space.st_ino);
    report("getppid", result, 0, inode);
  }
  flush();
}

// bignum: numbers that no kernel has.
static void runBignum(char** args) {
  static const long numbers[] = {999, 0x3fffffff};
  (void)args;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char name[24];
    long result = syscall(numbers[i]);
    int error = errno;
    snprintf(name, sizeof name, "%ld", numbers[i]);
    report(name, result, error, "{}");
  }
  flush();
}

static void runMode(char** args);

// procs N MODE...: N processes that each run MODE.
static void runProcs(char** args) {
  for (int i = atoi(args[0]); i > 0; i--) {
    if (fork() == 0) {
      runMode(args + 1);
      exit(0);
    }
  }
  for (int status, failed = 0;;) {
    if (wait(&status) < 0) exit(failed);
    failed |= status != 0;
  }
}

// turns N MODE...: N processes, one after the other, that each run MODE.
static void runTurns(char** args) {
  for (int i = atoi(args[0]), status; i > 0; i--) {
    pid_t child = fork();
    if (!child) {
      runMode(args + 1);
      exit(0);
    }
    if (waitpid(child, &status, 0) < 0 || status) exit(1);
  }
}

// moves ROUNDS {CGROUP N}...: goes to each cgroup in turn and calls getppid so often there.
static void runMoves(char** args) {
  for (int round = atoi(args[0]); round > 0; round--) {
    for (char** step = args + 1; step[0] && step[1]; step += 2) {
      int procs = open(step[0], O_WRONLY);
      if (procs < 0 || write(procs, "0", 1) != 1) die(step[0]);
      close(procs);
      getppids((void*)atol(step[1]));
    }
  }
}

// as UID MODE...: runs MODE as that user.
static void runAs(char** args) {
  uid_t uid = atoi(args[0]);
  if (setresuid(uid, uid, uid) < 0) die("setresuid");
  runMode(args + 1);
}

static const struct mode {
  const char* name;
  int least;  // arguments that it must have
  void (*run)(char** args);
} modes[] = {
    {"set", 1, runSet},
    {"openat", 2, runOpenat},
    {"getppid", 1, runGetppid},
    {"threads", 2, runThreads},
    {"bench", 2, runBench},
    {"loop", 3, runLoop},
    {"slow-read", 2, runSlowRead},
    {"execve", 1, runExecve},
    {"connect-unix", 1, runConnectUnix},
    {"connect4", 2, runConnect4},
    {"connect6", 2, runConnect6},
    {"int80-getppid", 1, runInt80},
    {"fault-openat", 1, runFaultOpenat},
    {"fault-execve", 1, runFaultExecve},
    {"bignum", 0, runBignum},
    {"namespaces", 0, runNamespaces},
    {"procs", 2, runProcs},
    {"turns", 2, runTurns},
    {"moves", 3, runMoves},
    {"as", 2, runAs},
};

static void runMode(char** args) {
  int count = 0;
  while (args[count]) count++;
  for (size_t i = 0; count && i < sizeof modes / sizeof *modes; i++) {
    if (!strcmp(modes[i].name, args[0]) && count > modes[i].least) {
      modes[i].run(args + 1);
      return;
    }
  }
  fprintf(stderr,
          "usage: syscalls MODE [ARG]...; the modes and their arguments are in syscalls.c\n");
  exit(2);
}

int main(int argc, char** argv) {
  (void)argc;
  runMode(argv + 1);
  return 0;
}
