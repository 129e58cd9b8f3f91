// SPDX-License-Identifier: Apache-2.0
// Directories, and where a process stands.
#include "corpus.h"

static char out[4096];

static void elsewhere(void) {
  call(SYS_chroot, "absent");
  call(SYS_chroot, NULL);
  call(SYS_chroot, "a");
  call(SYS_chdir, "/");
  call(SYS_getcwd, out, sizeof out);
  call(SYS_open, "/etc/passwd", O_RDONLY);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  call(SYS_mkdir, "a", 0755);
  call(SYS_mkdir, "a", 01777);
  call(SYS_mkdir, ODD, 0700);
  call(SYS_mkdir, "", 0);
  call(SYS_mkdir, NULL, -1);
  call(SYS_mkdirat, AT_FDCWD, "a/b", 02750);
  call(SYS_mkdirat, BAD_FD, "c", 0xffff);
  call(SYS_mkdirat, AT_FDCWD, WILD, 0777);
  for (int i = 0; i < 20; i++) {
    char name[64];
    snprintf(name, sizeof name, "a/%.*s%d", i * 2, "abcdefghijklmnopqrstuvwxyz0123456789 \"\\", i);
    close(makeFile(name, ""));
  }
  int dir = call(SYS_open, "a", O_RDONLY | O_DIRECTORY);
  call(SYS_getdents, dir, out, 200);
  call(SYS_getdents, dir, out, sizeof out);
  call(SYS_getdents, dir, out, sizeof out);
  call(SYS_getdents, dir, out, 1);
  call(SYS_lseek, dir, 0, SEEK_SET);
  call(SYS_getdents64, dir, out, 300);
  call(SYS_getdents64, dir, out, sizeof out);
  call(SYS_getdents64, dir, out, sizeof out);
  call(SYS_lseek, dir, 0, SEEK_SET);
  call(SYS_getdents64, dir, out, 3);
  call(SYS_getdents, BAD_FD, out, 100);
  call(SYS_getdents64, BAD_FD, NULL, 0xffffffffL);
  call(SYS_getdents64, dir, WILD, 1000);
  call(SYS_getcwd, out, sizeof out);
  call(SYS_getcwd, out, 3);
  call(SYS_getcwd, NULL, 0);
  call(SYS_getcwd, WILD, 4096);
  call(SYS_chdir, "a");
  call(SYS_chdir, "..");
  call(SYS_chdir, "absent");
  call(SYS_chdir, WILD);
  call(SYS_chdir, longText(6000, 'd'));
  call(SYS_fchdir, dir);
  call(SYS_chdir, "..");
  call(SYS_fchdir, BAD_FD);
  call(SYS_rmdir, "a/b");
  call(SYS_rmdir, "a");
  call(SYS_rmdir, NULL);
  call(SYS_unlinkat, AT_FDCWD, ODD, AT_REMOVEDIR);
  call(SYS_unlinkat, AT_FDCWD, "a", 0);
  call(SYS_unlinkat, AT_FDCWD, "a", -1);
  call(SYS_unlinkat, BAD_FD, "", AT_REMOVEDIR | 0x1000);
  inChild(elsewhere);
}
