// SPDX-License-Identifier: Apache-2.0
// Calls that programs make wrongly or strangely, for tests/live/adversaries.sh: each mode makes a
// few and tells of them (report.h).
#define _GNU_SOURCE
#include "report.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define NONE "null"
#define FAULTED(arg) "{\"" arg "\":{\"faulted\":true}}"
#define UNMARKED(arg) "{\"" arg "\":null}"

// ---- the edge of a mapping ----

// `size` bytes at the end of the last page that is there.
static char* atEdge(const void* bytes, size_t size) {
  char* pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || munmap(pages + 4096, 4096)) die("mmap");
  return memcpy(pages + 4096 - size, bytes, size);
}

static void runEdges(char** args) {
  (void)args;
  char *path = atEdge("aaaaaaaaaa", 10), *whole = atEdge("/absent/edge", 13);
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "aaaaaaaa"};
  char *argv[] = {"one", NULL}, **list = (char**)atEdge(argv, sizeof *argv);
  char* element[] = {"one", path, NULL};
  int pipes[2], fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (pipe(pipes)) die("pipe");
  told("openat", "{\"pathname\":\"aaaaaaaaaa\"}", FAULTED("pathname"), NONE, SYS_openat, AT_FDCWD,
       path, O_RDONLY, 0);
  told("openat", "{\"pathname\":\"/absent/edge\"}", UNMARKED("pathname"), NONE, SYS_openat,
       AT_FDCWD, whole, O_RDONLY, 0);
  told("write", "{\"buf\":\"aaaaaaaaaa\",\"count\":100}", FAULTED("buf"), NONE, SYS_write, pipes[1],
       path, 100);
  // Half a structure may be shown as its address.
  char *half = atEdge(&name, 10), json[200];
  snprintf(json, sizeof json,
           "{\"any\":[{\"uservaddr\":\"%p\"},"
           "{\"uservaddr\":{\"family\":\"AF_UNIX\",\"path\":\"aaaaaaaa\"}}]}",
           half);
  told("connect", json, FAULTED("uservaddr"), NONE, SYS_connect, fd, half, sizeof name);
  told("execve", "{\"filename\":\"/absent\",\"argv\":[\"one\"]}", FAULTED("argv"), NONE, SYS_execve,
       "/absent", list, NULL);
  told("execve", "{\"filename\":\"/absent\",\"argv\":[\"one\"]}", FAULTED("argv"), NONE, SYS_execve,
       "/absent", element, NULL);
  flush();
}

// ---- pointers to nowhere ----

struct wild {
  const char* name;
  const char* arg;  // the one that is the pointer, where the table follows it or shows an address
  bool input;       // and it is read whatever becomes of the call
  long number;
  long args[6];
};
#define P 0x50494e54  // in place of the pointer
#define FD 0x4644     // of a socket
static struct timespec atOnce;
static const struct wild wilds[] = {
    {"openat", "pathname", true, SYS_openat, {AT_FDCWD, P}},
    {"execve", "filename", true, SYS_execve, {P}},
    {"execve", "argv", true, SYS_execve, {(long)"/absent", P}},
    {"write", "buf", true, SYS_write, {FD, P, 1L << 40}},
    {"write", "buf", true, SYS_write, {FD, P, -1}},
    {"read", "buf", false, SYS_read, {-1, P, 1L << 40}},
    {"pread64", "buf", false, SYS_pread64, {-1, P, -1, -1}},
    {"getrandom", "ubuf", false, SYS_getrandom, {P, 1L << 62}},
    {"getcwd", "buf", false, SYS_getcwd, {P, -1}},
    {"readlinkat", "buf", false, SYS_readlinkat, {AT_FDCWD, (long)"/proc/self/exe", P, 100}},
    {"getdents64", NULL, false, SYS_getdents64, {-1, P, 0x80000000}},
    {"connect", "uservaddr", true, SYS_connect, {FD, P, 16}},
    {"connect",
     "uservaddr",
     false,
     SYS_connect,
     {FD, P, 0x80000000}},  // no length: nothing is read
    {"connect", "uservaddr", false, SYS_connect, {FD, P, -1}},
    {"bind", "umyaddr", true, SYS_bind, {FD, P, 110}},
    {"sendto", "buff", true, SYS_sendto, {FD, P, 1L << 40, 0, 0, 0}},
    {"sendto", NULL, false, SYS_sendto, {FD, (long)"x", 1, 0, P, 0x7fffffff}},
    {"recvfrom", "ubuf", false, SYS_recvfrom, {FD, P, -1, MSG_DONTWAIT, P, P}},
    {"getsockname", "usockaddr_len", false, SYS_getsockname, {FD, P, P}},
    {"accept4", NULL, false, SYS_accept4, {FD, P, P, 0}},
    {"setsockopt", NULL, false, SYS_setsockopt, {FD, SOL_SOCKET, SO_REUSEADDR, P, 4}},
    {"setsockopt", NULL, false, SYS_setsockopt, {FD, SOL_SOCKET, SO_REUSEADDR, P, -1}},
    {"getsockopt", NULL, false, SYS_getsockopt, {FD, SOL_SOCKET, SO_REUSEADDR, P, P}},
    {"sendmsg", "msg", false, SYS_sendmsg, {FD, P, 0}},
    {"recvmsg", "msg", false, SYS_recvmsg, {FD, P, MSG_DONTWAIT}},
    {"sendmmsg", "mmsg", false, SYS_sendmmsg, {FD, P, 0x80000000, 0}},
    {"recvmmsg", "mmsg", false, SYS_recvmmsg, {FD, P, -1, MSG_DONTWAIT, 0}},
    {"writev", "vec", false, SYS_writev, {FD, P, 2}},
    {"writev", "vec", false, SYS_writev, {FD, P, 0x80000000}},
    {"writev", "vec", false, SYS_writev, {FD, P, -1}},
    {"readv", "vec", false, SYS_readv, {-1, P, 1024}},
    {"process_vm_readv", NULL, false, SYS_process_vm_readv, {1, P, 2, P, 2, 0}},
    {"poll", NULL, false, SYS_poll, {P, 1, 0}},
    {"poll", NULL, false, SYS_poll, {P, 0xffffffff, 0}},
    {"ppoll", NULL, false, SYS_ppoll, {P, 1000000, P, P, 8}},
    {"select", NULL, false, SYS_select, {1000000, P, P, P, (long)&atOnce}},
    {"pselect6", NULL, false, SYS_pselect6, {-1, P, P, P, P, P}},
    {"epoll_ctl", NULL, false, SYS_epoll_ctl, {-1, EPOLL_CTL_ADD, 0, P}},
    {"epoll_wait", NULL, false, SYS_epoll_wait, {-1, P, 1000000, 0}},
    {"nanosleep", NULL, false, SYS_nanosleep, {P, P}},
    {"clock_gettime", NULL, false, SYS_clock_gettime, {CLOCK_REALTIME, P}},
    {"rt_sigprocmask", NULL, false, SYS_rt_sigprocmask, {SIG_BLOCK, P, P, 8}},
    {"rt_sigprocmask", NULL, false, SYS_rt_sigprocmask, {SIG_BLOCK, P, P, -1}},
    {"rt_sigaction", NULL, false, SYS_rt_sigaction, {-1, P, P, 8}},
    {"clone3", NULL, false, SYS_clone3, {P, 88}},
    {"clone3", NULL, false, SYS_clone3, {P, -1}},
    {"openat2", NULL, false, SYS_openat2, {AT_FDCWD, (long)"/absent", P, 1L << 40}},
    {"newfstatat", NULL, false, SYS_newfstatat, {AT_FDCWD, (long)"/", P, 0}},
    {"statx", NULL, false, SYS_statx, {AT_FDCWD, (long)"/", 0, 0, P}},
    {"uname", NULL, false, SYS_uname, {P}},
    {"prctl", NULL, false, SYS_prctl, {PR_SET_NAME, P}},
    {"prctl", NULL, false, SYS_prctl, {PR_GET_NAME, P}},
    {"fcntl", NULL, false, SYS_fcntl, {0, F_GETLK, P}},
    {"ioctl", NULL, false, SYS_ioctl, {FD, 0x5401, P}},
    {"ioctl", NULL, false, SYS_ioctl, {FD, (long)0xffffffffffffffff, P}},
    {"sched_setaffinity", NULL, false, SYS_sched_setaffinity, {-1, 0x80000000, P}},
    {"prlimit64", NULL, false, SYS_prlimit64, {-1, 0, P, P}},
    {"futex", NULL, false, SYS_futex, {P, 1 /* FUTEX_WAKE */, 1, P, P, 0}},
    {"mount", NULL, false, SYS_mount, {P, P, P, 0, P}},
    {"io_submit", NULL, false, SYS_io_submit, {0, 1L << 40, P}},
    {"capget", NULL, false, SYS_capget, {P, P}},
    {"timer_create", NULL, false, SYS_timer_create, {-1, P, P}},
    {"renameat2", "oldpath", true, SYS_renameat2, {AT_FDCWD, P, AT_FDCWD, P, 0}},
    {"setxattr", NULL, false, SYS_setxattr, {P, P, P, -1, 0}},
};

// All of them with each kind of bad address: none, the zero page, the last, the kernel's, and what
// the processor does not take for an address at all.
static void runWild(char** args) {
  static const unsigned long addresses[] = {0,
                                            0x10,
                                            -1,
                                            -4096,
                                            0xffff888000000000,
                                            0xffffffff81000000,
                                            0x0000800000000000,
                                            0x00007ffffffffff0,
                                            0x1234567800000000,
                                            0xdead000000000100};
  (void)args;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    for (const struct wild* row = wilds; row < wilds + sizeof wilds / sizeof *wilds; row++) {
      long a[6];
      char json[200] = "{}", notes[100] = NONE;
      for (int j = 0; j < 6; j++)
        a[j] = row->args[j] == P ? (long)addresses[i] : row->args[j] == FD ? fd : row->args[j];
      if (row->arg && addresses[i])
        snprintf(json, sizeof json, "{\"%s\":\"%#lx\"}", row->arg, addresses[i]);
      else if (row->arg)
        snprintf(json, sizeof json, "{\"%s\":null}", row->arg);
      if (row->input && addresses[i])
        snprintf(notes, sizeof notes, "{\"%s\":{\"faulted\":true}}", row->arg);
      told(row->name, json, notes, NONE, row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    flush();
  }
}

// Messages and vectors that are there, but not all that they point to. What the daemon makes of a
// message may be its address or its members.
#define MESSAGE(members) "{\"any\":[{\"msg\":" members "},{\"msg\":\"%p\"}]}"
static void runMessages(char** args) {
  (void)args;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) die("socketpair");
  struct iovec parts[] = {{"hello", 5}, {(void*)0x10, 100}, {"never", 5}};
  struct iovec whole[] = {{"hello", 5}, {"", 0}, {"world", 5}};
  char name[] = "name";
  const struct {
    struct msghdr message;
    const char* members;
  } rows[] = {
      {{.msg_iov = whole, .msg_iovlen = 3},
       MESSAGE("{\"msg_iov\":[{\"iov_base\":\"hello\",\"iov_len\":5},{\"iov_len\":0},"
               "{\"iov_base\":\"world\",\"iov_len\":5}]}")},
      {{.msg_iov = parts, .msg_iovlen = 3}, MESSAGE("{}")},
      {{.msg_iov = whole, .msg_iovlen = 1UL << 31}, MESSAGE("{}")},
      {{.msg_iov = whole, .msg_iovlen = -1}, MESSAGE("{}")},
      {{.msg_iov = (void*)0xffff888000000000, .msg_iovlen = 2}, MESSAGE("{}")},
      {{.msg_name = name, .msg_namelen = 0x80000000, .msg_iov = whole, .msg_iovlen = 1},
       MESSAGE("{}")},
      {{.msg_name = name, .msg_namelen = -1, .msg_iov = whole, .msg_iovlen = 1}, MESSAGE("{}")},
      {{.msg_name = (void*)-1, .msg_namelen = 110, .msg_iov = whole, .msg_iovlen = 1},
       MESSAGE("{}")},
      {{.msg_control = name, .msg_controllen = 1UL << 40, .msg_iov = whole, .msg_iovlen = 1},
       MESSAGE("{}")},
      {{.msg_control = (void*)0x10, .msg_controllen = 64, .msg_iov = whole, .msg_iovlen = 1},
       MESSAGE("{}")},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char json[400];
    snprintf(json, sizeof json, rows[i].members, (void*)&rows[i].message);
    told("sendmsg", json, NONE, NONE, SYS_sendmsg, pair[0], &rows[i].message, MSG_DONTWAIT);
    told("recvmsg", "{}", NONE, NONE, SYS_recvmsg, pair[1], &rows[i].message, MSG_DONTWAIT);
  }
  told("writev", "{}", NONE, NONE, SYS_writev, pair[0], parts, 3);
  told("writev", "{}", NONE, NONE, SYS_writev, pair[0], whole, -1);
  told("writev", "{}", NONE, NONE, SYS_writev, pair[0], whole, 3);
  // More messages than there is room for.
  static char bulk[9][2000];
  struct iovec bulks[9][60];
  struct mmsghdr many[9] = {0};
  for (int i = 0; i < 9; i++) {
    memset(bulk[i], 'a' + i, sizeof bulk[i]);
    for (int j = 0; j < 60; j++) bulks[i][j] = (struct iovec){bulk[i] + 30 * j, 30};
    many[i].msg_hdr.msg_iov = bulks[i];
    many[i].msg_hdr.msg_iovlen = 60;
  }
  told("sendmmsg", "{}", NONE, NONE, SYS_sendmmsg, pair[0], many, 9, MSG_DONTWAIT);
  flush();
}

// ---- long and strange text ----

// long: paths of 4,095 and 5,000 bytes, and two of 4,000 in one call.
static void runLong(char** args) {
  static char paths[4][5001], json[8300];
  static const int lengths[] = {4095, 5000, 4000, 4000};
  (void)args;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < lengths[i]; j++) paths[i][j] = j % 100 ? 'a' + i : '/';
  snprintf(json, sizeof json, "{\"pathname\":\"%s\"}", paths[0]);
  told("openat", json, UNMARKED("pathname"), NONE, SYS_openat, AT_FDCWD, paths[0], O_RDONLY, 0);
  snprintf(json, sizeof json, "{\"pathname\":\"%.4095s\"}", paths[1]);
  told("openat", json, "{\"pathname\":{\"truncated\":true}}", NONE, SYS_openat, AT_FDCWD, paths[1],
       O_RDONLY, 0);
  // How much of the second there is room for is not told here.
  snprintf(json, sizeof json, "{\"oldpath\":\"%s\"}", paths[2]);
  told("renameat2", json, "{\"oldpath\":null,\"newpath\":{\"truncated\":true}}", NONE,
       SYS_renameat2, AT_FDCWD, paths[2], AT_FDCWD, paths[3], 0);
  flush();
}

// argv N [PROG]: N entries, each its number; one has many zeroes behind it.
static void runArgv(char** args) {
  long count = atol(args[0]);
  const char* program = args[1] ? args[1] : "/absent";
  char** argv = calloc(count + 1, sizeof *argv);
  char json[200];
  for (long i = 0; i < count; i++)
    if (asprintf(&argv[i], i == 20 ? "%ld%05000d" : "%ld", i, 0) < 0) die("asprintf");
  snprintf(json, sizeof json, "{\"filename\":\"%s\"}", program);
  told("execve", json, "{\"argv\":{\"truncated\":true}}", NONE, SYS_execve, program, argv, NULL);
  flush();
}

// text HEX: these bytes as a path, an argument, a thread's name and in a buffer.
static void runText(char** args) {
  char bytes[512] = "";
  size_t size = strlen(args[0]) / 2;
  for (size_t i = 0; i < size && i + 1 < sizeof bytes; i++)
    if (sscanf(args[0] + 2 * i, "%2hhx", &bytes[i]) != 1) exit(2);
  char *argv[] = {bytes, "plain", NULL}, *none[] = {NULL};
  int fd = open("/dev/null", O_WRONLY);
  prctl(PR_SET_NAME, bytes);
  syscall(SYS_openat, AT_FDCWD, bytes, O_RDONLY, 0);
  syscall(SYS_write, fd, bytes, size);
  syscall(SYS_execve, "/absent", argv, none);
}

// ---- numbers ----

static long outcome(long raw) { return raw < 0 && raw >= -4095 ? (errno = -raw, -1) : raw; }

#ifdef __x86_64__
static long int80(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0), "D"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  return result;
}
#endif

static void tell(const char* name, long raw, const char* args, const char* head) {
  long result = outcome(raw);
  say("%s\t%ld\t%s\t%s\tnull\t%s\n", name, result, result == -1 ? strerrorname_np(errno) : "OK",
      args, head);
}

// numbers: of no call, natively and (with an argument) as the 32-bit ABI's.
static void runNumbers(char** args) {
  static const long numbers[] = {500, 700, 1023, 1024, 100000, 0x3fffffff, 0x7fffffff, -1, -39};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char head[100];
    bool compat = args[0] && !strcmp(args[0], "int80");
    snprintf(head, sizeof head, "{\"syscall\":{\"nr\":%u,\"arch\":\"%s\"}}", (unsigned)numbers[i],
             compat ? "i386" : "x86_64");
    if (!compat) {
      told("unknown", "{}", NONE, head, numbers[i], 0, 0, 0, 0, 0, 0);
#ifdef __x86_64__
    } else {
      syscall(SYS_getppid);
      tell("unknown", int80(numbers[i], 0, 0, 0), "{}", head);
#endif
    }
  }
  flush();
}

#ifdef __x86_64__
// int80: numbers that are other calls' in the 64-bit ABI. What they point to lies below 4 GB, as
// the program is linked statically.
static void runInt80(char** args) {
  static const char path[] = "/absent/low";
  static char bytes[4] = "low";
  static unsigned space[6] = {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1U, 0};
  static unsigned argv[2];
  const char* i386 = "{\"syscall\":{\"arch\":\"i386\"}}";
  (void)args;
  argv[0] = (unsigned)(long)path;
  const struct {
    int number;
    const char* name;
    long a, b, c;
    const char* args;
  } rows[] = {
      {5, "open", (long)path, O_RDONLY, 0, "{\"pathname\":\"/absent/low\"}"},
      {4, "write", -1, (long)bytes, 3, "{\"fd\":-1,\"buf\":\"low\",\"count\":3}"},
      {4, "write", -1, 0x10, -1, "{\"fd\":-1,\"buf\":\"0x10\",\"count\":4294967295}"},
      {20, "getpid", 0, 0, 0, "{}"},
      {11, "execve", (long)path, (long)argv, 0,
       "{\"filename\":\"/absent/low\",\"argv\":[\"/absent/low\"]}"},
      {10, "unlink", (long)path, 0, 0, "{\"pathname\":\"/absent/low\"}"},
      {38, "rename", (long)path, (long)bytes, 0,
       "{\"oldpath\":\"/absent/low\",\"newpath\":\"low\"}"},
      {90, "mmap", (long)space, 0, 0, "{}"},
      {45, "brk", 0, 0, 0, "{}"},
      {39, "mkdir", (long)path, 0700, 0, "{\"pathname\":\"/absent/low\",\"mode\":\"0700\"}"},
      {295, "openat", AT_FDCWD, (long)path, 0,
       "{\"dirfd\":\"AT_FDCWD\",\"pathname\":\"/absent/low\"}"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    syscall(SYS_getppid);
    tell(rows[i].name, int80(rows[i].number, rows[i].a, rows[i].b, rows[i].c), rows[i].args, i386);
  }
  flush();
}

// upper: a register's upper half that means nothing in a call's number. Tells of the namespace in
// which it then is, which the second getppid must have been made in.
static void runUpper(char** args) {
  struct stat space;
  (void)args;
  told("getpid", "{}", NONE, NONE, SYS_getpid | 1L << 32);
  told("unshare", "{}", NONE, NONE, SYS_unshare | 1L << 32, CLONE_NEWUTS);
  if (stat("/proc/thread-self/ns/uts", &space)) die("/proc/thread-self/ns/uts");
  char head[100];
  snprintf(head, sizeof head, "{\"uts_ns\":%lu}", space.st_ino);
  told("getpid", "{}", NONE, head, SYS_getpid);
  flush();
}
#endif

// ---- namespaces in namespaces ----

// nested N: N pid namespaces, one in another, or as many as the kernel allows; the process of each
// tells of its own.
static void runNested(char** args) {
  int depth = atoi(args[0]);
  for (int i = 0; i <= depth; i++) {
    struct stat space;
    char self[32] = "", head[200];
    if (stat("/proc/thread-self/ns/pid", &space)) die("/proc/thread-self/ns/pid");
    // By the host's /proc, so as the host numbers it.
    if (readlink("/proc/self", self, sizeof self - 1) < 0) die("/proc/self");
    snprintf(head, sizeof head, "{\"pid\":%s,\"tid\":%s,\"pid_ns\":%lu}", self, self, space.st_ino);
    told("getpid", "{}", NONE, head, SYS_getpid);
    if (i == depth) break;
    if (unshare(CLONE_NEWPID)) {
      if (errno == ENOSPC) break;
      die("unshare");
    }
    told("getpid", "{}", NONE, head, SYS_getpid);  // it is not in there itself
    flush();
    pid_t child = fork();
    if (child) {
      int status;
      if (waitpid(child, &status, 0) != child || status) exit(1);
      return;
    }
  }
  flush();
}

// ---- memory that changes, and memory of other calls ----

static char shared[64];
static struct sockaddr_un peer = {.sun_family = AF_UNIX};
static volatile bool ended;

static void* overwrite(void* arg) {
  (void)arg;
  for (unsigned i = 0; !ended; i++) {
    memset(shared, i & 1 ? 'A' : 'B', sizeof shared);
    memset(peer.sun_path, i & 1 ? 'A' : 'B', 1 + i % 99);
  }
  return NULL;
}

// race N: writes and connects of what another thread changes, after calls with other memory.
static void runRace(char** args) {
  static char path[4000];
  pthread_t thread;
  int null = open("/dev/null", O_WRONLY), fd = socket(AF_UNIX, SOCK_STREAM, 0);
  memset(path, 'Z', sizeof path - 1);
  memset(shared, 'A', sizeof shared);
  memset(peer.sun_path, 'A', 99);
  if ((errno = pthread_create(&thread, NULL, overwrite, NULL))) die("pthread_create");
  for (long i = atol(args[0]); i > 0; i--) {
    if (i % 100 == 0) syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
    syscall(SYS_write, null, shared, sizeof shared);
    syscall(SYS_connect, fd, &peer, sizeof peer);
  }
  ended = true;
  pthread_join(thread, NULL);
}

// Fills the memory in which calls of this thread are noted with Z's, from end to end.
static void soil(void) {
  static char path[4096], *argv[101];
  if (!argv[0]) {
    memset(path, 'Z', sizeof path - 1);
    for (int i = 0; i < 100; i++) argv[i] = path + sizeof path - 60;
  }
  syscall(SYS_execve, path, argv, NULL);
}

#define CLEAN(...) (soil(), syscall(SYS_getppid), syscall(__VA_ARGS__))

// stale: calls of all kinds with little or nothing to read, each behind one with much and a mark.
static void runStale(char** args) {
  struct stat info;
  char brief[8] = "", *few[] = {"x", "", NULL}, *none[] = {NULL};
  struct iovec little[] = {{"x", 1}, {brief, 0}, {NULL, 0}}, wild[] = {{"x", 1}, {(void*)16, 9}};
  struct msghdr small = {.msg_iov = little, .msg_iovlen = 3},
                bad = {.msg_iov = wild, .msg_iovlen = 2};
  struct mmsghdr both[2] = {{.msg_hdr = small}, {.msg_hdr = bad}};
  struct pollfd polled = {.events = POLLIN};
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int null = open("/dev/null", O_RDWR), fd = socket(AF_UNIX, SOCK_STREAM, 0), length = 0;
  (void)args;
  CLEAN(SYS_openat, AT_FDCWD, "/clean", O_RDONLY, 0);
  CLEAN(SYS_openat, AT_FDCWD, "", O_RDONLY, 0);
  CLEAN(SYS_openat, AT_FDCWD, "a", O_RDONLY, 0);
  CLEAN(SYS_openat, AT_FDCWD, atEdge("a", 1), O_RDONLY, 0);
  CLEAN(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "", 0);
  for (int i = 0; i <= 4; i++) CLEAN(SYS_write, null, "xxxx", i);
  CLEAN(SYS_write, null, atEdge("x", 1), 4096);
  CLEAN(SYS_read, null, brief, sizeof brief);
  CLEAN(SYS_read, -1, brief, sizeof brief);
  CLEAN(SYS_execve, "/absent", few, none);
  CLEAN(SYS_execve, "/absent", none, none);
  CLEAN(SYS_execve, "/absent", atEdge(few, 8), none);
  for (size_t size = 0; size <= sizeof name; size += size < 10 ? 1 : 50)
    CLEAN(SYS_connect, fd, &name, size);
  CLEAN(SYS_connect, fd, atEdge(&name, 2), sizeof name);
  CLEAN(SYS_getsockname, fd, &name, &length);
  for (length = 1; length < 10; length++) {
    int room = length;
    CLEAN(SYS_getsockname, fd, &name, &room);
  }
  CLEAN(SYS_getpeername, fd, &name, &length);
  for (int i = 0; i <= 3; i++) CLEAN(SYS_writev, null, little, i);
  CLEAN(SYS_writev, null, wild, 2);
  CLEAN(SYS_writev, null, atEdge(little, 16), 3);
  CLEAN(SYS_readv, null, little, 2);
  CLEAN(SYS_sendmsg, fd, &small, 0);
  CLEAN(SYS_sendmsg, fd, &bad, 0);
  CLEAN(SYS_sendmmsg, fd, both, 2, 0);
  CLEAN(SYS_recvmsg, fd, &small, MSG_DONTWAIT);
  CLEAN(SYS_poll, &polled, 1, 0);
  CLEAN(SYS_poll, &polled, 0, 0);
  CLEAN(SYS_newfstatat, AT_FDCWD, "/", &info, 0);
  CLEAN(SYS_newfstatat, AT_FDCWD, "/absent", &info, 0);
  CLEAN(SYS_getcwd, brief, 1);
  CLEAN(SYS_getcwd, brief, sizeof brief);
  CLEAN(SYS_readlinkat, AT_FDCWD, "/absent", brief, sizeof brief);
  CLEAN(SYS_readlinkat, AT_FDCWD, "/proc/self", brief, sizeof brief);
  CLEAN(SYS_getrandom, brief, 0, 0);
  for (int round = 0; round < 2; round++) {
    for (const struct wild* row = wilds; row < wilds + sizeof wilds / sizeof *wilds; row++) {
      long a[6];
      for (int j = 0; j < 6; j++)
        a[j] = row->args[j] == P ? 16 * round : row->args[j] == FD ? fd : row->args[j];
      CLEAN(row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
  }
}

static const struct mode {
  const char* name;
  int least;  // arguments that it must have
  void (*run)(char** args);
} modes[] = {
    {"edges", 0, runEdges},     {"wild", 0, runWild},     {"messages", 0, runMessages},
    {"long", 0, runLong},       {"argv", 1, runArgv},     {"text", 1, runText},
    {"numbers", 0, runNumbers}, {"nested", 1, runNested}, {"race", 1, runRace},
    {"stale", 0, runStale},
#ifdef __x86_64__
    {"int80", 0, runInt80},     {"upper", 0, runUpper},
#endif
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(modes[i].name, argv[1]) || argc - 2 < modes[i].least) continue;
    modes[i].run(argv + 2);
    return 0;
  }
  fprintf(stderr, "usage: adversary MODE [ARG]...; they are in adversary.c\n");
  return 2;
}
