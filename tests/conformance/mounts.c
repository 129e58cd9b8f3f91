// SPDX-License-Identifier: Apache-2.0
// The mount calls, old and new, in a mount namespace of its own that nothing leaves.
#include "corpus.h"

#include <linux/mount.h>
#include <sys/quota.h>
#include <sys/swap.h>

#define AT_RECURSIVE_ 0x8000  // AT_RECURSIVE, where libc has it not

static void olds(void) {
  const unsigned long flags[] = {MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                                 MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC,
                                 MS_NOATIME | MS_NODIRATIME,
                                 MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME,
                                 MS_SILENT | MS_POSIXACL | MS_I_VERSION,
                                 0xc0ed0000UL | MS_RDONLY};
  for (size_t i = 0; i < COUNT(flags); i++) {
    call(SYS_mount, "none", "at", "tmpfs", flags[i], "size=64k,mode=0700");
    call(SYS_umount2, "at", i & 1 ? MNT_DETACH : 0);
  }
  call(SYS_mount, "none", "at", "tmpfs", 0, NULL);
  call(SYS_mount, "at", "second", NULL, MS_BIND | MS_REC, NULL);
  call(SYS_mount, NULL, "second", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
  const unsigned long spread[] = {MS_SHARED, MS_SLAVE, MS_PRIVATE | MS_REC, MS_UNBINDABLE,
                                  MS_SHARED | MS_PRIVATE};
  for (size_t i = 0; i < COUNT(spread); i++) call(SYS_mount, NULL, "second", NULL, spread[i], NULL);
  call(SYS_mount, "second", "third", NULL, MS_MOVE, NULL);
  call(SYS_mount, "none", "absent", "tmpfs", 0, NULL);
  call(SYS_mount, "none", "at", "no-such-type", 0, ODD);
  call(SYS_mount, ODD, WILD, NULL, -1L, WILD);
  call(SYS_mount, NULL, NULL, NULL, 0, NULL);
  call(SYS_mount, WILD, "at", WILD, MS_MGC_VAL, "");
  const int ends[] = {
      MNT_EXPIRE, MNT_FORCE | UMOUNT_NOFOLLOW, MNT_DETACH, MNT_FORCE | MNT_EXPIRE, 0x100, -1};
  for (size_t i = 0; i < COUNT(ends); i++) call(SYS_umount2, "third", ends[i]);
  call(SYS_umount2, NULL, 0);
  call(SYS_umount2, "at", 0);
}

static void news(void) {
  int fs = call(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
  call(SYS_fsopen, "no-such-type", 0);
  call(SYS_fsopen, NULL, -1);
  call(SYS_fsopen, WILD, 0);
  call(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", "64k", 0);
  call(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "0750", 0);
  call(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "ro", NULL, 0);
  call(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "no-such-key", NULL, 0);
  call(SYS_fsconfig, fs, FSCONFIG_SET_BINARY, "key", ODD, 5);
  call(SYS_fsconfig, fs, FSCONFIG_SET_PATH, "key", "path", AT_FDCWD);
  call(SYS_fsconfig, fs, FSCONFIG_SET_PATH_EMPTY, "key", "", 1);
  call(SYS_fsconfig, fs, FSCONFIG_SET_FD, "key", NULL, 1);
  call(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
  call(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  call(SYS_fsconfig, fs, 77, "a", "b", -1);
  call(SYS_fsconfig, BAD_FD, FSCONFIG_SET_STRING, WILD, NULL, 7);
  int mount = call(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  call(SYS_fsmount, fs, -1, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME);
  call(SYS_fsmount, BAD_FD, 0, 0xffffff);
  call(SYS_move_mount, mount, "", AT_FDCWD, "at", MOVE_MOUNT_F_EMPTY_PATH);
  const unsigned moves[] = {0, MOVE_MOUNT_F_SYMLINKS | MOVE_MOUNT_F_AUTOMOUNTS,
                            MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_T_AUTOMOUNTS,
                            MOVE_MOUNT_T_EMPTY_PATH | MOVE_MOUNT_SET_GROUP, -1};
  for (size_t i = 0; i < COUNT(moves); i++)
    call(SYS_move_mount, AT_FDCWD, "absent", BAD_FD, i & 1 ? "" : WILD, moves[i]);
  const unsigned trees[] = {0,
                            OPEN_TREE_CLOEXEC,
                            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC,
                            OPEN_TREE_CLONE | AT_RECURSIVE_,
                            AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
                            0x40000000,
                            -1};
  for (size_t i = 0; i < COUNT(trees); i++) close(call(SYS_open_tree, AT_FDCWD, "at", trees[i]));
  call(SYS_open_tree, BAD_FD, NULL, AT_EMPTY_PATH);
  int pick = call(SYS_fspick, AT_FDCWD, "at",
                  FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT);
  call(SYS_fsconfig, pick, FSCONFIG_SET_STRING, "size", "128k", 0);
  call(SYS_fsconfig, pick, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
  call(SYS_fspick, mount, "", FSPICK_EMPTY_PATH);
  call(SYS_fspick, BAD_FD, WILD, 0xf0);
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODIRATIME};
  call(SYS_mount_setattr, AT_FDCWD, "at", 0, &attr, sizeof attr);
  attr = (struct mount_attr){MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME | MOUNT_ATTR_RDONLY,
                             MS_PRIVATE, 0};
  call(SYS_mount_setattr, AT_FDCWD, "at", AT_RECURSIVE_ | AT_SYMLINK_NOFOLLOW, &attr, sizeof attr);
  attr = (struct mount_attr){MOUNT_ATTR_IDMAP, -1UL, MS_SHARED | MS_SLAVE, 5};
  call(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attr, sizeof attr);
  call(SYS_mount_setattr, mount, "", -1, &attr, 7);
  call(SYS_mount_setattr, BAD_FD, NULL, 0, WILD, 32);
  call(SYS_umount2, "at", MNT_DETACH);
}

static void pivots(void) {
  call(SYS_mount, "none", "at", "tmpfs", 0, NULL);
  call(SYS_mkdir, "at/old", 0700);
  call(SYS_pivot_root, "absent", "at");
  call(SYS_pivot_root, NULL, WILD);
  call(SYS_pivot_root, "at", "at/old");
  call(SYS_chdir, "/");
  call(SYS_umount2, "/old", MNT_DETACH);
}

static void disks(void) {
  char out[128];
  const int commands[] = {QCMD(Q_GETQUOTA, USRQUOTA),
                          QCMD(Q_SETINFO, GRPQUOTA),
                          QCMD(Q_GETFMT, 2),
                          QCMD(Q_QUOTAON, USRQUOTA),
                          QCMD(Q_GETINFO, USRQUOTA),
                          QCMD(0x5803, 1),
                          0x12345678};
  for (size_t i = 0; i < COUNT(commands); i++) {
    call(SYS_quotactl, commands[i], "/dev/absent", 1000, out);
    call(SYS_quotactl_fd, BAD_FD, commands[i], -1, WILD);
  }
  call(SYS_quotactl, QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL);
  call(SYS_swapon, "absent", SWAP_FLAG_PREFER | 5);
  call(SYS_swapon, NULL, SWAP_FLAG_DISCARD | 0x100000);
  call(SYS_swapoff, "absent");
  call(SYS_swapoff, WILD);
  call(SYS_acct, "absent/file");
  call(SYS_acct, WILD);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  if (call(SYS_unshare, CLONE_NEWNS) < 0) return 0;
  if (call(SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return 0;
  if (mkdir("at", 0700) < 0 || mkdir("second", 0700) < 0 || mkdir("third", 0700) < 0) return 1;
  olds();
  news();
  disks();
  inChild(pivots);
}
