// SPDX-License-Identifier: Apache-2.0
// Extended attributes, each of the twelve calls in all its ways.
#include "corpus.h"

#include <sys/xattr.h>

static char out[256];

int main(int argc, char** argv) {
  begin(argc, argv);
  int fd = makeFile("file", "text\n");
  if (symlink("file", "link") < 0) return 1;
  const int flags[] = {0, XATTR_CREATE, XATTR_REPLACE, XATTR_CREATE | XATTR_REPLACE, 4, -1};
  for (size_t i = 0; i < COUNT(flags); i++) {
    call(SYS_setxattr, "file", "user.one", "value\0" ODD, 10, flags[i]);
    call(SYS_lsetxattr, "link", "trusted.two", ODD, sizeof ODD, flags[i]);
    call(SYS_fsetxattr, fd, "user.three", "", 0, flags[i]);
  }
  call(SYS_setxattr, "absent", "user.one", "v", 1, 0);
  call(SYS_setxattr, "file", "no-such.name", "v", 1, 0);
  call(SYS_setxattr, "file", NULL, NULL, 5, 0);
  call(SYS_setxattr, WILD, WILD, WILD, -1, 0);
  call(SYS_setxattr, "file", longText(300, 'n'), longText(70000, 'v'), 70000, 0);
  call(SYS_lsetxattr, "link", "", "v", HUGE, 0);
  call(SYS_fsetxattr, BAD_FD, "user.x", "v", 1, 0);
  call(SYS_getxattr, "file", "user.one", out, sizeof out);
  call(SYS_getxattr, "file", "user.one", NULL, 0);
  call(SYS_getxattr, "file", "user.one", out, 2);
  call(SYS_getxattr, "file", "user.absent", out, sizeof out);
  call(SYS_getxattr, NULL, NULL, NULL, -1);
  call(SYS_lgetxattr, "link", "trusted.two", out, sizeof out);
  call(SYS_lgetxattr, "absent", ODD, WILD, 10);
  call(SYS_fgetxattr, fd, "user.three", out, sizeof out);
  call(SYS_fgetxattr, BAD_FD, "user.three", out, sizeof out);
  call(SYS_listxattr, "file", out, sizeof out);
  call(SYS_listxattr, "file", NULL, 0);
  call(SYS_listxattr, "absent", out, 3);
  call(SYS_listxattr, WILD, WILD, HUGE);
  call(SYS_llistxattr, "link", out, sizeof out);
  call(SYS_llistxattr, "file", out, 3);
  call(SYS_flistxattr, fd, out, sizeof out);
  call(SYS_flistxattr, BAD_FD, NULL, 0);
  call(SYS_removexattr, "file", "user.one");
  call(SYS_removexattr, "file", "user.one");
  call(SYS_removexattr, "file", WILD);
  call(SYS_lremovexattr, "link", "trusted.two");
  call(SYS_lremovexattr, NULL, "user.x");
  call(SYS_fremovexattr, fd, "user.three");
  call(SYS_fremovexattr, BAD_FD, "");
}
