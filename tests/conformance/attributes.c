// SPDX-License-Identifier: Apache-2.0
// What is known of a file: read and changed.
#include "corpus.h"

#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

struct statx;
static char out[512] __attribute__((aligned(16)));

static void stats(int fd) {
  const char* const paths[] = {"file",     "link",   ".", "pipe", "/dev/null",
                               "/dev/vda", "absent", "",  ODD};
  for (size_t i = 0; i < COUNT(paths); i++) {
    call(SYS_stat, paths[i], out);
    call(SYS_lstat, paths[i], out);
    call(SYS_newfstatat, AT_FDCWD, paths[i], out, i & 1 ? AT_SYMLINK_NOFOLLOW : 0);
    call(SYS_statfs, paths[i], out);
  }
  call(SYS_fstat, fd, out);
  call(SYS_fstat, BAD_FD, out);
  call(SYS_fstat, fd, WILD);
  call(SYS_stat, NULL, out);
  call(SYS_stat, "file", NULL);
  call(SYS_lstat, WILD, WILD);
  call(SYS_stat, "file", atEdge(NULL, 100));
  const int flags[] = {AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, -1,
                       0x40};
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_newfstatat, fd, "", out, flags[i]);
  call(SYS_newfstatat, BAD_FD, "relative", out, 0);
  call(SYS_fstatfs, fd, out);
  call(SYS_fstatfs, BAD_FD, out);
  call(SYS_statfs, "/proc", out);
  call(SYS_statfs, "/sys", out);
  call(SYS_statfs, "file", WILD);
  call(SYS_ustat, makedev(0, 0), out);
  call(SYS_ustat, 0xffffffffL, NULL);
  struct stat known;
  if (stat("file", &known) == 0) call(SYS_ustat, known.st_dev, out);
}

static void statxs(int fd) {
  const unsigned masks[] = {0, 0x7ff, 0xfff, 0x1fff, 0xffffffff, 0x80000000, 1, 0x200};
  const int flags[] = {AT_STATX_SYNC_AS_STAT,
                       AT_STATX_FORCE_SYNC,
                       AT_STATX_DONT_SYNC,
                       AT_STATX_SYNC_TYPE,
                       AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                       -1};
  for (size_t i = 0; i < COUNT(masks); i++) call(SYS_statx, AT_FDCWD, "file", 0, masks[i], out);
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_statx, AT_FDCWD, "link", flags[i], 0x7ff, out);
  call(SYS_statx, fd, "", AT_EMPTY_PATH, 0xfff, out);
  call(SYS_statx, AT_FDCWD, "/dev/null", 0, 0xfff, out);
  call(SYS_statx, AT_FDCWD, ".", 0, 0xfff, out);
  call(SYS_statx, AT_FDCWD, "absent", 0, 0xfff, out);
  call(SYS_statx, AT_FDCWD, NULL, 0, 0xfff, NULL);
  call(SYS_statx, BAD_FD, "x", 0, 0xfff, WILD);
}

static void modes(int fd) {
  const unsigned modes[] = {0644, 04755, 02710, 01777, 0, 07777, 0xffffffff, 0100644};
  for (size_t i = 0; i < COUNT(modes); i++) {
    call(SYS_chmod, "file", modes[i]);
    call(SYS_fchmod, fd, modes[i]);
    call(SYS_fchmodat, AT_FDCWD, "file", modes[i]);
    call(SYS_umask, modes[i]);
  }
  call(SYS_umask, 022);
  call(SYS_chmod, "absent", 0600);
  call(SYS_chmod, WILD, 0600);
  call(SYS_fchmod, BAD_FD, 0600);
  call(SYS_fchmodat, BAD_FD, "", 0600);
  call(SYS_fchmodat, AT_FDCWD, NULL, 0600);
}

static void owners(int fd) {
  call(SYS_chown, "file", 0, 0);
  call(SYS_chown, "file", -1, -1);
  call(SYS_chown, "absent", 12345, 4000000000U);
  call(SYS_chown, NULL, 1, 2);
  call(SYS_lchown, "link", 1000, 1001);
  call(SYS_lchown, "", 0, 0);
  call(SYS_fchown, fd, 65534, -1);
  call(SYS_fchown, BAD_FD, 0, 0);
  const int flags[] = {
      0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, -1, 8};
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_fchownat, AT_FDCWD, "link", 0, 0, flags[i]);
  call(SYS_fchownat, fd, "", 5, 6, AT_EMPTY_PATH);
  call(SYS_fchownat, BAD_FD, WILD, 5, 6, 0);
}

static void times(int fd) {
  struct utimbuf old = {1000000000, 1234567890};
  struct timeval pair[2] = {{1, 999999}, {-5, 250000}}, bad[2] = {{0, 0}, {1, 1000000}};
  struct timespec fine[][2] = {
      {{1, 2}, {3000000000, 999999999}}, {{0, UTIME_NOW}, {0, UTIME_OMIT}},
      {{0, UTIME_NOW}, {0, UTIME_NOW}},  {{0, UTIME_OMIT}, {0, UTIME_OMIT}},
      {{-1, -1}, {0, 1000000000}},       {{HUGE, 0}, {-HUGE, 1}}};
  call(SYS_utime, "file", &old);
  call(SYS_utime, "file", NULL);
  call(SYS_utime, "absent", WILD);
  call(SYS_utimes, "file", pair);
  call(SYS_utimes, "file", bad);
  call(SYS_utimes, NULL, NULL);
  call(SYS_utimes, "file", atEdge(pair, 16));
  call(SYS_futimesat, AT_FDCWD, "file", pair);
  call(SYS_futimesat, fd, NULL, pair);
  call(SYS_futimesat, BAD_FD, "x", WILD);
  for (size_t i = 0; i < COUNT(fine); i++)
    call(SYS_utimensat, AT_FDCWD, "file", fine[i], i & 1 ? AT_SYMLINK_NOFOLLOW : 0);
  call(SYS_utimensat, fd, NULL, fine[0], 0);
  call(SYS_utimensat, AT_FDCWD, "file", NULL, 0);
  call(SYS_utimensat, AT_FDCWD, "absent", fine[0], AT_EMPTY_PATH);
  call(SYS_utimensat, BAD_FD, ODD, WILD, -1);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  int fd = makeFile("file", "text\n");
  if (symlink("file", "link") < 0 || mkfifo("pipe", 0640) < 0) return 1;
  stats(fd);
  statxs(fd);
  modes(fd);
  owners(fd);
  times(fd);
  call(SYS_sysfs, 1, "proc");
  call(SYS_sysfs, 2, 1, out);
  call(SYS_sysfs, 3);
  call(SYS_sysfs, 9, WILD);
}
