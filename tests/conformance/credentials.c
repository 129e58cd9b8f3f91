// SPDX-License-Identifier: Apache-2.0
// Who a process is: users, groups, capabilities. In children, which alone give up what they have.
#include "corpus.h"

#include <linux/capability.h>

static void reads(void) {
  unsigned a, b, c, groups[100];
  call(SYS_getuid);
  call(SYS_geteuid);
  call(SYS_getgid);
  call(SYS_getegid);
  call(SYS_getresuid, &a, &b, &c);
  call(SYS_getresgid, &a, &b, &c);
  call(SYS_getresuid, &a, WILD, &c);
  call(SYS_getresgid, NULL, NULL, NULL);
  call(SYS_getgroups, 100, groups);
  call(SYS_getgroups, 0, NULL);
  call(SYS_getgroups, -1, WILD);
}

static void groups(void) {
  unsigned list[70], out[70];
  for (size_t i = 0; i < COUNT(list); i++) list[i] = 1000 + i;
  list[1] = 4000000000U;
  call(SYS_setgroups, 3, list);
  call(SYS_getgroups, 70, out);
  call(SYS_getgroups, 2, out);
  call(SYS_setgroups, 70, list);
  call(SYS_getgroups, 70, out);
  call(SYS_setgroups, 0, NULL);
  call(SYS_setgroups, 2, WILD);
  call(SYS_setgroups, 70000, list);
  call(SYS_setgroups, -1, NULL);
  call(SYS_setgroups, 4, atEdge(list, 8));
}

static void capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0},
                                  old = {_LINUX_CAPABILITY_VERSION_1, 0}, none = {0x12345678, 0},
                                  other = {_LINUX_CAPABILITY_VERSION_3, 0x7ffffff0};
  struct __user_cap_data_struct data[2];
  call(SYS_capget, &header, data);
  call(SYS_capget, &old, data);
  call(SYS_capget, &none, data);
  call(SYS_capget, &none, NULL);
  call(SYS_capget, &other, data);
  call(SYS_capget, NULL, WILD);
  data[0].effective = data[0].permitted = 1 << CAP_CHOWN | 1 << CAP_NET_ADMIN;
  data[0].inheritable = 0;
  data[1] = (struct __user_cap_data_struct){1 << (CAP_BPF - 32), 1 << (CAP_BPF - 32), 0};
  call(SYS_capset, &header, data);
  data[0].permitted = -1U;
  call(SYS_capset, &header, data);
  call(SYS_capset, &old, data);
  call(SYS_capset, &other, data);
  call(SYS_capset, &header, NULL);
  call(SYS_capset, WILD, WILD);
}

static void sets(void) {
  call(SYS_setfsuid, 1000);
  call(SYS_setfsuid, -1);
  call(SYS_setfsgid, 1001);
  call(SYS_setfsgid, 4294967294U);
  call(SYS_setregid, 1, 2);
  call(SYS_setregid, -1, -1);
  call(SYS_setresgid, 3, -1, 5);
  call(SYS_setgid, 7);
  call(SYS_setreuid, -1, -1);
  call(SYS_setresuid, 0, 0, 12);
  call(SYS_setreuid, 0, 0);
  call(SYS_setuid, 1000);
  call(SYS_setuid, 0);
  call(SYS_setgid, 0);
  call(SYS_setuid, -1);
  call(SYS_setreuid, 0, 5);
  call(SYS_setregid, 0, 5);
  call(SYS_setresuid, 0, 5, 4000000000U);
  call(SYS_setresgid, 0, -2, 4000000000U);
  call(SYS_setgroups, 0, NULL);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  reads();
  inChild(groups);
  inChild(capabilities);
  inChild(sets);
}
