// SPDX-License-Identifier: Apache-2.0
// variety N: makes N different system calls, most of which fail at once, and sleeps until it is
// ended: a container that has a row of counts for each.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// With arguments of -1 each does nothing: no such descriptor, no such address, no such value.
static const long calls[] = {
    SYS_read,       SYS_write,      SYS_close,       SYS_fstat,
    SYS_lseek,      SYS_ioctl,      SYS_pread64,     SYS_pwrite64,
    SYS_readv,      SYS_writev,     SYS_mremap,      SYS_msync,
    SYS_mincore,    SYS_madvise,    SYS_dup,         SYS_dup3,
    SYS_nanosleep,  SYS_getitimer,  SYS_getpid,      SYS_sendfile,
    SYS_socket,     SYS_connect,    SYS_accept4,     SYS_sendto,
    SYS_recvfrom,   SYS_sendmsg,    SYS_recvmsg,     SYS_shutdown,
    SYS_bind,       SYS_listen,     SYS_getsockname, SYS_getpeername,
    SYS_setsockopt, SYS_getsockopt, SYS_fcntl,       SYS_flock,
    SYS_fsync,      SYS_fdatasync,  SYS_ftruncate,   SYS_getdents64,
    SYS_getcwd,     SYS_chdir,      SYS_fchdir,      SYS_mkdirat,
    SYS_unlinkat,   SYS_renameat2,  SYS_linkat,      SYS_symlinkat,
    SYS_readlinkat, SYS_fchmodat,   SYS_fchownat,    SYS_faccessat,
    SYS_fchmod,     SYS_fchown,     SYS_openat,      SYS_getuid,
    SYS_getgid,     SYS_geteuid,    SYS_getegid,     SYS_getppid,
    SYS_sysinfo,    SYS_times,      SYS_gettid,      SYS_statfs,
    SYS_fstatfs,    SYS_utimensat,  SYS_epoll_ctl,   SYS_inotify_add_watch,
    SYS_splice,     SYS_tee,
};

int main(int argc, char** argv) {
  size_t wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  if (argc != 2 || wanted == 0 || wanted > sizeof(calls) / sizeof(*calls)) {
    fprintf(stderr, "usage: variety N, at most %zu\n", sizeof(calls) / sizeof(*calls));
    return 2;
  }
  for (size_t i = 0; i < wanted; i++) syscall(calls[i], -1, -1, -1, -1, -1, -1);
  for (;;) pause();
}
