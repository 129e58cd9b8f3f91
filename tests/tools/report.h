// SPDX-License-Identifier: Apache-2.0
// What workloads tell of the calls that they made, for tests/lib/compare.sh: a line a call,
//   NAME <tab> RESULT <tab> ERRNO ("OK" or the errno's name) <tab> ARGUMENTS (JSON, a subset)
// and, where that matters, what "arg_notes" and then what the event itself must hold.
// The lines are kept in memory and written at the end, since writing is itself a system call.
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char lines[1 << 18];
static size_t used;

__attribute__((format(printf, 1, 2))) static inline void say(const char* format, ...) {
  va_list args;
  va_start(args, format);
  used += vsnprintf(lines + used, sizeof lines - used, format, args);
  va_end(args);
  if (used >= sizeof lines) abort();
}

static inline void flush(void) {
  for (size_t at = 0; at < used;) {
    ssize_t n = write(1, lines + at, used - at);
    if (n < 0) exit(1);
    at += n;
  }
  used = 0;
}

__attribute__((noreturn)) static inline void die(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
  exit(1);
}

static inline void report(const char* name, long result, int error, const char* args) {
  say("%s\t%ld\t%s\t%s\n", name, result, result < 0 ? strerrorname_np(error) : "OK", args);
}

// told(NAME, ARGUMENTS, NOTES, HEAD, NUMBER, ...): makes the call, behind the mark that tells its
// event from others, and reports it.
#define told(name, args, notes, head, ...)                                            \
  ({                                                                                  \
    syscall(SYS_getppid);                                                             \
    long result_ = syscall(__VA_ARGS__);                                              \
    int error_ = errno;                                                               \
    say("%s\t%ld\t%s\t%s\t%s\t%s\n", name, result_,                                   \
        result_ == -1 && error_ ? strerrorname_np(error_) : "OK", args, notes, head); \
    errno = error_;                                                                   \
    result_;                                                                          \
  })
