// SPDX-License-Identifier: Apache-2.0
// Names: links, new names, handles.
#include "corpus.h"

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

static char out[512];

static void handles(void) {
  struct {
    struct file_handle handle;
    unsigned char bytes[128];
  } h = {.handle = {.handle_bytes = 128}};
  int mount = -1;
  call(SYS_name_to_handle_at, AT_FDCWD, "file", &h, &mount, 0);
  int dir = open(".", O_RDONLY | O_DIRECTORY);
  close(call(SYS_open_by_handle_at, dir, &h, O_RDONLY | O_CLOEXEC));
  close(call(SYS_open_by_handle_at, AT_FDCWD, &h, O_RDWR | O_APPEND));
  h.handle.handle_bytes = 2;
  call(SYS_name_to_handle_at, AT_FDCWD, "file", &h, &mount, AT_SYMLINK_FOLLOW);
  h.handle.handle_bytes = 0;
  call(SYS_name_to_handle_at, dir, "", &h, &mount, AT_EMPTY_PATH);
  h.handle.handle_bytes = 4000;
  call(SYS_name_to_handle_at, BAD_FD, "file", &h, &mount, AT_HANDLE_FID);
  call(SYS_name_to_handle_at, AT_FDCWD, NULL, WILD, WILD, -1);
  call(SYS_open_by_handle_at, BAD_FD, &h, O_RDONLY);
  h.handle.handle_bytes = 8;
  h.handle.handle_type = 0x4711;
  call(SYS_open_by_handle_at, dir, &h, O_PATH);
  call(SYS_open_by_handle_at, dir, WILD, -1);
  close(dir);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  close(makeFile("file", "text\n"));
  call(SYS_link, "file", "hard");
  call(SYS_link, "file", "hard");
  call(SYS_link, NULL, WILD);
  const int linkFlags[] = {0, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, -1, 1};
  for (size_t i = 0; i < COUNT(linkFlags); i++)
    call(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, i ? "hard" : "hard2", linkFlags[i]);
  call(SYS_linkat, BAD_FD, "file", 777, "hard", 0);
  call(SYS_symlink, "target that is not", "soft");
  call(SYS_symlink, ODD, "odd");
  call(SYS_symlink, "", "x");
  call(SYS_symlink, WILD, "x");
  call(SYS_symlinkat, "file", AT_FDCWD, "soft2");
  call(SYS_symlinkat, longText(4095, 's'), AT_FDCWD, "soft3");
  call(SYS_symlinkat, longText(4096, 's'), BAD_FD, NULL);
  const char* const read[] = {"soft", "odd", "soft3", "file", "absent", "", NULL, WILD};
  for (size_t i = 0; i < COUNT(read); i++) {
    call(SYS_readlink, read[i], out, sizeof out);
    call(SYS_readlinkat, AT_FDCWD, read[i], out, 5);
  }
  call(SYS_readlink, "soft", out, 0);
  call(SYS_readlink, "soft", NULL, 64);
  call(SYS_readlink, "soft", WILD, -1);
  call(SYS_readlinkat, BAD_FD, "soft", out, HUGE);
  call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", out, sizeof out);
  call(SYS_rename, "hard", "hard3");
  call(SYS_rename, "absent", "hard3");
  call(SYS_rename, NULL, FAR);
  call(SYS_renameat, AT_FDCWD, "hard3", AT_FDCWD, ODD);
  call(SYS_renameat, BAD_FD, "x", AT_FDCWD, "");
  const unsigned flags[] = {
      0, RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT, RENAME_NOREPLACE | RENAME_EXCHANGE,
      8, 0xffffffff};
  for (size_t i = 0; i < COUNT(flags); i++)
    call(SYS_renameat2, AT_FDCWD, "hard2", AT_FDCWD, "soft2", flags[i]);
  call(SYS_renameat2, 99, WILD, BAD_FD, NULL, 0);
  handles();
  call(SYS_unlink, "soft");
  call(SYS_unlink, "soft");
  call(SYS_unlink, NULL);
  call(SYS_unlinkat, AT_FDCWD, "odd", 0);
  call(SYS_unlinkat, AT_FDCWD, WILD, 0);
}
