// SPDX-License-Identifier: Apache-2.0
// Who runs, where and when.
#include "corpus.h"

#include <linux/ioprio.h>
#include <sys/resource.h>

struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t utilMin, utilMax;
};

static void run(void) {
  const int policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO, SCHED_RR, 6, 7, 99, -1};
  int param = 0, out = 0;
  for (size_t i = 0; i < COUNT(policies); i++) {
    param = policies[i] == SCHED_FIFO || policies[i] == SCHED_RR ? 10 : 0;
    call(SYS_sched_get_priority_max, policies[i]);
    call(SYS_sched_get_priority_min, policies[i]);
    call(SYS_sched_setscheduler, 0, policies[i], &param);
    call(SYS_sched_getscheduler, 0);
    call(SYS_sched_getparam, 0, &out);
    call(SYS_sched_setscheduler, 0, policies[i] | 0x40000000, &param);
  }
  param = 0;
  call(SYS_sched_setscheduler, 0, SCHED_OTHER, &param);
  call(SYS_sched_setparam, 0, &param);
  param = -7;
  call(SYS_sched_setparam, 0, &param);
  call(SYS_sched_setparam, 0x7ffffff0, WILD);
  call(SYS_sched_setparam, 0, NULL);
  call(SYS_sched_setscheduler, -5, SCHED_FIFO, WILD);
  call(SYS_sched_getscheduler, -1);
  call(SYS_sched_getparam, 0x7ffffff0, &out);
  call(SYS_sched_getparam, 0, WILD);
  struct timespec interval;
  call(SYS_sched_rr_get_interval, 0, &interval);
  call(SYS_sched_rr_get_interval, -1, &interval);
  call(SYS_sched_rr_get_interval, 0, WILD);
  call(SYS_sched_yield);

  struct attributes get, attr = {.size = 48, .policy = SCHED_BATCH, .nice = 3};
  call(SYS_sched_setattr, 0, &attr, 0);
  call(SYS_sched_getattr, 0, &get, sizeof get, 0);
  attr = (struct attributes){
      .size = 56, .policy = SCHED_OTHER, .flags = 0x60, .utilMin = 1, .utilMax = 500};
  call(SYS_sched_setattr, 0, &attr, 0);
  attr = (struct attributes){
      .size = 48, .policy = 6, .flags = 7, .runtime = 1000, .deadline = 999, .period = 5};
  call(SYS_sched_setattr, 0, &attr, 0);
  attr.policy = 88;
  attr.flags = 0xffff00000000ffff;
  call(SYS_sched_setattr, 0, &attr, 9);
  attr.size = 7;
  call(SYS_sched_setattr, 0, &attr, 0);
  call(SYS_sched_setattr, -1, WILD, 0);
  call(SYS_sched_getattr, 0, &get, 48, 0);
  call(SYS_sched_getattr, 0, &get, 5, 0);
  call(SYS_sched_getattr, 0x7ffffff0, NULL, 56, -1);

  unsigned long cpus[16] = {0}, mine[16] = {1};
  call(SYS_sched_getaffinity, 0, sizeof cpus, cpus);
  call(SYS_sched_setaffinity, 0, 8, cpus);
  call(SYS_sched_setaffinity, 0, sizeof mine, mine);
  mine[0] = 0;
  call(SYS_sched_setaffinity, 0, 8, mine);
  mine[0] = 0xf0f0000000000001;
  mine[2] = 5;
  call(SYS_sched_setaffinity, 0x7ffffff0, 24, mine);
  call(SYS_sched_setaffinity, 0, 8, WILD);
  call(SYS_sched_setaffinity, 0, 0, NULL);
  call(SYS_sched_getaffinity, 0, 3, cpus);
  call(SYS_sched_getaffinity, -1, 128, WILD);
  unsigned cpu, node;
  call(SYS_getcpu, &cpu, &node, NULL);
  call(SYS_getcpu, NULL, &node, NULL);
  call(SYS_getcpu, WILD, NULL, WILD);

  const int which[] = {PRIO_PROCESS, PRIO_PGRP, PRIO_USER, 3, -1};
  for (size_t i = 0; i < COUNT(which); i++) {
    call(SYS_getpriority, which[i], 0);
    if (i != PRIO_USER) call(SYS_setpriority, which[i], 0, i == 0 ? 7 : 8);
  }
  call(SYS_setpriority, PRIO_PROCESS, 0, -100);
  call(SYS_setpriority, PRIO_PROCESS, 0x7ffffff0, 5);
  call(SYS_getpriority, PRIO_PROCESS, -1);
  const int prios[] = {IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0),
                       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 3),
                       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 7),
                       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0),
                       IOPRIO_PRIO_VALUE(6, 100),
                       -1};
  for (size_t i = 0; i < COUNT(prios); i++) {
    call(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, prios[i]);
    call(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
  }
  call(SYS_ioprio_set, 9, -1, 0);
  call(SYS_ioprio_get, IOPRIO_WHO_PGRP, 0x7ffffff0);
  call(SYS_ioprio_get, IOPRIO_WHO_USER, 12345);
  call(SYS_ioprio_get, -1, 0);
}

static void own(void) {
  call(SYS_setpgid, 0, 0);  // what is set for a group is set for this one alone
  run();
}

int main(int argc, char** argv) {
  begin(argc, argv);
  inChild(own);
}
