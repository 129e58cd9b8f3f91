// SPDX-License-Identifier: Apache-2.0
// Memory: mapped, protected, advised, locked, placed, and that of others.
#include "corpus.h"

#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#define PAGE 4096L
static char* memory;

static void maps(int fd) {
  const long flags[] = {MAP_PRIVATE,
                        MAP_SHARED,
                        MAP_SHARED_VALIDATE | MAP_SYNC,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_NONBLOCK,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT,
                        MAP_PRIVATE | MAP_32BIT | MAP_DENYWRITE | MAP_EXECUTABLE,
                        0,
                        -1};
  const long prots[] = {PROT_NONE,
                        PROT_READ,
                        PROT_READ | PROT_WRITE,
                        PROT_READ | PROT_EXEC,
                        PROT_READ | PROT_GROWSDOWN,
                        PROT_WRITE | PROT_GROWSUP,
                        0x8,
                        0xffffff};
  for (size_t i = 0; i < COUNT(flags); i++) {
    int file = flags[i] & MAP_ANONYMOUS ? -1 : fd;
    long at = call(SYS_mmap, NULL, 2 * PAGE, PROT_READ, flags[i], file,
                   flags[i] & MAP_ANONYMOUS ? 0 : PAGE);
    if (at > 0) call(SYS_munmap, at, PAGE);
  }
  call(SYS_mmap, memory, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
       0);
  call(SYS_mmap, memory, PAGE, PROT_READ, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  call(SYS_mmap, WILD, -1L, -1L, MAP_PRIVATE, 12345, 0x123456789000);
  call(SYS_mmap, NULL, 0, 0, MAP_PRIVATE, -2, -PAGE);
  for (size_t i = 0; i < COUNT(prots); i++) call(SYS_mprotect, memory + 8 * PAGE, PAGE, prots[i]);
  call(SYS_mprotect, WILD, PAGE, PROT_READ);
  call(SYS_mprotect, memory, -1L, PROT_READ);
  const unsigned long moves[] = {
      0, MREMAP_MAYMOVE, MREMAP_MAYMOVE | MREMAP_FIXED, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 8, -1UL};
  for (size_t i = 0; i < COUNT(moves); i++)
    call(SYS_mremap, memory + 10 * PAGE, PAGE, i & 1 ? 2 * PAGE : PAGE, moves[i],
         memory + 12 * PAGE);
  call(SYS_mremap, WILD, 0, 0, 0, NULL);
  call(SYS_munmap, WILD, PAGE);
  call(SYS_munmap, memory, -1L);
  call(SYS_brk, 0);
  call(SYS_brk, 0x7fffffffffff);
  call(SYS_remap_file_pages, memory, PAGE, 0, 1, 0);
  call(SYS_remap_file_pages, WILD, 5, PROT_READ, HUGE, MAP_NONBLOCK | 0x3);
}

static void advice(int fd) {
  const int kinds[] = {MADV_NORMAL,
                       MADV_RANDOM,
                       MADV_SEQUENTIAL,
                       MADV_WILLNEED,
                       MADV_DONTNEED,
                       MADV_FREE,
                       MADV_REMOVE,
                       MADV_DONTFORK,
                       MADV_DOFORK,
                       MADV_MERGEABLE,
                       MADV_UNMERGEABLE,
                       MADV_HUGEPAGE,
                       MADV_NOHUGEPAGE,
                       MADV_DONTDUMP,
                       MADV_DODUMP,
                       MADV_WIPEONFORK,
                       MADV_KEEPONFORK,
                       MADV_COLD,
                       MADV_PAGEOUT,
                       MADV_POPULATE_READ,
                       MADV_POPULATE_WRITE,
                       24,
                       25,
                       55,
                       -1};
  unsigned char seen[16];
  for (size_t i = 0; i < COUNT(kinds); i++) call(SYS_madvise, memory + 16 * PAGE, PAGE, kinds[i]);
  call(SYS_madvise, WILD, HUGE, MADV_WILLNEED);
  char* shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int syncs[] = {
      MS_ASYNC, MS_SYNC, MS_INVALIDATE, MS_SYNC | MS_INVALIDATE, MS_SYNC | MS_ASYNC, 0, 8, -1};
  for (size_t i = 0; i < COUNT(syncs); i++) call(SYS_msync, shared, PAGE, syncs[i]);
  call(SYS_msync, WILD, PAGE, MS_SYNC);
  call(SYS_mincore, memory, 4 * PAGE, seen);
  call(SYS_mincore, memory, 4 * PAGE, WILD);
  call(SYS_mincore, memory + 1, PAGE, seen);
  call(SYS_mlock, memory, PAGE);
  call(SYS_mlock, WILD, -1L);
  call(SYS_mlock2, memory, PAGE, 1 /* MLOCK_ONFAULT */);
  call(SYS_mlock2, memory, PAGE, 0);
  call(SYS_mlock2, FAR, PAGE, 6);
  call(SYS_munlock, memory, PAGE);
  call(SYS_munlock, FAR, 1);
  call(SYS_mlockall, MCL_CURRENT);
  call(SYS_mlockall, MCL_FUTURE | MCL_ONFAULT);
  call(SYS_mlockall, 0);
  call(SYS_mlockall, -1);
  call(SYS_munlockall);
}

static void policies(void) {
  unsigned long nodes = 1, none = 0, many[4] = {1, 2, 3, 4};
  int policy, status[2] = {0};
  void* pages[2] = {memory, memory + 20 * PAGE};
  const int wanted[2] = {0, 5};
  const int modes[] = {MPOL_DEFAULT,
                       MPOL_PREFERRED,
                       MPOL_BIND,
                       MPOL_INTERLEAVE,
                       MPOL_LOCAL,
                       MPOL_PREFERRED_MANY,
                       MPOL_BIND | MPOL_F_STATIC_NODES,
                       MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES,
                       77,
                       -1};
  for (size_t i = 0; i < COUNT(modes); i++) {
    unsigned long* mask = i ? &nodes : &none;
    call(SYS_mbind, memory + 30 * PAGE, PAGE, modes[i], mask, 64, 0);
    call(SYS_set_mempolicy, modes[i], mask, 64);
  }
  call(SYS_mbind, memory, PAGE, MPOL_BIND, many, 200,
       MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL | 0x80);
  call(SYS_mbind, WILD, PAGE, MPOL_BIND, WILD, -1L, -1);
  call(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
  call(SYS_set_mempolicy, MPOL_BIND, WILD, 1025);
  call(SYS_get_mempolicy, &policy, &nodes, 1024, NULL, 0);
  call(SYS_get_mempolicy, &policy, many, 64, memory, MPOL_F_ADDR);
  call(SYS_get_mempolicy, &policy, NULL, 0, memory, MPOL_F_NODE | MPOL_F_ADDR);
  call(SYS_get_mempolicy, NULL, many, 1024, 0, MPOL_F_MEMS_ALLOWED);
  call(SYS_get_mempolicy, WILD, WILD, -1L, WILD, 0xff);
  call(SYS_set_mempolicy_home_node, memory, PAGE, 0, 0);
  call(SYS_set_mempolicy_home_node, memory, HUGE, -1L, 5);
  nodes = 1;
  call(SYS_migrate_pages, 0, 64, &nodes, &nodes);
  call(SYS_migrate_pages, 0x7ffffff0, -1L, WILD, NULL);
  call(SYS_move_pages, 0, 2, pages, wanted, status, MPOL_MF_MOVE);
  call(SYS_move_pages, 0, 2, pages, NULL, status, 0);
  call(SYS_move_pages, -1, 2, WILD, WILD, WILD, -1);
}

static void keys(void) {
  long key = call(SYS_pkey_alloc, 0, 1);
  call(SYS_pkey_alloc, 0, 2);
  call(SYS_pkey_alloc, 7, -1L);
  call(SYS_pkey_mprotect, memory, PAGE, PROT_READ | PROT_WRITE, key);
  call(SYS_pkey_mprotect, memory, PAGE, PROT_READ | PROT_WRITE, -1);
  call(SYS_pkey_mprotect, WILD, PAGE, 0xf00, 99);
  call(SYS_pkey_free, key);
  call(SYS_pkey_free, 4711);
}

static void others(void) {
  char from[64] = "bytes of mine", to[64] = "";
  struct iovec local[] = {{to, 5}, {to + 5, 20}}, remote[] = {{from, 10}, {from + 3, 15}};
  struct iovec wild[] = {{WILD, 10}};
  pid_t self = getpid();
  call(SYS_process_vm_readv, self, local, 2, remote, 2, 0);
  call(SYS_process_vm_readv, self, local, 2, wild, 1, 0);
  call(SYS_process_vm_readv, 0x7ffffff0, local, 1, NULL, 0, 3);
  call(SYS_process_vm_readv, self, WILD, 5, WILD, 5, 0);
  call(SYS_process_vm_writev, self, local, 2, remote, 2, 0);
  call(SYS_process_vm_writev, -1, local, -1L, remote, 1, -1L);
  int pidfd = syscall(SYS_pidfd_open, self, 0);
  struct iovec range[] = {{memory, PAGE}, {memory + 2 * PAGE, 2 * PAGE}};
  call(SYS_process_madvise, pidfd, range, 2, MADV_COLD, 0);
  call(SYS_process_madvise, pidfd, range, 2, MADV_PAGEOUT, 0);
  call(SYS_process_madvise, BAD_FD, WILD, 2, 99, 7);
  call(SYS_process_mrelease, pidfd, 0);
  call(SYS_process_mrelease, BAD_FD, 5);
}

static void special(void) {
  const unsigned flags[] = {
      0, MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_HUGETLB | 21 << 26, 0x40, -1};
  for (size_t i = 0; i < COUNT(flags); i++)
    close(call(SYS_memfd_create, "name of it " ODD, flags[i]));
  call(SYS_memfd_create, NULL, 0);
  call(SYS_memfd_create, longText(300, 'm'), 0);
  close(call(SYS_memfd_create, longText(249, 'm'), MFD_CLOEXEC));
  close(call(SYS_memfd_secret, 0));
  close(call(SYS_memfd_secret, O_CLOEXEC));
  call(SYS_memfd_secret, -1);
  const int commands[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, -1};
  for (size_t i = 0; i < COUNT(commands); i++) call(SYS_membarrier, commands[i], 0, 0);
  call(SYS_membarrier, 128, 1, 0);
  call(SYS_membarrier, 0, 5, -1);
  int fd = call(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_THREAD_ID};
  struct uffdio_register area = {{(long)memory, PAGE}, UFFDIO_REGISTER_MODE_MISSING, 0};
  struct uffdio_range range = {(long)memory, PAGE};
  struct uffdio_zeropage zero = {range, UFFDIO_ZEROPAGE_MODE_DONTWAKE, 0};
  struct uffdio_copy copy = {(long)memory, (long)memory + PAGE, PAGE, UFFDIO_COPY_MODE_WP, 0};
  call(SYS_ioctl, fd, UFFDIO_API, &api);
  call(SYS_ioctl, fd, UFFDIO_REGISTER, &area);
  call(SYS_ioctl, fd, UFFDIO_ZEROPAGE, &zero);
  call(SYS_ioctl, fd, UFFDIO_COPY, &copy);
  call(SYS_ioctl, fd, UFFDIO_WAKE, &range);
  call(SYS_ioctl, fd, UFFDIO_UNREGISTER, &range);
  call(SYS_ioctl, fd, UFFDIO_API, NULL);
  close(fd);
  close(call(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */));
  call(SYS_userfaultfd, -1);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  int fd = makeFile("file", "text\n");
  if (ftruncate(fd, 4 * PAGE) < 0) return 1;
  memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  maps(fd);
  advice(fd);
  policies();
  keys();
  others();
  special();
}
