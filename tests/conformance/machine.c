// SPDX-License-Identifier: Apache-2.0
// The machine: what it says of itself, and what must not be done to it: those calls are made so
// that they fail.
#include "corpus.h"

#include <linux/reboot.h>
#include <sys/random.h>

int main(int argc, char** argv) {
  begin(argc, argv);
  char out[512];
  call(SYS_sysinfo, out);
  call(SYS_sysinfo, NULL);
  call(SYS_sysinfo, WILD);
  call(SYS_getrandom, out, 20, 0);
  call(SYS_getrandom, out, 3, GRND_NONBLOCK | GRND_RANDOM);
  call(SYS_getrandom, out, 3, GRND_INSECURE);
  call(SYS_getrandom, out, 3, 0xff);
  call(SYS_getrandom, WILD, HUGE, 0);
  call(SYS_getrandom, NULL, 0, -1);
  const int actions[] = {3, 9, 10};
  for (size_t i = 0; i < COUNT(actions); i++) call(SYS_syslog, actions[i], out, 64);
  call(SYS_syslog, 3, NULL, 64);
  call(SYS_syslog, 2, WILD, -1);
  call(SYS_syslog, 99, NULL, 0);
  call(SYS_syslog, 8, NULL, 77);
  // The second magic number is wrong in each.
  call(SYS_reboot, LINUX_REBOOT_MAGIC1, 0, LINUX_REBOOT_CMD_RESTART2, "text");
  call(SYS_reboot, LINUX_REBOOT_MAGIC1, 5, LINUX_REBOOT_CMD_POWER_OFF, NULL);
  call(SYS_reboot, 0, 0, 0x1234, WILD);
  call(SYS_kexec_load, 16, 17, NULL, -1L);
  call(SYS_kexec_load, 0, 1, WILD, 0x3e0002);
  call(SYS_kexec_file_load, BAD_FD, BAD_FD, 4, "arg", 0xff);
  call(SYS_init_module, "no module", 9, "param=1");
  call(SYS_init_module, WILD, 100, WILD);
  call(SYS_finit_module, BAD_FD, "param=" ODD, 3);
  call(SYS_finit_module, 1, NULL, -1);
  call(SYS_delete_module, "no-such-module", O_NONBLOCK);
  call(SYS_delete_module, WILD, O_NONBLOCK | O_TRUNC);
  call(SYS_lookup_dcookie, 5, out, 100);
  call(SYS_lookup_dcookie, -1L, WILD, 1);
  // Calls whose numbers are kept, and which no kernel of today implements.
  const int old[] = {SYS__sysctl,    SYS_create_module, SYS_get_kernel_syms, SYS_query_module,
                     SYS_nfsservctl, SYS_getpmsg,       SYS_putpmsg,         SYS_afs_syscall,
                     SYS_tuxcall,    SYS_security,      SYS_epoll_ctl_old,   SYS_epoll_wait_old,
                     SYS_vserver};
  for (size_t i = 0; i < COUNT(old); i++) call(old[i], WILD, 2, 3, 4, 5, 6);
  // Numbers that are no calls.
  call(999, 1, 2, 3, 4, 5, 6);
  call(0x3fffffff, -1L);
}
