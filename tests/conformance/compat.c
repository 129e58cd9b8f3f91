// SPDX-License-Identifier: Apache-2.0
// Calls of i386 from a 64-bit process, by int 0x80: other numbers, narrower structures. All that is
// pointed to is static, since its address must fit 32 bits; so it needs a program that is linked
// to a low address, as -static does.
#include "corpus.h"

#if defined(__x86_64__)

static long compat(long number, long a, long b, long c, long d, long e) {
  long result;
  // The kernel may change r8 to r11 here. The sixth argument is ebp, which C code can't name: 0.
  __asm__ volatile("mov %%rbp, %%r12\n xor %%ebp, %%ebp\n int $0x80\n mov %%r12, %%rbp"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory", "cc", "r8", "r9", "r10", "r11", "r12");
  return result;
}
#define LOW(object) ((long)(object))

static const char file[] = "file", absent[] = "absent", odd[] = ODD, dir[] = "dir";
static char out[4096];
static int pair[2], zero[8];
static const int brief[2] = {0, 1000000}, wrong[2] = {0, -1};  // struct old_timespec32
static const int pairTimes[4] = {1, 2, 3, 4}, interval[4] = {0, 0, 1000, 5};
static const long long brief64[2] = {0, 1000000};
static struct { unsigned base, length; } parts[2];
static const unsigned long long set = 1UL << (SIGUSR1 - 1);
static struct {
  short type, whence;
  int start, length, pid;
} lock = {F_WRLCK, SEEK_SET, 1, 10, 0};
static unsigned mapping[6] = {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1U, 0};
static unsigned action[5];  // handler, flags, restorer, mask
static struct {
  unsigned short family;
  char path[12];
} name = {1, "socket"};
static unsigned arguments[6];

int main(int argc, char** argv) {
  begin(argc, argv);
  if (LOW(out) >> 32) return 0;
  parts[0].base = LOW(out), parts[0].length = 3;
  parts[1].base = LOW(out) + 10, parts[1].length = 20;
  int fd = makeFile("file", "some text " ODD);
  const struct {
    int number;
    long a, b, c, d, e;
  } rows[] = {
      {5, LOW(file), O_RDWR, 0, 0, 0},  // open
      {5, LOW(odd), O_RDONLY | O_NOFOLLOW, 0, 0, 0},
      {3, fd, LOW(out), 10, 0, 0},  // read
      {3, -1, 16, -1, 0, 0},
      {4, fd, LOW(odd), sizeof odd, 0, 0},  // write
      {4, fd, 16, 5, 0, 0},
      {6, 77, 0, 0, 0, 0},                         // close
      {8, LOW(file), 0644, 0, 0, 0},               // creat
      {9, LOW(absent), LOW(dir), 0, 0, 0},         // link
      {10, LOW(absent), 0, 0, 0, 0},               // unlink
      {12, LOW(absent), 0, 0, 0, 0},               // chdir
      {13, LOW(out), 0, 0, 0, 0},                  // time
      {14, LOW("node"), S_IFIFO | 0600, 0, 0, 0},  // mknod
      {15, LOW(file), 0600, 0, 0, 0},              // chmod
      {16, LOW(file), -1, 5, 0, 0},                // lchown16
      {19, fd, -5, SEEK_END, 0, 0},                // lseek
      {20, 0, 0, 0, 0, 0},                         // getpid
      {23, -1, 0, 0, 0, 0},                        // setuid16
      {24, 0, 0, 0, 0, 0},                         // getuid16
      {27, 9, 0, 0, 0, 0},                         // alarm
      {30, LOW(file), LOW(pairTimes), 0, 0, 0},    // utime
      {33, LOW(file), R_OK | W_OK, 0, 0, 0},       // access
      {37, 0x7ffffff0, SIGUSR1, 0, 0, 0},          // kill
      {39, LOW(dir), 0755, 0, 0, 0},               // mkdir
      {40, LOW(dir), 0, 0, 0, 0},                  // rmdir
      {42, LOW(pair), 0, 0, 0, 0},                 // pipe
      {42, 16, 0, 0, 0, 0},
      {43, LOW(out), 0, 0, 0, 0},        // times
      {45, 0, 0, 0, 0, 0},               // brk
      {54, fd, 0x541b, LOW(out), 0, 0},  // ioctl FIONREAD
      {55, fd, F_GETFL, 0, 0, 0},        // fcntl
      {55, fd, F_GETLK, LOW(&lock), 0, 0},
      {59, LOW(out), 0, 0, 0, 0},                  // oldolduname
      {60, 022, 0, 0, 0, 0},                       // umask
      {63, -1, 5, 0, 0, 0},                        // dup2
      {67, SIGUSR1, LOW(action), LOW(out), 0, 0},  // sigaction
      {68, 0, 0, 0, 0, 0},                         // sgetmask
      {69, 0x10, 0, 0, 0, 0},                      // ssetmask
      {69, 0, 0, 0, 0, 0},
      {73, LOW(out), 0, 0, 0, 0},              // sigpending
      {75, 4, LOW(zero), 0, 0, 0},             // setrlimit
      {76, 3, LOW(out), 0, 0, 0},              // getrlimit
      {77, 0, LOW(out), 0, 0, 0},              // getrusage
      {78, LOW(out), 0, 0, 0, 0},              // gettimeofday
      {80, 8, LOW(out), 0, 0, 0},              // getgroups16
      {82, LOW(arguments), 0, 0, 0, 0},        // old_select
      {83, LOW(file), LOW("soft"), 0, 0, 0},   // symlink
      {84, LOW(file), LOW(out), 0, 0, 0},      // oldlstat
      {85, LOW("soft"), LOW(out), 100, 0, 0},  // readlink
      {89, fd, LOW(out), 1, 0, 0},             // readdir
      {90, LOW(mapping), 0, 0, 0, 0},          // old_mmap
      {91, 16, 4096, 0, 0, 0},                 // munmap
      {92, LOW(absent), -1, 0, 0, 0},          // truncate
      {99, LOW("."), LOW(out), 0, 0, 0},       // statfs
      {102, 1, LOW(arguments), 0, 0, 0},       // socketcall
      {102, 99, 16, 0, 0, 0},
      {104, 1, LOW(interval), LOW(out), 0, 0},      // setitimer
      {105, 1, LOW(out), 0, 0, 0},                  // getitimer
      {106, LOW(file), LOW(out), 0, 0, 0},          // stat
      {108, -1, LOW(out), 0, 0, 0},                 // fstat
      {114, -1, LOW(out), WNOHANG, LOW(out), 0},    // wait4
      {116, LOW(out), 0, 0, 0, 0},                  // sysinfo
      {117, 99, 1, 2, 3, 4},                        // ipc
      {122, LOW(out), 0, 0, 0, 0},                  // uname
      {125, 16, 4096, PROT_READ, 0, 0},             // mprotect
      {126, SIG_BLOCK, LOW(zero), LOW(out), 0, 0},  // sigprocmask
      {136, -1, 0, 0, 0, 0},                        // personality
      {140, fd, 0, 5, LOW(out), SEEK_SET},          // _llseek
      {140, -1, -1, 5, 16, 99},
      {141, fd, LOW(out), 100, 0, 0},            // getdents
      {142, 8, LOW(zero), 0, 0, LOW(&zero[4])},  // select
      {145, fd, LOW(parts), 2, 0, 0},            // readv
      {146, fd, LOW(parts), 2, 0, 0},            // writev
      {146, -1, 16, -1, 0, 0},
      {162, LOW(brief), LOW(out), 0, 0, 0},  // nanosleep
      {162, LOW(wrong), 0, 0, 0, 0},
      {168, LOW(zero), 1, 0, 0, 0},                                // poll
      {174, SIGUSR2, LOW(action), LOW(out), 8, 0},                 // rt_sigaction
      {175, SIG_BLOCK, LOW(&set), LOW(out), 8, 0},                 // rt_sigprocmask
      {177, LOW(&set), LOW(out), LOW(brief), 8, 0},                // rt_sigtimedwait
      {180, fd, LOW(out), 5, 2, 0},                                // pread64
      {181, fd, LOW(odd), 5, 2, 1},                                // pwrite64
      {183, LOW(out), 100, 0, 0, 0},                               // getcwd
      {187, fd, fd, 0, 5, 0},                                      // sendfile
      {191, 7, LOW(out), 0, 0, 0},                                 // ugetrlimit
      {192, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1},  // mmap2
      {193, LOW(file), 100, 0, 0, 0},                              // truncate64
      {194, fd, 50, 1, 0, 0},                                      // ftruncate64
      {195, LOW(file), LOW(out), 0, 0, 0},                         // stat64
      {196, LOW("soft"), LOW(out), 0, 0, 0},                       // lstat64
      {197, fd, LOW(out), 0, 0, 0},                                // fstat64
      {199, 0, 0, 0, 0, 0},                                        // getuid
      {221, fd, F_GETLK64, LOW(&lock), 0, 0},                      // fcntl64
      {224, 0, 0, 0, 0, 0},                                        // gettid
      {239, fd, fd, 16, 5, 0},                                     // sendfile64
      {240, LOW(zero), 0, 5, LOW(brief), 0},                       // futex
      {243, 16, 0, 0, 0, 0},                                       // set_thread_area
      {250, fd, 0, 1, 100, 3},                                     // fadvise64
      {258, LOW(zero), 0, 0, 0, 0},                                // set_tid_address
      {265, CLOCK_MONOTONIC, LOW(out), 0, 0, 0},                   // clock_gettime
      {267, CLOCK_MONOTONIC, 0, LOW(brief), 0, 0},                 // clock_nanosleep
      {268, LOW("."), 84, LOW(out), 0, 0},                         // statfs64
      {272, fd, 0, 0, 100, 0},                                     // fadvise64_64
      {295, AT_FDCWD, LOW(file), O_RDONLY | O_CLOEXEC, 0, 0},      // openat
      {300, AT_FDCWD, LOW(file), LOW(out), 0, 0},                  // fstatat64
      {308, 0, 0, 0, 0, LOW(brief)},                               // pselect6
      {309, LOW(zero), 1, LOW(brief), 0, 8},                       // ppoll
      {314, fd, 0, 0, 100, 0},                                     // sync_file_range
      {320, AT_FDCWD, LOW(file), LOW(pairTimes), 0, 0},            // utimensat
      {324, fd, 0, 0, 0, 100},                                     // fallocate
      {331, LOW(pair), O_CLOEXEC, 0, 0, 0},                        // pipe2
      {333, fd, LOW(parts), 2, 5, 0},                              // preadv
      {340, 0, 7, 0, LOW(out), 0},                                 // prlimit64
      {355, LOW(out), 8, 1, 0, 0},                                 // getrandom
      {359, 1, 1, 0, 0, 0},                                        // socket
      {360, 1, 2, 0, LOW(pair), 0},                                // socketpair
      {362, 0, LOW(&name), 9, 0, 0},                               // connect
      {383, AT_FDCWD, LOW(file), 0, 0x7ff, LOW(out)},              // statx
      {403, CLOCK_REALTIME, LOW(out), 0, 0, 0},                    // clock_gettime64
      {407, CLOCK_MONOTONIC, 0, LOW(brief64), 0, 0},               // clock_nanosleep_time64
      {414, LOW(zero), 1, LOW(brief64), 0, 8},                     // ppoll_time64
      {422, LOW(zero), 0, 5, LOW(brief64), 0},                     // futex_time64
      {999, 1, 2, 3, 4, 5},
      {252, 0, 0, 0, 0, 0},  // exit_group
  };
  arguments[0] = 1, arguments[1] = 1;
  for (size_t i = 0; i < COUNT(rows); i++)
    compat(rows[i].number, rows[i].a, rows[i].b, rows[i].c, rows[i].d, rows[i].e);
}
#else
int main(void) { return 0; }
#endif
