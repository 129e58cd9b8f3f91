// SPDX-License-Identifier: Apache-2.0
// Bytes are read, written and moved.
#include "corpus.h"

#include <linux/fs.h>

static char bytes[256], in[5000];
static int fd, other, pipes[2];

static void plain(void) {
  call(SYS_write, fd, bytes, sizeof bytes);
  call(SYS_write, fd, "text with \"quotes\"\n", 19);
  call(SYS_write, fd, "", 0);
  call(SYS_write, fd, NULL, 0);
  call(SYS_write, fd, NULL, 10);
  call(SYS_write, fd, WILD, 10);
  call(SYS_write, BAD_FD, "lost", 4);
  call(SYS_write, fd, longText(5000, 'w'), 5000);
  call(SYS_write, fd, atEdge(bytes, 100), 100);
  call(SYS_write, fd, atEdge(bytes, 100), 200);
  call(SYS_write, fd, "x", -1L);
  call(SYS_lseek, fd, 0, SEEK_SET);
  call(SYS_read, fd, in, 300);
  call(SYS_read, fd, in, 4500);
  call(SYS_read, fd, in, 0);
  call(SYS_read, fd, NULL, 5);
  call(SYS_read, fd, atEdge(NULL, 50), 50);
  call(SYS_read, BAD_FD, in, 100);
  call(SYS_read, fd, WILD, HUGE);
  call(SYS_pread64, fd, in, 20, 3);
  call(SYS_pread64, fd, in, 20, -1L);
  call(SYS_pread64, BAD_FD, NULL, HUGE, HUGE);
  call(SYS_pwrite64, fd, ODD, sizeof ODD, 1L << 32);
  call(SYS_pwrite64, fd, ODD, 3, -7L);
  call(SYS_pwrite64, pipes[1], WILD, 3, 0);
  const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, 5, -1};
  for (size_t i = 0; i < COUNT(whence); i++) call(SYS_lseek, fd, 10 * i, whence[i]);
  call(SYS_lseek, fd, -HUGE, SEEK_CUR);
  call(SYS_lseek, BAD_FD, HUGE, SEEK_SET);
  call(SYS_lseek, pipes[0], 0, SEEK_CUR);
}

static void vectors(void) {
  struct iovec out[] = {{"one", 3}, {"", 0}, {NULL, 0}, {ODD, sizeof ODD}, {bytes, 256}};
  struct iovec into[] = {{in, 5}, {in + 5, 1}, {in + 10, 200}, {in + 300, 0}};
  struct iovec bad[] = {{"one", 3}, {WILD, 5}, {NULL, -1UL}};
  const int flags[] = {0, RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT, RWF_APPEND, 0x8000, -1};
  call(SYS_writev, fd, out, COUNT(out));
  call(SYS_writev, fd, bad, COUNT(bad));
  call(SYS_writev, fd, bad, 2);
  call(SYS_writev, fd, NULL, 0);
  call(SYS_writev, BAD_FD, WILD, 3);
  call(SYS_writev, fd, out, 100000);
  call(SYS_writev, fd, atEdge(out, 32), 3);
  call(SYS_lseek, fd, 0, SEEK_SET);
  call(SYS_readv, fd, into, COUNT(into));
  call(SYS_readv, fd, bad, 2);
  call(SYS_readv, BAD_FD, into, 1);
  call(SYS_readv, fd, NULL, -1);
  call(SYS_preadv, fd, into, 3, 2, 0);
  call(SYS_preadv, fd, into, 3, 1L << 33, 0);
  call(SYS_preadv, BAD_FD, into, 2, -1L, -1L);
  call(SYS_pwritev, fd, out, 4, 100, 0);
  call(SYS_pwritev, fd, WILD, 4, 100, 0);
  for (size_t i = 0; i < COUNT(flags); i++) {
    call(SYS_pwritev2, fd, out, 2, i & 1 ? -1L : 50, i & 1 ? -1L : 0, flags[i]);
    call(SYS_preadv2, fd, into, 2, 10, 0, flags[i]);
  }
}

static void moves(void) {
  off_t offset = 2, far = HUGE;
  loff_t from = 1, to = 5;
  const unsigned flags[] = {
      0, SPLICE_F_MOVE, SPLICE_F_NONBLOCK, SPLICE_F_MORE | SPLICE_F_GIFT, 0x80, -1};
  struct iovec out[] = {{"gift", 4}, {bytes, 30}};
  call(SYS_sendfile, other, fd, &offset, 20);
  call(SYS_sendfile, other, fd, NULL, 20);
  call(SYS_sendfile, other, fd, &far, HUGE);
  call(SYS_sendfile, BAD_FD, fd, WILD, 1);
  call(SYS_copy_file_range, fd, &from, other, &to, 30, 0);
  call(SYS_copy_file_range, fd, NULL, other, NULL, 30, 0);
  call(SYS_copy_file_range, fd, WILD, other, &to, -1, 0x55);
  call(SYS_copy_file_range, BAD_FD, NULL, pipes[0], NULL, 1, 0);
  from = 0;
  for (size_t i = 0; i < COUNT(flags); i++) {
    call(SYS_splice, fd, &from, pipes[1], NULL, 100, flags[i]);
    call(SYS_vmsplice, pipes[1], out, COUNT(out), flags[i]);
    call(SYS_splice, pipes[0], NULL, other, i ? NULL : &to, 50, flags[i] | SPLICE_F_NONBLOCK);
  }
  call(SYS_splice, BAD_FD, WILD, fd, WILD, HUGE, 0);
  call(SYS_vmsplice, BAD_FD, WILD, 1, 0);
  int second[2];
  if (pipe(second) < 0) exit(1);
  call(SYS_tee, pipes[0], second[1], 10, SPLICE_F_NONBLOCK);
  call(SYS_tee, second[0], pipes[0], HUGE, 0);
  call(SYS_tee, BAD_FD, BAD_FD, 0, 0xff);
}

static void hints(void) {
  const int advice[] = {0, 1, 2, 3, 4, 5, 6, -1};
  const unsigned flags[] = {0, 1, 2, 4, 7, 8, -1};
  for (size_t i = 0; i < COUNT(advice); i++)
    call(SYS_fadvise64, fd, 4096 * i, i ? 100 : 0, advice[i]);
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_sync_file_range, fd, 4096, 100, flags[i]);
  call(SYS_fadvise64, BAD_FD, -1L, HUGE, 0);
  call(SYS_sync_file_range, fd, -1L, -1L, 1);
  call(SYS_readahead, fd, 0, 4096);
  call(SYS_readahead, BAD_FD, -5L, HUGE);
  call(SYS_fsync, fd);
  call(SYS_fsync, pipes[0]);
  call(SYS_fdatasync, fd);
  call(SYS_fdatasync, BAD_FD);
  call(SYS_syncfs, fd);
  call(SYS_syncfs, BAD_FD);
  call(SYS_sync);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  for (int i = 0; i < 256; i++) bytes[i] = i;
  fd = call(SYS_open, "file", O_RDWR | O_CREAT, 0600);
  other = call(SYS_open, "other", O_RDWR | O_CREAT, 0600);
  if (fd < 0 || other < 0 || pipe(pipes) < 0) return 1;
  plain();
  vectors();
  moves();
  hints();
}
