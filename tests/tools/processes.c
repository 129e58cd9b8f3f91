// SPDX-License-Identifier: Apache-2.0
// Processes that begin and end, as a test wants them:
//
//   processes forks N          N children, one after the other, each of which ends at once
//   processes vforks N         likewise, each runs this program anew in its parent's memory
//   processes threads N HOW    N threads, then the process ends; HOW: `exit`, by exit_group;
//   `last`, the
//                              first thread goes before the others; `race`, each by itself, all at
//                              once
//   processes races N M        N children that each do `threads M race`
//   processes exec FILE ARG... runs it in a thread that is not the first one
//   processes handle SIGNAL    waits for the signal, handles it, and is ended by the second one
//   processes die SIGNAL       sends it to itself
//   processes crash            reads at address 0
//   processes fill BYTES       takes memory and uses it, then ends with 3
//   processes wait FILE        until the file is there, then runs "FILE.next"
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int ok, const char* what) {
  if (ok) return;
  perror(what);
  exit(99);
}

static void wait_for(pid_t child, int wanted) {
  int status;

  must(waitpid(child, &status, 0) == child, "waitpid");
  must(WIFEXITED(status) && WEXITSTATUS(status) == wanted, "a child");
}

static void forks(long n) {
  while (n--) {
    pid_t child = fork();

    must(child >= 0, "fork");
    if (!child) _exit(0);
    wait_for(child, 0);
  }
}

static void vforks(long n) {
  while (n--) {
    pid_t child = vfork();

    must(child >= 0, "vfork");
    if (!child) {
      execl("/proc/self/exe", "processes", "nothing", (char*)0);
      _exit(98);
    }
    wait_for(child, 0);
  }
}

static pthread_barrier_t all_there;
static const char* how;
static char** run;

static void* thread(void* unused) {
  pthread_barrier_wait(&all_there);
  if (run) {
    execv(run[0], run);
    _exit(98);
  }
  if (strcmp(how, "race")) pause();
  syscall(SYS_exit, 3); /* this thread alone, at once */
  return unused;
}

static void threads(long n) {
  pthread_t id;
  pthread_attr_t small;

  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_barrier_init(&all_there, 0, n + 1);
  for (long i = 0; i < n; i++) must(!pthread_create(&id, &small, thread, 0), "pthread_create");
  pthread_barrier_wait(&all_there);
  if (!strcmp(how, "exit")) _exit(0);
  if (!strcmp(how, "last") && !fork()) {
    usleep(100000);
    kill(getppid(), SIGKILL);
    _exit(0);
  }
  syscall(SYS_exit, strcmp(how, "race") ? 0 : 3);
}

static void handled(int number) { signal(number, SIG_DFL); }

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  long n = argc > 2 ? atol(argv[2]) : 0;

  how = argc > 3 ? argv[3] : "exit";
  if (!strcmp(what, "nothing")) return 0;
  if (!strcmp(what, "forks"))
    forks(n);
  else if (!strcmp(what, "vforks"))
    vforks(n);
  else if (!strcmp(what, "threads"))
    threads(n);
  else if (!strcmp(what, "races") && argc > 3)
    while (n--) {
      pid_t child = fork();

      if (!child) {
        how = "race";
        threads(atol(argv[3]));
      }
      wait_for(child, 3);
    }
  else if (!strcmp(what, "exec") && argc > 2) {
    run = argv + 2;
    pthread_t id;

    pthread_barrier_init(&all_there, 0, 2);
    must(!pthread_create(&id, 0, thread, 0), "pthread_create");
    pthread_barrier_wait(&all_there);
    pause();
  } else if (!strcmp(what, "handle")) {
    signal(n, handled);
    for (;;) pause();
  } else if (!strcmp(what, "die")) {
    signal(n, SIG_DFL);
    raise(n);
  } else if (!strcmp(what, "crash"))
    return *(volatile int*)0;
  else if (!strcmp(what, "fill")) {
    volatile char* memory = malloc(n);

    must(!!memory, "malloc");
    for (long i = 0; i < n; i += 4096) memory[i] = 1;
    return 3;
  } else if (!strcmp(what, "wait") && argc > 2) {
    char next[4096];

    while (access(argv[2], F_OK)) usleep(10000);
    snprintf(next, sizeof(next), "%s.next", argv[2]);
    execl(next, next, "wait", "/nowhere", (char*)0);
    return 98;
  } else {
    fprintf(stderr, "usage: see %s.c\n", argv[0]);
    return 2;
  }
  return 0;
}
