// SPDX-License-Identifier: Apache-2.0
// A second oracle, which knows no call by name: what PTRACE_GET_SYSCALL_INFO (ptrace(2)) tells of
// each call of a program and of all that it starts.
//
//   syscall-info OUTPUT PROGRAM [ARG]...
//
// A line a call that has ended: TID, ABI ("64" or "32"), number, the six registers and the result,
// in decimal. A call that does not end has "?" for its result.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 4096

static struct task {
  pid_t tid;
  struct __ptrace_syscall_info entry;
  int inside;
} tasks[MOST];
static FILE* out;

__attribute__((noreturn)) static void die(const char* what) {
  fprintf(stderr, "syscall-info: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct task* find(pid_t tid) {
  struct task* spare = NULL;
  for (int i = 0; i < MOST; i++) {
    if (tasks[i].tid == tid) return &tasks[i];
    if (!tasks[i].tid && !spare) spare = &tasks[i];
  }
  if (!spare) die("too many threads");
  memset(spare, 0, sizeof *spare);
  spare->tid = tid;
  return spare;
}

static void print(const struct task* task, const char* result) {
  const struct __ptrace_syscall_info* e = &task->entry;
  // Of a 32-bit call by a 64-bit program, the upper halves are that program's own.
  int narrow = e->arch == AUDIT_ARCH_I386;
  unsigned long long mask = narrow ? 0xffffffffu : ~0ull;
  fprintf(out, "%d %s %lld", task->tid, narrow ? "32" : "64", (long long)e->entry.nr);
  for (int i = 0; i < 6; i++) fprintf(out, " %llu", e->entry.args[i] & mask);
  fprintf(out, " %s\n", result);
}

static void onSyscall(struct task* task) {
  struct __ptrace_syscall_info info;
  char result[32];
  if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    task->entry = info;
    task->inside = 1;
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->inside) {
    snprintf(result, sizeof result, "%lld", (long long)info.exit.rval);
    print(task, result);
    task->inside = 0;
  }
}

static void onEnd(struct task* task) {
  if (task->inside) print(task, "?");
  memset(task, 0, sizeof *task);
}

int main(int argc, char** argv) {
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (argc < 3) return 2;
  if (!(out = fopen(argv[1], "we"))) die(argv[1]);
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) die("traceme");
    raise(SIGSTOP);
    execv(argv[2], argv + 2);
    die(argv[2]);
  }
  int status, answer = 1;
  if (waitpid(child, &status, __WALL) < 0) die("wait");
  if (ptrace(PTRACE_SETOPTIONS, child, 0, options)) die("setoptions");
  ptrace(PTRACE_SYSCALL, child, 0, 0);
  for (pid_t tid; (tid = waitpid(-1, &status, __WALL)) > 0;) {
    struct task* task = find(tid);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (tid == child) answer = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      onEnd(task);
      continue;
    }
    int stop = WSTOPSIG(status), event = status >> 16, deliver = 0;
    if (stop == (SIGTRAP | 0x80))
      onSyscall(task);
    else if (!event && stop != SIGSTOP)
      deliver = stop;
    ptrace(PTRACE_SYSCALL, tid, 0, deliver);
  }
  if (fclose(out)) die(argv[1]);
  return answer;
}
