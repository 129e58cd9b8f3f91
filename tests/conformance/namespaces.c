// SPDX-License-Identifier: Apache-2.0
// Namespaces: left, entered, and what is named in them.
#include "corpus.h"

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

static void unshares(void) {
  const int flags[] = {0,
                       CLONE_FILES | CLONE_FS,
                       CLONE_SYSVSEM,
                       CLONE_NEWNS,
                       CLONE_NEWUTS | CLONE_NEWIPC,
                       CLONE_NEWNET,
                       CLONE_NEWCGROUP,
                       CLONE_NEWPID | 0x80,
                       CLONE_NEWTIME,
                       CLONE_THREAD | CLONE_VM,
                       0xff,
                       -1};
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_unshare, flags[i]);
}
static void users(void) { call(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS); }

static void enters(void) {
  struct {
    const char* path;
    int kind;
  } spaces[] = {{"/proc/self/ns/uts", CLONE_NEWUTS},
                {"/proc/self/ns/ipc", CLONE_NEWIPC},
                {"/proc/self/ns/net", CLONE_NEWNET},
                {"/proc/self/ns/mnt", CLONE_NEWNS},
                {"/proc/self/ns/cgroup", 0},
                {"/proc/self/ns/user", CLONE_NEWUSER},
                {"/proc/self/ns/pid", CLONE_NEWPID},
                {"/proc/self/ns/time", CLONE_NEWTIME},
                {"/dev/null", 0x77}};
  for (size_t i = 0; i < COUNT(spaces); i++) {
    unsigned uid;
    int fd = open(spaces[i].path, O_RDONLY | O_CLOEXEC);
    call(SYS_ioctl, fd, NS_GET_NSTYPE);
    close(call(SYS_ioctl, fd, NS_GET_USERNS));
    call(SYS_ioctl, fd, NS_GET_PARENT);
    call(SYS_ioctl, fd, NS_GET_OWNER_UID, &uid);
    call(SYS_setns, fd, spaces[i].kind);
    call(SYS_setns, fd, CLONE_NEWNET | CLONE_NEWUTS);
    close(fd);
  }
  int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
  call(SYS_setns, pidfd, CLONE_NEWUTS | CLONE_NEWNET);
  call(SYS_setns, BAD_FD, -1);
}

static void names(void) {
  struct utsname name;
  call(SYS_unshare, CLONE_NEWUTS);
  call(SYS_sethostname, "a name", 6);
  call(SYS_sethostname, ODD, sizeof ODD);
  call(SYS_sethostname, "", 0);
  call(SYS_sethostname, WILD, 5);
  call(SYS_sethostname, longText(65, 'h'), 65);
  call(SYS_sethostname, "x", -1);
  call(SYS_setdomainname, "domain.example", 14);
  call(SYS_setdomainname, NULL, 3);
  call(SYS_setdomainname, "x", 1000);
  call(SYS_uname, &name);
  call(SYS_uname, NULL);
  call(SYS_uname, WILD);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  call(SYS_unshare, CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWIPC);
  inChild(unshares);
  inChild(users);
  inChild(enters);
  inChild(names);
}
