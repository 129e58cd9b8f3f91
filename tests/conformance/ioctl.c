// SPDX-License-Identifier: Apache-2.0
// ioctl, of files, pipes, terminals and devices. Those of sockets are in sockets.c.
#include "corpus.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <termios.h>

static void files(int fd) {
  long value = 0;
  struct {
    struct fiemap map;
    struct fiemap_extent extents[4];
  } map = {.map = {.fm_length = -1UL, .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 4}};
  struct file_clone_range clone = {.src_fd = fd, .src_length = 4096};
  struct fsxattr attributes = {0};
  struct fstrim_range trim = {0, 1, -1UL};
  struct {
    struct file_dedupe_range range;
    struct file_dedupe_range_info info;
  } same = {.range = {.src_length = 100, .dest_count = 1},
            .info = {.dest_fd = fd, .dest_offset = 4096}};
  call(SYS_ioctl, fd, FIONREAD, &value);
  call(SYS_ioctl, fd, FIONBIO, &value);
  call(SYS_ioctl, fd, FIOASYNC, &value);
  call(SYS_ioctl, fd, FIOCLEX);
  call(SYS_ioctl, fd, FIONCLEX);
  call(SYS_ioctl, fd, FIOQSIZE, &value);
  call(SYS_ioctl, fd, FIBMAP, &value);
  call(SYS_ioctl, fd, FIGETBSZ, &value);
  call(SYS_ioctl, fd, FS_IOC_FIEMAP, &map);
  call(SYS_ioctl, fd, FS_IOC_GETFLAGS, &value);
  call(SYS_ioctl, fd, FS_IOC_SETFLAGS, &value);
  call(SYS_ioctl, fd, FS_IOC_GETVERSION, &value);
  call(SYS_ioctl, fd, FS_IOC_FSGETXATTR, &attributes);
  call(SYS_ioctl, fd, FICLONE, fd);
  call(SYS_ioctl, fd, FICLONERANGE, &clone);
  call(SYS_ioctl, fd, FIDEDUPERANGE, &same);
  call(SYS_ioctl, BAD_FD, FITRIM, &trim);
  call(SYS_ioctl, BAD_FD, FIFREEZE, 0);
  call(SYS_ioctl, fd, BLKGETSIZE64, &value);
  call(SYS_ioctl, fd, BLKROSET, WILD);
  call(SYS_ioctl, fd, LOOP_GET_STATUS64, WILD);
  call(SYS_ioctl, fd, FS_IOC_GETFLAGS, WILD);
  call(SYS_ioctl, fd, FIONBIO, NULL);
}

static void terminals(void) {
  int number = -1, zero = 0, pid = 0;
  struct termios settings;
  char kernel[64];
  struct winsize size = {24, 80, 1, 2};
  int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
  call(SYS_ioctl, fd, TIOCGPTN, &number);
  call(SYS_ioctl, fd, TIOCSPTLCK, &zero);
  int end = call(SYS_ioctl, fd, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  call(SYS_ioctl, end, TCGETS, kernel);
  call(SYS_ioctl, end, TCSETS, kernel);
  call(SYS_ioctl, end, TCSETSW, kernel);
  call(SYS_ioctl, end, TCGETS, WILD);
  call(SYS_ioctl, end, 0x802c542a /* TCGETS2 */, &settings);
  call(SYS_ioctl, end, TIOCSWINSZ, &size);
  call(SYS_ioctl, end, TIOCGWINSZ, &size);
  call(SYS_ioctl, end, TIOCGPGRP, &pid);
  call(SYS_ioctl, end, TIOCSPGRP, &pid);
  call(SYS_ioctl, end, TIOCGSID, &pid);
  call(SYS_ioctl, end, TIOCOUTQ, &pid);
  call(SYS_ioctl, end, TIOCINQ, &pid);
  call(SYS_ioctl, end, TIOCGETD, &pid);
  call(SYS_ioctl, end, TIOCMGET, &pid);
  call(SYS_ioctl, end, TIOCEXCL);
  call(SYS_ioctl, end, TIOCNXCL);
  call(SYS_ioctl, end, TCFLSH, TCIOFLUSH);
  call(SYS_ioctl, end, TCXONC, TCOON);
  call(SYS_ioctl, end, TCSBRK, 1);
  call(SYS_ioctl, end, TIOCPKT, &zero);
  call(SYS_ioctl, fd, TIOCPKT, &zero);
  call(SYS_ioctl, 0, TCGETS, kernel);
  close(end);
  close(fd);
}

static void devices(void) {
  int bits;
  struct rtc_time now;
  int fd = open("/dev/random", O_RDONLY);
  call(SYS_ioctl, fd, RNDGETENTCNT, &bits);
  call(SYS_ioctl, fd, RNDADDTOENTCNT, WILD);
  close(fd);
  call(SYS_ioctl, BAD_FD, RTC_RD_TIME, &now);
  call(SYS_ioctl, 1, RTC_ALM_READ, &now);
  // Numbers that nobody has, of each direction and size.
  const unsigned long unknown[] = {
      _IO('\1', 2), _IOR(0xfe, 77, int), _IOW('S', 200, char[100]), _IOWR('z', 255, char[16383]), 0,
      0xffffffff,   0x1234567800005401UL};
  for (size_t i = 0; i < COUNT(unknown); i++) call(SYS_ioctl, 1, unknown[i], i & 1 ? WILD : FAR);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  files(makeFile("file", longText(10000, 'f')));
  terminals();
  devices();
}
