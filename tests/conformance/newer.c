// SPDX-License-Identifier: Apache-2.0
// Calls that came after Linux 6.1, by number: libc's headers need not know them, and a strace of
// that age prints a number and six registers.
#include "corpus.h"

// Meant for the kernel's own trampolines: anybody else is sent SIGILL.
static void uretprobe(void) { call(335); }
static void uprobe(void) { call(336); }

int main(int argc, char** argv) {
  begin(argc, argv);
  int fd = makeFile("file", "text\n");
  static uint32_t word;
  struct timespec past = {1, 2};
  char out[1024];
  uint64_t range[2] = {0, 4096}, ids[8];
  struct {
    uint32_t size, spare;
    uint64_t id, param, ns;
  } request = {24, 0, -1UL, 0x1ff, 0};
  struct {
    uint64_t value;
    uint32_t size, flags;
  } attr = {(long)"value", 5, 0};
  struct {
    uint64_t value, address;
    uint32_t flags, spare;
  } wait[2] = {{0, (long)&word, 0x82, 0}, {0, (long)&word, 0x82, 0}};
  const struct {
    long number, a, b, c, d, e, f;
  } rows[] = {
      {451, fd, (long)range, (long)out, 0, 0, 0},  // cachestat
      {451, -1, 16, 0, 7, 0, 0},
      {452, AT_FDCWD, (long)"file", 0640, AT_SYMLINK_NOFOLLOW, 0, 0},  // fchmodat2
      {452, AT_FDCWD, (long)"absent", 0600, 0, 0, 0},
      {453, 0, 4096, 0, 0, 0, 0},  // map_shadow_stack
      {453, 16, -1, 99, 0, 0, 0},
      {454, (long)&word, 1, 1, 0x82, 0, 0},  // futex_wake
      {454, 16, 0, -1, 0xff, 0, 0},
      {455, (long)&word, 5, 1, 0x82, (long)&past, 1},  // futex_wait
      {455, (long)&word, 0, 1, 0x82, (long)&past, 0},
      {456, (long)wait, 0, 1, 1, 0, 0},  // futex_requeue
      {456, 0, 1, 0, 0, 0, 0},
      {457, (long)&request, (long)out, sizeof out, 0, 0, 0},  // statmount
      {457, 16, 0, 0, -1, 0, 0},
      {458, (long)&request, (long)ids, 8, 0, 0, 0},  // listmount
      {458, 0, 16, -1, 5, 0, 0},
      {459, 100, (long)out, (long)range, 0, 0, 0},  // lsm_get_self_attr
      {459, 0, 0, 16, 1, 0, 0},
      {460, 100, (long)out, 32, 0, 0, 0},         // lsm_set_self_attr
      {461, (long)ids, (long)range, 0, 0, 0, 0},  // lsm_list_modules
      {461, 16, 16, 5, 0, 0, 0},
      {462, 0, 0, 0, 0, 0, 0},  // mseal
      {462, 17, -1, 1, 0, 0, 0},
      {463, AT_FDCWD, (long)"file", 0, (long)"user.new", (long)&attr, sizeof attr},  // setxattrat
      {463, -1, 16, 0x1000, 16, 16, 3},
      {464, AT_FDCWD, (long)"file", 0, (long)"user.new", (long)&attr, sizeof attr},  // getxattrat
      {464, fd, (long)"", AT_EMPTY_PATH, 0, 0, 16},
      {465, AT_FDCWD, (long)"file", 0, (long)out, sizeof out, 0},  // listxattrat
      {465, -1, 0, -1, 16, 0, 0},
      {466, AT_FDCWD, (long)"file", 0, (long)"user.new", 0, 0},  // removexattrat
      {466, AT_FDCWD, (long)"file", 0, (long)"user.new", 0, 0},
      {467, AT_FDCWD, (long)"absent", 0, 0, 0, 0},         // open_tree_attr
      {468, AT_FDCWD, (long)"file", (long)out, 24, 0, 0},  // file_getattr
      {468, AT_FDCWD, (long)"absent", 16, 1, 0x7777, 0},
      {469, AT_FDCWD, (long)"absent", (long)out, 24, 0, 0},  // file_setattr
      {469, fd, (long)"", 16, -1, AT_EMPTY_PATH, 0},
  };
  inChild(uretprobe);
  inChild(uprobe);
  for (size_t i = 0; i < COUNT(rows); i++)
    call(rows[i].number, rows[i].a, rows[i].b, rows[i].c, rows[i].d, rows[i].e, rows[i].f);
}
