// SPDX-License-Identifier: Apache-2.0
// Makes one known call in a place of its own making: takes steps, in order, and tags the call.
//
//   place STEP... call TAG [hold FILE]     openat("/swoll/TAG"), which fails; then waits for FILE
//   place STEP... exec PROGRAM [ARG]...    becomes another program
//
// Steps:
//   join DIRECTORY   into that cgroup, which is made if need be
//   unshare KIND     user, mnt, pid, net, uts or ipc; of pid, it goes on in a child
//   fork             goes on in a child, and waits for it
//   orphan           goes on in a child whose parent has ended
//   thread           goes on in another thread
//   leave            goes on in a child, and ends once that has made its call
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int calledFd = -1;  // who waits for the call learns of it here

__attribute__((noreturn)) static void die(const char* what) {
  fprintf(stderr, "place: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void call(const char* tag) {
  char path[256], mark = '.';
  snprintf(path, sizeof path, "/swoll/%s", tag);
  syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  if (calledFd >= 0 && write(calledFd, &mark, 1) != 1) die("write");
}

static void hold(const char* file) {
  while (access(file, F_OK)) usleep(20000);
}

static void join(const char* cgroup) {
  char path[4096], self[16];
  // With the directories above it, as far as they are missing.
  snprintf(path, sizeof path, "%s/", cgroup);
  for (char* at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
    *at = 0;
    if (mkdir(path, 0755) && errno != EEXIST) die(path);
    *at = '/';
  }
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  int fd = open(path, O_WRONLY), length = snprintf(self, sizeof self, "%d", getpid());
  if (fd < 0 || write(fd, self, length) != length) die(path);
  close(fd);
}

// Returns in the child; the parent ends as the child does.
static void goOnInChild(void) {
  int status;
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) return;
  if (waitpid(child, &status, 0) != child) die("waitpid");
  exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void unshareKind(const char* kind) {
  static const struct {
    const char* name;
    int flag;
  } kinds[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},  {"pid", CLONE_NEWPID},
               {"net", CLONE_NEWNET},   {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].name, kind)) continue;
    if (unshare(kinds[i].flag)) die(kind);
    if (kinds[i].flag == CLONE_NEWPID) goOnInChild();
    return;
  }
  errno = EINVAL;
  die(kind);
}

// Returns in a grandchild when its parent is gone; who started it waits until the grandchild ends.
static void orphan(void) {
  int pipes[2], status;
  char none;
  if (pipe2(pipes, O_CLOEXEC)) die("pipe");
  pid_t parent = fork();
  if (parent < 0) die("fork");
  if (parent) {
    close(pipes[1]);
    if (waitpid(parent, &status, 0) != parent || status) die("parent");
    while (read(pipes[0], &none, 1) > 0) continue;
    exit(0);
  }
  parent = getpid();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child) _exit(0);
  while (getppid() == parent) usleep(1000);
}

static void leave(void) {
  int pipes[2];
  char mark;
  if (pipe2(pipes, O_CLOEXEC)) die("pipe");
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    calledFd = pipes[1];
    return;
  }
  _exit(read(pipes[0], &mark, 1) != 1);
}

static void take(char** args);
static void* takeRest(void* args) {
  take(args);
  return NULL;
}
static void thread(char** rest) {
  pthread_t made;
  if ((errno = pthread_create(&made, NULL, takeRest, rest))) die("pthread_create");
  pthread_join(made, NULL);
}

static void take(char** args) {
  while (*args) {
    const char* step = *args++;
    if (!strcmp(step, "fork")) {
      goOnInChild();
    } else if (!strcmp(step, "orphan")) {
      orphan();
    } else if (!strcmp(step, "leave")) {
      leave();
    } else if (!strcmp(step, "thread")) {
      return thread(args);
    } else if (!strcmp(step, "exec") && *args) {
      execvp(args[0], args);
      die(args[0]);
    } else if (!*args) {
      errno = EINVAL;
      die(step);
    } else if (!strcmp(step, "join")) {
      join(*args++);
    } else if (!strcmp(step, "unshare")) {
      unshareKind(*args++);
    } else if (!strcmp(step, "call")) {
      call(*args++);
    } else if (!strcmp(step, "hold")) {
      hold(*args++);
    } else {
      errno = EINVAL;
      die(step);
    }
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: place STEP... call TAG; the steps are in place.c\n");
    return 2;
  }
  take(argv + 1);
  return 0;
}
