// SPDX-License-Identifier: Apache-2.0
// Pipes, and descriptors that tell that something happened.
#include "corpus.h"

#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>

static char out[4096];

static void pipes(void) {
  int ends[2];
  const int flags[] = {0,  O_CLOEXEC, O_NONBLOCK | O_DIRECT, O_CLOEXEC | O_NONBLOCK | O_EXCL,
                       -1, O_APPEND};
  call(SYS_pipe, ends);
  call(SYS_pipe, NULL);
  call(SYS_pipe, WILD);
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_pipe2, ends, flags[i]);
  call(SYS_pipe2, WILD, 0);
}

static void events(void) {
  uint64_t value = 5;
  int fd = call(SYS_eventfd, 3);
  call(SYS_write, fd, &value, 8);
  call(SYS_read, fd, &value, 8);
  close(fd);
  close(call(SYS_eventfd, -1));
  const int flags[] = {
      0, EFD_CLOEXEC, EFD_NONBLOCK | EFD_SEMAPHORE, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE,
      2, -1};
  for (size_t i = 0; i < COUNT(flags); i++) close(call(SYS_eventfd2, 0x80000000 + i, flags[i]));
}

static void inotifies(void) {
  const unsigned masks[] = {IN_ALL_EVENTS,
                            IN_ACCESS | IN_MODIFY,
                            IN_ATTRIB | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE,
                            IN_OPEN | IN_MOVED_FROM | IN_MOVED_TO,
                            IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF,
                            IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MODIFY,
                            IN_MASK_ADD | IN_OPEN,
                            IN_MASK_CREATE | IN_OPEN,
                            IN_ONESHOT | IN_ISDIR | IN_UNMOUNT,
                            0,
                            -1,
                            0x100000};
  close(call(SYS_inotify_init));
  int fd = call(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
  call(SYS_inotify_init1, 5);
  long last = -1;
  for (size_t i = 0; i < COUNT(masks); i++) {
    long watch = call(SYS_inotify_add_watch, fd, ".", masks[i]);
    if (watch >= 0) last = watch;
  }
  close(makeFile("seen", "x"));
  call(SYS_read, fd, out, sizeof out);
  call(SYS_inotify_add_watch, fd, "absent", IN_OPEN);
  call(SYS_inotify_add_watch, BAD_FD, NULL, IN_OPEN);
  call(SYS_inotify_rm_watch, fd, last);
  call(SYS_inotify_rm_watch, fd, 4711);
  call(SYS_inotify_rm_watch, 0, -1);
}

static void fanotifies(void) {
  const unsigned kinds[] = {FAN_CLASS_NOTIF,
                            FAN_CLASS_CONTENT | FAN_CLOEXEC,
                            FAN_CLASS_PRE_CONTENT | FAN_NONBLOCK,
                            FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
                            FAN_REPORT_FID | FAN_REPORT_DFID_NAME,
                            FAN_REPORT_TID | FAN_ENABLE_AUDIT,
                            FAN_REPORT_PIDFD,
                            0x40000000,
                            -1};
  const unsigned fdFlags[] = {O_RDONLY, O_RDWR | O_LARGEFILE,
                              O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOATIME | O_DSYNC, -1};
  for (size_t i = 0; i < COUNT(kinds); i++)
    close(call(SYS_fanotify_init, kinds[i], fdFlags[i % COUNT(fdFlags)]));
  int fd = call(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY);
  const struct {
    unsigned flags;
    uint64_t mask;
  } marks[] = {
      {FAN_MARK_ADD, FAN_ACCESS | FAN_MODIFY | FAN_OPEN | FAN_CLOSE},
      {FAN_MARK_ADD | FAN_MARK_ONLYDIR | FAN_MARK_DONT_FOLLOW,
       FAN_OPEN | FAN_EVENT_ON_CHILD | FAN_ONDIR},
      {FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_CLOSE_WRITE},
      {FAN_MARK_ADD, FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ATTRIB},
      {FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM},
      {FAN_MARK_REMOVE, FAN_MODIFY},
      {FAN_MARK_FLUSH, 0},
      {FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0},
      {0x10000, 1UL << 40},
      {-1, -1}};
  for (size_t i = 0; i < COUNT(marks); i++)
    call(SYS_fanotify_mark, fd, marks[i].flags, marks[i].mask, AT_FDCWD, ".");
  call(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "seen");
  call(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, NULL);
  close(open("seen", O_RDONLY));
  call(SYS_fanotify_mark, BAD_FD, FAN_MARK_ADD, FAN_OPEN, 99, WILD);
  close(fd);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  pipes();
  events();
  inotifies();
  fanotifies();
}
