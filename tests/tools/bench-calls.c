// SPDX-License-Identifier: Apache-2.0
// bench-calls CALL N: makes a call N times and prints what each took, in ns.
//
// Calls are as cheap as they come, so that what a tracer adds is seen: openat of a file that is not
// there, a read of 64 bytes of zeros, a write of 64 bytes to nowhere, an execve of this very file.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char buffer[64] = "what a program writes to its log, in one line of 64 bytes.....\n";

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void getppidLoop(int fd, long n) {
  (void)fd;
  while (n-- > 0) syscall(SYS_getppid);
}
static void openatLoop(int fd, long n) {
  (void)fd;
  while (n-- > 0)
    syscall(SYS_openat, AT_FDCWD, "/etc/absent-file-of-the-bench", O_RDONLY | O_CLOEXEC, 0);
}
static void readLoop(int fd, long n) {
  while (n-- > 0) syscall(SYS_read, fd, buffer, sizeof buffer);
}
static void writeLoop(int fd, long n) {
  while (n-- > 0) syscall(SYS_write, fd, buffer, sizeof buffer);
}

static const struct {
  const char *name, *file;
  void (*loop)(int fd, long n);
} calls[] = {
    {"getppid", "/dev/null", getppidLoop},
    {"openat", "/dev/null", openatLoop},
    {"read", "/dev/zero", readLoop},
    {"write", "/dev/null", writeLoop},
};

// execve LEFT N START: the next image goes on where this one ends.
static void execveLoop(char** args) {
  char left[32];
  long n = atol(args[1]);
  if (n == 0) {
    printf("%.2f\n", (now() - atof(args[3])) / atol(args[2]));
    exit(0);
  }
  snprintf(left, sizeof left, "%ld", n - 1);
  char* next[] = {"/proc/self/exe", "execve", left, args[2], args[3], NULL};
  execve(next[0], next, NULL);
  perror("execve");
  exit(1);
}

int main(int argc, char** argv) {
  char start[32];
  if (argc < 3) return 2;
  if (!strcmp(argv[1], "execve")) {
    snprintf(start, sizeof start, "%.0f", now());
    char* first[] = {"execve", argv[2], argv[2], start};
    execveLoop(argc > 4 ? argv + 1 : first);
  }
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(argv[1], calls[i].name)) continue;
    int fd = open(calls[i].file, O_RDWR);
    long n = atol(argv[2]);
    if (fd < 0) return 1;
    calls[i].loop(fd, n / 10);  // warm
    double begin = now();
    calls[i].loop(fd, n);
    printf("%.2f\n", (now() - begin) / n);
    return 0;
  }
  return 2;
}
