// SPDX-License-Identifier: Apache-2.0
// What the programs of the corpus share.
//
// A program performs one family of system calls, each well and badly: flags of every kind, filled
// structures, pointers that lead nowhere, strings that are no text, values that no enumeration has.
// It says nothing about what it did: strace and swolld both watch the run, and are compared.
//
// A program works in the directory that it is given, in processes, namespaces and keyrings of its
// own, and is over within seconds. Where a machine lacks something the call fails, and the failure
// is as good to compare.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// call(NUMBER, ARGUMENT...): all six registers are set, with all their bits, since libc would leave
// in the others what happened to be there, and in the upper halves of integers too.
#define call(...) CALL_SIX(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL_SIX(number, a, b, c, d, e, f, ...) \
  syscall((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Addresses that are no memory: in the page at zero, and beyond what user space may have.
#define WILD ((void*)16)
#define FAR ((void*)0xfffffffffffff000)
#define BAD_FD (-1)
#define HUGE 0x7fffffffffffffffL
// Bytes that a printer must escape, each kind of escape, and digits after octal ones.
#define ODD "\377\376\"\\\n\t\r\v\f\033\0011\1x\303\244\1770"

static inline void begin(int argc, char** argv) {
  if (argc < 2 || chdir(argv[1]) < 0) {
    fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    exit(2);
  }
  alarm(9);  // nothing that goes wrong may outlive the test
}

// A copy of SIZE bytes that ends where memory ends: one byte further is a fault.
static inline void* atEdge(const void* data, size_t size) {
  size_t room = (size + 4095) / 4096 * 4096;
  char* memory =
      mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) exit(1);
  munmap(memory + room, 4096);
  return data ? memcpy(memory + room - size, data, size) : memory + room - size;
}

// LENGTH times C, and the end.
static inline char* longText(size_t length, char c) {
  char* text = malloc(length + 1);
  if (!text) exit(1);
  memset(text, c, length);
  text[length] = 0;
  return text;
}

static inline int makeFile(const char* path, const char* content) {
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, content, strlen(content)) < 0) exit(1);
  return fd;
}

// Runs it in a child, for what would change or end the process itself.
static inline void inChild(void (*run)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    alarm(9);  // not inherited
    run();
    _exit(0);
  }
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}
