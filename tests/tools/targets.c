// SPDX-License-Identifier: Apache-2.0
// Descriptors of all kinds, and what this process itself is told of each: a line of JSON for each
// call that is compared, in the order of the calls. Works in DIR, in a mount namespace that the
// caller made for it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int proc = -1;  // /proc/self/fd, for a chroot has none

__attribute__((noreturn)) static void die(const char* what) {
  fprintf(stderr, "targets: %s: %s\n", what, strerror(errno));
  exit(1);
}
static int must(long result, const char* what) {
  if (result < 0) die(what);
  return (int)result;
}

static const char* linkOf(int fd) {
  static char link[8192];
  char number[16];
  snprintf(number, sizeof number, "%d", fd);
  ssize_t n = readlinkat(proc, number, link, sizeof link - 1);
  link[must(n, "readlink")] = 0;
  return link;
}

// ---- sockets ----

static void sayAddress(const char* name, const struct sockaddr_storage* any, socklen_t length) {
  char text[INET6_ADDRSTRLEN];
  const struct sockaddr_in* in = (void*)any;
  const struct sockaddr_in6* in6 = (void*)any;
  const struct sockaddr_un* un = (void*)any;
  switch (any->ss_family) {
    case AF_INET:
      printf(", \"%s\": {\"family\": \"AF_INET\", \"addr\": \"%s\", \"port\": %d}", name,
             inet_ntop(AF_INET, &in->sin_addr, text, sizeof text), ntohs(in->sin_port));
      break;
    case AF_INET6:
      printf(
          ", \"%s\": {\"family\": \"AF_INET6\", \"addr\": \"%s\", \"port\": %d, "
          "\"flowinfo\": 0, \"scope_id\": %u}",
          name, inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text), ntohs(in6->sin6_port),
          in6->sin6_scope_id);
      break;
    case AF_UNIX: {
      size_t bytes = length - offsetof(struct sockaddr_un, sun_path);
      if (!bytes) break;  // it has none
      printf(", \"%s\": {\"family\": \"AF_UNIX\", \"path\": \"%s%.*s\"}", name,
             un->sun_path[0] ? "" : "@", (int)bytes - !un->sun_path[0],
             un->sun_path + !un->sun_path[0]);
    }
  }
}

static int option(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  must(getsockopt(fd, SOL_SOCKET, name, &value, &length), "getsockopt");
  return value;
}

static void saySocket(int fd) {
  static const char* const types[] = {"", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"};
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int family = option(fd, SO_DOMAIN), protocol = option(fd, SO_PROTOCOL);
  printf(", \"type\": \"%s\"", types[option(fd, SO_TYPE)]);
  if (family == AF_INET || family == AF_INET6)
    printf(", \"family\": \"AF_INET%s\", \"protocol\": \"IPPROTO_%s\"",
           family == AF_INET6 ? "6" : "", protocol == IPPROTO_TCP ? "TCP" : "UDP");
  else
    printf(", \"family\": \"%s\", \"protocol\": %d", family == AF_UNIX ? "AF_UNIX" : "AF_NETLINK",
           protocol);
  must(getsockname(fd, (void*)&address, &length), "getsockname");
  sayAddress("local", &address, length);
  length = sizeof address;
  if (getpeername(fd, (void*)&address, &length) == 0) sayAddress("peer", &address, length);
}

// ---- one descriptor ----

// What is known of it, and the call that is compared: an fstat.
static int show(const char* what, const char* kind, int fd) {
  struct stat st;
  must(fd, what);
  must(syscall(SYS_fstat, fd, &st), "fstat");
  printf("{\"what\": \"%s\", \"fd\": %d, \"target\": {\"kind\": \"%s\", \"inode\": %lu", what, fd,
         kind, (unsigned long)st.st_ino);
  if (S_ISSOCK(st.st_mode) && !strncmp(linkOf(fd), "socket:", 7)) {
    saySocket(fd);
  } else {
    printf(", \"path\": \"%s\", \"device\": {\"major\": %u, \"minor\": %u}", linkOf(fd),
           major(st.st_dev), minor(st.st_dev));
    if (S_ISCHR(st.st_mode))
      printf(", \"rdev\": {\"major\": %u, \"minor\": %u}", major(st.st_rdev), minor(st.st_rdev));
  }
  printf("}");
  return fd;
}
static int shown(const char* what, const char* kind, int fd) {
  show(what, kind, fd);
  printf("}\n");
  return fd;
}

// Opens a relative path; the line says where it begins too.
static int shownAt(const char* what, const char* kind, int folder, const char* path, int flags) {
  char cwd[PATH_MAX];
  int fd = syscall(SYS_openat, folder, path, flags, 0600);
  show(what, kind, fd);
  if (folder == AT_FDCWD)
    must(syscall(SYS_getcwd, cwd, sizeof cwd), "getcwd");
  else
    snprintf(cwd, sizeof cwd, "%s", linkOf(folder));
  printf(", \"from\": \"%s%s%s\"}\n", cwd, cwd[1] ? "/" : "", path);
  return fd;
}

static void put(const char* path) { close(must(open(path, O_CREAT | O_WRONLY, 0600), path)); }

// ---- all kinds ----

static void files(void) {
  must(mkdir("real", 0700), "mkdir");
  must(mkdir("real/sub", 0700), "mkdir");
  must(mkdir("bound", 0700), "mkdir");
  must(mount("real", "bound", NULL, MS_BIND, NULL), "bind");
  put("real/sub/file");
  must(symlink("sub/file", "real/link"), "symlink");
  must(mkfifo("fifo", 0600), "mkfifo");
  must(chdir("bound"), "chdir");
  shownAt("symlink in a bound folder", "file", AT_FDCWD, "link", O_RDWR);
  int sub = shownAt("folder", "directory", AT_FDCWD, "sub", O_RDONLY | O_DIRECTORY);
  shownAt("by a folder's descriptor", "file", sub, "../sub/./file", O_RDONLY);
  shownAt("the link itself", "symlink", AT_FDCWD, "link", O_PATH | O_NOFOLLOW);
  shownAt("fifo", "fifo", AT_FDCWD, "../fifo", O_RDWR);
  int gone = shownAt("file", "file", AT_FDCWD, "gone", O_CREAT | O_RDWR);
  must(unlink("gone"), "unlink");
  shown("deleted file", "file", gone);
  shownAt("never named", "file", AT_FDCWD, ".", O_TMPFILE | O_RDWR);
  shown("device", "device", open("/dev/null", O_RDWR));
  shown("root", "directory", open("/", O_RDONLY));
  must(chdir("/"), "chdir");
  shownAt("at the root", "directory", AT_FDCWD, "proc", O_RDONLY);
}

static void unnamed(void) {
  int ends[2];
  must(pipe2(ends, 0), "pipe");
  shown("pipe", "pipe", ends[0]);
  shown("pipe's other end", "pipe", ends[1]);
  shown("eventfd", "anon_inode", eventfd(1, 0));
  shown("epoll", "anon_inode", epoll_create1(0));
  shown("inotify", "anon_inode", inotify_init1(0));
  shown("memfd", "memfd", memfd_create("some name", 0));
  shown("pidfd", "pidfd", syscall(SYS_pidfd_open, getpid(), 0));
  shown("namespace", "namespace", open("/proc/self/ns/net", O_RDONLY));
}

static void internet(int family, const char* name) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
  struct sockaddr* to = family == AF_INET ? (void*)&in : (void*)&in6;
  socklen_t length = family == AF_INET ? sizeof in : sizeof in6;
  int server = must(socket(family, SOCK_STREAM, 0), name);
  shown("new socket", "socket", server);
  must(bind(server, to, length), "bind");
  must(listen(server, 1), "listen");
  must(getsockname(server, to, &length), "getsockname");
  int client = must(socket(family, SOCK_STREAM, 0), name);
  must(connect(client, to, length), "connect");
  int accepted = must(accept4(server, NULL, NULL, 0), "accept");
  shown("listening", "socket", server);
  shown("client", "socket", client);
  shown("accepted", "socket", accepted);
  int datagrams = must(socket(family, SOCK_DGRAM, 0), name);
  must(connect(datagrams, to, length), "connect");
  shown("datagrams", "socket", datagrams);
}

static void local(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = 0;
  length += offsetof(struct sockaddr_un, sun_path);
  int server = must(socket(AF_UNIX, SOCK_STREAM, 0), path);
  must(bind(server, (void*)&address, length), path);
  must(listen(server, 1), "listen");
  int client = must(socket(AF_UNIX, SOCK_STREAM, 0), path);
  must(connect(client, (void*)&address, length), path);
  shown("listening", "socket", server);
  shown("client", "socket", client);
  shown("accepted", "socket", accept4(server, NULL, NULL, 0));
}

static void sockets(void) {
  int pair[2];
  internet(AF_INET, "IPv4");
  internet(AF_INET6, "IPv6");
  must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "socketpair");
  shown("pair", "socket", pair[0]);
  shown("pair", "socket", pair[1]);
  local("socket");
  local("@abstract target");
  shown("netlink", "socket", socket(AF_NETLINK, SOCK_RAW, 0));
}

// A path of more components than are kept.
static void deep(void) {
  int fd = -1;
  for (int i = 0; i < 40; i++) {
    must(mkdir("folder", 0700), "mkdir");
    must(chdir("folder"), "chdir");
  }
  fd = open("leaf", O_CREAT | O_RDWR, 0600);
  shown("deep", "file", fd);
}

static void changedRoot(const char* dir) {
  must(chdir(dir), "chdir");
  int outside = must(open("outside", O_CREAT | O_RDWR, 0600), "outside");
  must(chroot("bound"), "chroot");
  must(chdir("/sub"), "chdir");
  shownAt("in a changed root", "file", AT_FDCWD, "file", O_RDONLY);
  shownAt("above", "directory", AT_FDCWD, "..", O_RDONLY);
  shown("outside of the root", "file", outside);
}

// all DIR
static void runAll(char** args) {
  char dir[PATH_MAX];
  must(mount("tmpfs", args[0], "tmpfs", 0, NULL), "mount");
  must(chdir(args[0]), "chdir");
  if (!getcwd(dir, sizeof dir)) die("getcwd");
  files();
  must(chdir(dir), "chdir");
  unnamed();
  sockets();
  deep();
  changedRoot(dir);
  // Calls that fail or are done with a descriptor, and one that names two.
  int fd = must(open("/sub/file", O_RDWR), "open");
  printf("{\"what\": \"copy\", \"fd\": %d, \"path\": \"%s\"}\n", fd, linkOf(fd));
  syscall(SYS_dup3, fd, 900, 0);
  syscall(SYS_close, 900);
  syscall(SYS_close, 900);
  syscall(SYS_close, -1);
}

// ---- while something changes ----

static volatile int over;
static volatile int changes;
static char names[3][64];
static int ends[3];

static void* swapLinks(void* nothing) {
  for (int i = 0; !over; i++) {
    symlink(names[i & 1], "new");
    rename("new", "link");
  }
  return nothing;
}

#define F "ffffffffffffffffffffffffffffff"  // each as long as a name within a dentry can be
#define G "gggggggggggggggggggggggggggggg"

// The file's name and, just after, that of a folder far above it: the file is never called F while
// the folder is in c.
static void* renameFolders(void* nothing) {
  while (!over) {
    renameat(ends[0], F, ends[0], G);
    rename("a/b", "c/b");
    usleep(1);
    rename("c/b", "a/b");
    renameat(ends[0], G, ends[0], F);
    changes++;
    usleep(1);
  }
  return nothing;
}

static void* swapDescriptors(void* nothing) {
  while (!over) {
    dup2(ends[0], ends[2]);
    dup2(ends[1], ends[2]);
    close(ends[2]);
    changes++;
  }
  return nothing;
}

static pthread_t start(void* (*run)(void*)) {
  pthread_t thread;
  if ((errno = pthread_create(&thread, NULL, run, NULL))) die("pthread_create");
  return thread;
}
static void end(pthread_t thread) {
  over = 1;
  pthread_join(thread, NULL);
}

// An fstat, N times or more: not all of them while the other thread has yet to run. Answers how
// many failed.
static long statWhileItChanges(int fd, const char* n) {
  struct stat st;
  long failed = 0;
  for (long i = atol(n); i > 0 || changes < 100; i--) failed += syscall(SYS_fstat, fd, &st) < 0;
  return failed;
}

// links DIR N: opens a link that changes; a line each.
static void runLinks(char** args) {
  must(chdir(args[0]), "chdir");
  for (int i = 0; i < 2; i++) {
    snprintf(names[i], sizeof names[i], "file-%d", i);
    put(names[i]);
  }
  must(symlink(names[0], "link"), "symlink");
  pthread_t thread = start(swapLinks);
  for (int i = atoi(args[1]); i > 0; i--) {
    int fd = must(syscall(SYS_openat, AT_FDCWD, "link", O_RDONLY, 0), "link");
    printf("\"%s\"\n", linkOf(fd));
    close(fd);
  }
  end(thread);
}

// folders DIR N: fstat of a file whose folders move; prints where it was at first.
static void runFolders(char** args) {
  must(chroot(args[0]), "chroot");
  must(chdir("/"), "chdir");
  must(mkdir("a", 0700) | mkdir("c", 0700) | mkdir("a/b", 0700), "mkdir");
  must(chdir("a/b"), "chdir");
  for (int i = 0; i < 28; i++) {
    must(mkdir("d", 0700), "mkdir");
    must(chdir("d"), "chdir");
  }
  ends[0] = must(open(".", O_RDONLY | O_DIRECTORY), "folder");
  int fd = must(open(F, O_CREAT | O_RDWR, 0600), F);
  printf("%s\n", linkOf(fd));
  must(chdir("/"), "chdir");
  pthread_t thread = start(renameFolders);
  if (statWhileItChanges(fd, args[1])) die("fstat");
  end(thread);
}

// descriptors DIR N: fstat of a descriptor that is one file, another, or none. Prints both files.
static void runDescriptors(char** args) {
  struct stat st;
  must(chdir(args[0]), "chdir");
  for (int i = 0; i < 2; i++) {
    snprintf(names[i], sizeof names[i], "file-%d", i);
    ends[i] = must(open(names[i], O_CREAT | O_RDWR, 0600), names[i]);
    must(fstat(ends[i], &st), "fstat");
    printf("{\"path\": \"%s\", \"inode\": %lu}\n", linkOf(ends[i]), (unsigned long)st.st_ino);
  }
  ends[2] = must(dup2(ends[0], 99), "dup2");
  must(syscall(SYS_fstat, ends[2], &st), "fstat");
  pthread_t thread = start(swapDescriptors);
  statWhileItChanges(ends[2], args[1]);
  end(thread);
}

// ---- what it costs ----

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

// bench PATH N: prints ns per read of one byte, the least of ten batches.
static void runBench(char** args) {
  int fd = must(open(args[0], O_RDONLY), args[0]);
  long count = atol(args[1]) / 10;
  double least = 1e18;
  char byte;
  for (int batch = 0; batch < 10; batch++) {
    double start = now();
    for (long i = 0; i < count; i++) syscall(SYS_read, fd, &byte, 1);
    double took = (now() - start) / count;
    if (took < least) least = took;
    usleep(20000);  // so that the ring is read
  }
  printf("%.1f\n", least);
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    int args;
    void (*run)(char** args);
  } modes[] = {{"all", 1, runAll},
               {"links", 2, runLinks},
               {"folders", 2, runFolders},
               {"descriptors", 2, runDescriptors},
               {"bench", 2, runBench}};
  static char text[1 << 22];
  setvbuf(stdout, text, _IOFBF, sizeof text);  // writing is a call that may be traced
  proc = must(open("/proc/self/fd", O_RDONLY | O_DIRECTORY), "/proc/self/fd");
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (argc == modes[i].args + 2 && !strcmp(argv[1], modes[i].name)) {
      modes[i].run(argv + 2);
      return 0;
    }
  }
  fprintf(stderr, "usage: targets MODE ARG...; the modes are in targets.c\n");
  return 2;
}
