// SPDX-License-Identifier: Apache-2.0
// File descriptors: copied, controlled, locked, closed.
#include "corpus.h"

#include <linux/close_range.h>
#include <linux/kcmp.h>
#include <linux/memfd.h>

static int fd;

static void locks(void) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 100};
  struct flock bad = {.l_type = 77, .l_whence = 9, .l_start = -5, .l_len = -HUGE, .l_pid = -3};
  const int commands[] = {F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
  for (size_t i = 0; i < COUNT(commands); i++) {
    call(SYS_fcntl, fd, commands[i], &lock);
    call(SYS_fcntl, fd, commands[i], &bad);
    call(SYS_fcntl, fd, commands[i], NULL);
    call(SYS_fcntl, BAD_FD, commands[i], WILD);
    lock.l_type = i & 1 ? F_RDLCK : F_UNLCK;
    lock.l_whence = i & 1 ? SEEK_CUR : SEEK_END;
  }
  const int kinds[] = {LOCK_SH, LOCK_EX | LOCK_NB, LOCK_UN, LOCK_MAND | LOCK_READ, LOCK_RW, 0, 77,
                       -1};
  for (size_t i = 0; i < COUNT(kinds); i++) call(SYS_flock, fd, kinds[i]);
  call(SYS_flock, BAD_FD, LOCK_EX);
}

static void controls(void) {
  struct f_owner_ex owner = {F_OWNER_TID, getpid()}, noOwner = {55, -1};
  uint64_t hint = 3;  // RWH_WRITE_LIFE_MEDIUM
  uint32_t uids[2];
  close(call(SYS_fcntl, fd, F_DUPFD, 100));
  close(call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 200));
  call(SYS_fcntl, fd, F_DUPFD, -1);
  call(SYS_fcntl, fd, F_GETFD);
  call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
  call(SYS_fcntl, fd, F_SETFD, 0);
  call(SYS_fcntl, fd, F_GETFD);
  call(SYS_fcntl, fd, F_SETFD, 0xfffe);
  call(SYS_fcntl, fd, F_GETFL);
  call(SYS_fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK | O_NOATIME);
  call(SYS_fcntl, fd, F_GETFL);
  call(SYS_fcntl, fd, F_SETFL, -1);
  call(SYS_fcntl, BAD_FD, F_GETFL);
  call(SYS_fcntl, fd, F_SETOWN, getpid());
  call(SYS_fcntl, fd, F_GETOWN);
  call(SYS_fcntl, fd, F_SETOWN, -getpgrp());
  call(SYS_fcntl, fd, F_GETOWN);
  call(SYS_fcntl, fd, F_SETOWN_EX, &owner);
  call(SYS_fcntl, fd, F_GETOWN_EX, &owner);
  call(SYS_fcntl, fd, F_SETOWN_EX, &noOwner);
  call(SYS_fcntl, fd, F_GETOWN_EX, NULL);
  call(SYS_fcntl, fd, 17 /* F_GETOWNER_UIDS */, uids);
  call(SYS_fcntl, fd, F_SETSIG, SIGRTMIN + 2);
  call(SYS_fcntl, fd, F_GETSIG);
  call(SYS_fcntl, fd, F_SETSIG, 1000);
  call(SYS_fcntl, fd, F_SETLEASE, F_WRLCK);
  call(SYS_fcntl, fd, F_GETLEASE);
  call(SYS_fcntl, fd, F_SETLEASE, F_UNLCK);
  call(SYS_fcntl, fd, F_SETLEASE, 9);
  call(SYS_fcntl, fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT);
  int dir = open(".", O_RDONLY);
  call(SYS_fcntl, dir, F_NOTIFY, DN_ACCESS | DN_MODIFY | DN_DELETE | DN_RENAME | DN_ATTRIB);
  call(SYS_fcntl, dir, F_NOTIFY, 0);
  close(dir);
  int pipes[2];
  if (pipe(pipes) == 0) {
    call(SYS_fcntl, pipes[0], F_GETPIPE_SZ);
    call(SYS_fcntl, pipes[0], F_SETPIPE_SZ, 8192);
    call(SYS_fcntl, fd, F_GETPIPE_SZ);
    call(SYS_fcntl, pipes[1], F_SETPIPE_SZ, -1);
  }
  int sealed = syscall(SYS_memfd_create, "seals", MFD_ALLOW_SEALING);
  call(SYS_fcntl, sealed, F_GET_SEALS);
  call(SYS_fcntl, sealed, F_ADD_SEALS,
       F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
  call(SYS_fcntl, sealed, F_ADD_SEALS, F_SEAL_SEAL | 0x1000);
  call(SYS_fcntl, sealed, F_GET_SEALS);
  call(SYS_fcntl, fd, F_GET_SEALS);
  call(SYS_fcntl, fd, F_SET_RW_HINT, &hint);
  call(SYS_fcntl, fd, F_GET_RW_HINT, &hint);
  call(SYS_fcntl, fd, F_SET_FILE_RW_HINT, &hint);
  call(SYS_fcntl, fd, F_GET_FILE_RW_HINT, NULL);
  hint = 4711;
  call(SYS_fcntl, fd, F_SET_RW_HINT, &hint);
  call(SYS_fcntl, fd, 0x4711, WILD);
  call(SYS_fcntl, fd, -1, 5);
}

static void copies(void) {
  close(call(SYS_dup, fd));
  call(SYS_dup, BAD_FD);
  call(SYS_dup, 0x7fffffff);
  call(SYS_dup2, fd, 50);
  call(SYS_dup2, fd, fd);
  call(SYS_dup2, BAD_FD, 51);
  call(SYS_dup2, fd, -9);
  call(SYS_dup3, fd, 52, O_CLOEXEC);
  call(SYS_dup3, fd, 53, 0);
  call(SYS_dup3, fd, fd, 0);
  call(SYS_dup3, fd, 54, O_APPEND | O_CLOEXEC);
  call(SYS_dup3, fd, 54, -1);
  const int types[] = {KCMP_FILE, KCMP_VM,      KCMP_FILES, KCMP_FS, KCMP_SIGHAND,
                       KCMP_IO,   KCMP_SYSVSEM, 99,         -1};
  for (size_t i = 0; i < COUNT(types); i++) call(SYS_kcmp, getpid(), getpid(), types[i], fd, 52);
  struct kcmp_epoll_slot slot = {.efd = fd, .tfd = 1, .toff = 2};
  call(SYS_kcmp, getpid(), getpid(), KCMP_EPOLL_TFD, fd, &slot);
  call(SYS_kcmp, getpid(), getpid(), KCMP_EPOLL_TFD, fd, WILD);
  call(SYS_kcmp, 0x7ffffff0, -1, KCMP_VM);
  call(SYS_close, 50);
  call(SYS_close, 50);
  call(SYS_close_range, 52, 60, 0);
  call(SYS_close_range, 100, 0xffffffffL, CLOSE_RANGE_CLOEXEC);
  call(SYS_close_range, 100, 200, CLOSE_RANGE_UNSHARE);
  call(SYS_close_range, 10, 5, 0);
  call(SYS_close_range, 10, 50, 0x80);
  int pidfd = call(SYS_pidfd_open, getpid(), 0);
  close(call(SYS_pidfd_getfd, pidfd, fd, 0));
  call(SYS_pidfd_getfd, pidfd, 12345, 0);
  call(SYS_pidfd_getfd, fd, 0, 7);
  call(SYS_pidfd_open, -1, 0);
  close(call(SYS_pidfd_open, getpid(), O_NONBLOCK));
  call(SYS_pidfd_open, getpid(), 0x80000001);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  fd = makeFile("file", "text\n");
  locks();
  controls();
  copies();
}
