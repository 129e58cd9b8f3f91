// SPDX-License-Identifier: Apache-2.0
// Files are opened, made, made longer and shorter.
#include "corpus.h"

#include <linux/falloc.h>
#include <linux/openat2.h>
#include <sys/sysmacros.h>

static const int openFlags[] = {
    O_RDONLY,
    O_WRONLY | O_CREAT | O_TRUNC,
    O_RDWR | O_CREAT | O_EXCL,
    O_WRONLY | O_APPEND | O_CLOEXEC,
    O_RDONLY | O_NONBLOCK | O_NOCTTY,
    O_RDWR | O_DSYNC,
    O_RDWR | O_SYNC,
    O_RDONLY | O_ASYNC,
    O_RDONLY | O_DIRECT,
    O_RDONLY | 0100000,  // O_LARGEFILE, which libc makes 0
    O_RDONLY | O_DIRECTORY,
    O_RDONLY | O_NOFOLLOW | O_NOATIME,
    O_PATH | O_CLOEXEC,
    O_RDWR | O_TMPFILE,
    O_ACCMODE,
    O_ACCMODE | O_EXCL | 0x40000000,
    0x10000000,
    -1,
};

static void opens(void) {
  const char* const paths[] = {"file", "", ".", "/absent/file", ODD, "file/below", NULL, WILD, FAR};
  for (size_t i = 0; i < COUNT(openFlags); i++) {
    close(call(SYS_open, "file", openFlags[i], 0640));
    close(
        call(SYS_openat, AT_FDCWD, openFlags[i] & O_DIRECTORY ? "." : "file", openFlags[i], 01777));
  }
  for (size_t i = 0; i < COUNT(paths); i++) {
    close(call(SYS_open, paths[i], O_RDONLY, 0));
    close(call(SYS_openat, AT_FDCWD, paths[i], O_WRONLY | O_CREAT, 07777));
    close(call(SYS_creat, paths[i], 0600 + i));
  }
  close(call(SYS_openat, BAD_FD, "relative", O_RDONLY));
  close(call(SYS_openat, 12345, "/absolute", O_RDONLY));
  close(call(SYS_openat, AT_FDCWD, longText(5000, 'l'), O_RDONLY));
  close(call(SYS_openat, AT_FDCWD, longText(300, '/'), O_RDONLY));
  close(call(SYS_openat, AT_FDCWD, longText(256, 'n'), O_RDONLY));
  close(call(SYS_openat, AT_FDCWD, atEdge("edge", 5), O_CREAT | O_RDWR, 0644));
  close(call(SYS_openat, AT_FDCWD, atEdge("no end", 6), O_RDONLY));
  close(call(SYS_openat, AT_FDCWD, "mode", O_CREAT | O_WRONLY, 0xfffff));
}

static void openat2s(void) {
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};
  close(call(SYS_openat2, AT_FDCWD, "file", &how, sizeof how));
  how = (struct open_how){O_WRONLY | O_CREAT, 0751, RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS};
  close(call(SYS_openat2, AT_FDCWD, "made2", &how, sizeof how));
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  close(call(SYS_openat2, AT_FDCWD, "../up", &how, sizeof how));
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_CACHED;
  close(call(SYS_openat2, AT_FDCWD, "/file", &how, sizeof how));
  how = (struct open_how){1UL << 40 | O_RDWR, 0xffffffffff, 1UL << 33};
  close(call(SYS_openat2, AT_FDCWD, "file", &how, sizeof how));
  struct {
    struct open_how how;
    uint64_t more[2];
  } longer = {{O_RDONLY, 0, 0}, {0, 0}};
  close(call(SYS_openat2, AT_FDCWD, "file", &longer, sizeof longer));
  longer.more[1] = 7;
  close(call(SYS_openat2, AT_FDCWD, "file", &longer, sizeof longer));
  close(call(SYS_openat2, AT_FDCWD, "file", &how, 8));
  close(call(SYS_openat2, AT_FDCWD, "file", NULL, sizeof how));
  close(call(SYS_openat2, BAD_FD, WILD, WILD, sizeof how));
}

static void accesses(void) {
  const int modes[] = {F_OK, R_OK, W_OK, X_OK, R_OK | W_OK | X_OK, 8, -1};
  const int flags[] = {0, AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EACCESS | 0x8000000,
                       -1};
  for (size_t i = 0; i < COUNT(modes); i++) {
    call(SYS_access, "file", modes[i]);
    call(SYS_faccessat, AT_FDCWD, "absent", modes[i]);
    call(SYS_faccessat2, AT_FDCWD, "file", modes[i], 0);
  }
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_faccessat2, AT_FDCWD, "file", R_OK, flags[i]);
  call(SYS_access, NULL, R_OK);
  call(SYS_faccessat, BAD_FD, WILD, R_OK);
  call(SYS_faccessat, AT_FDCWD, "file", R_OK);
  call(SYS_faccessat2, BAD_FD, "", R_OK, AT_EMPTY_PATH);
}

static void nodes(void) {
  const unsigned modes[] = {
      S_IFREG | 0644, S_IFIFO | 0600, S_IFSOCK | 0777,          0640,
      S_IFDIR,        0xffffffff,     S_IFCHR | S_ISVTX | 0600, S_IFBLK | S_ISUID | 0600};
  char name[] = "node-a", at[] = "nodeat-a";
  for (size_t i = 0; i < COUNT(modes); i++) {
    name[5] = at[7] = 'a' + i;
    call(SYS_mknod, name, modes[i], makedev(1, 3));
    call(SYS_mknodat, AT_FDCWD, at, modes[i], makedev(300, 70000));
  }
  call(SYS_mknod, NULL, S_IFIFO | 0644, 0);
  call(SYS_mknodat, BAD_FD, "x", S_IFREG, 5);
  call(SYS_mknod, "file", S_IFCHR | 0600, makedev(1, 5));
}

static void lengths(void) {
  const int modes[] = {0,
                       FALLOC_FL_KEEP_SIZE,
                       FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
                       FALLOC_FL_COLLAPSE_RANGE,
                       FALLOC_FL_ZERO_RANGE,
                       FALLOC_FL_INSERT_RANGE,
                       FALLOC_FL_UNSHARE_RANGE,
                       FALLOC_FL_NO_HIDE_STALE | 0x1000,
                       -1};
  int fd = makeFile("long", "some content");
  for (size_t i = 0; i < COUNT(modes); i++) call(SYS_fallocate, fd, modes[i], 4096 * i, 4096);
  call(SYS_fallocate, BAD_FD, 0, -1L, HUGE);
  call(SYS_truncate, "long", 100);
  call(SYS_truncate, "long", -1L);
  call(SYS_truncate, WILD, HUGE);
  call(SYS_truncate, "", 0);
  call(SYS_ftruncate, fd, 5);
  call(SYS_ftruncate, fd, -5L);
  call(SYS_ftruncate, BAD_FD, HUGE);
  close(fd);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  close(makeFile("file", "text\n"));
  opens();
  openat2s();
  accesses();
  nodes();
  lengths();
  call(SYS_close, BAD_FD);
  call(SYS_close, 0xffffffffffL);
}
