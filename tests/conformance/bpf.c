// SPDX-License-Identifier: Apache-2.0
// BPF maps and programs, and performance events, that end with the process.
#include "corpus.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>

static long bpf(int command, union bpf_attr* attr, long size) {
  return call(SYS_bpf, command, attr, size);
}

static void maps(void) {
  union bpf_attr attr;
  uint32_t key = 5, next;
  uint64_t value = 0x1234567890;
  long map = -1;
  for (int type = 0; type < 12; type++) {
    memset(&attr, 0, sizeof attr);
    attr.map_type = type;
    attr.key_size = type > 6 ? 0 : 4;
    attr.value_size = 8;
    attr.max_entries = 4 + type;
    attr.map_flags = type & 1 ? BPF_F_NO_PREALLOC : 0;
    snprintf(attr.map_name, sizeof attr.map_name, "map_%d", type);
    long fd = bpf(BPF_MAP_CREATE, &attr, sizeof attr);
    if (map < 0 && fd >= 0) map = fd;
  }
  memset(&attr, 0, sizeof attr);
  attr.map_type = 99;
  attr.map_flags = -1;
  bpf(BPF_MAP_CREATE, &attr, 20);
  memset(&attr, 0, sizeof attr);
  attr.map_fd = map;
  attr.key = (long)&key;
  attr.value = (long)&value;
  attr.flags = BPF_NOEXIST;
  bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof attr);
  bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof attr);
  attr.flags = 77;
  bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof attr);
  attr.flags = 0;
  bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof attr);
  bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr, 32);
  attr.next_key = (long)&next;
  bpf(BPF_MAP_GET_NEXT_KEY, &attr, 24);
  attr.key = 16;
  bpf(BPF_MAP_LOOKUP_ELEM, &attr, 32);
  attr.key = (long)&key;
  bpf(BPF_MAP_DELETE_ELEM, &attr, 16);
  bpf(BPF_MAP_DELETE_ELEM, &attr, 16);
  attr.map_fd = -1;
  bpf(BPF_MAP_FREEZE, &attr, 4);
  memset(&attr, 0, sizeof attr);
  char info[256];
  attr.info.bpf_fd = map;
  attr.info.info_len = sizeof info;
  attr.info.info = (long)info;
  bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, 16);
  memset(&attr, 0, sizeof attr);
  attr.pathname = (long)"absent/pin";
  attr.bpf_fd = map;
  bpf(BPF_OBJ_PIN, &attr, 16);
  bpf(BPF_OBJ_GET, &attr, 16);
  memset(&attr, 0, sizeof attr);
  attr.batch.map_fd = map;
  attr.batch.keys = attr.batch.values = 16;
  attr.batch.count = 2;
  bpf(BPF_MAP_LOOKUP_BATCH, &attr, sizeof attr.batch);
}

static void programs(void) {
  static char log[4096];
  const struct bpf_insn good[] = {{0xb7, 0, 0, 0, 1}, {0x95, 0, 0, 0, 0}},
                        bad[] = {{0x95, 0, 0, 0, 0}};
  union bpf_attr attr;
  long fd = -1;
  for (int type = 0; type < 8; type++) {
    memset(&attr, 0, sizeof attr);
    attr.prog_type = type;
    attr.insns = (long)good;
    attr.insn_cnt = 2;
    attr.license = (long)"GPL";
    snprintf(attr.prog_name, sizeof attr.prog_name, "prog_%d", type);
    long got = bpf(BPF_PROG_LOAD, &attr, sizeof attr);
    if (type == BPF_PROG_TYPE_SOCKET_FILTER) fd = got;
  }
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insns = (long)bad;
  attr.insn_cnt = 1;
  attr.log_level = 1;
  attr.log_size = sizeof log;
  attr.log_buf = (long)log;
  bpf(BPF_PROG_LOAD, &attr, sizeof attr);
  attr.insns = 16;
  attr.license = 16;
  bpf(BPF_PROG_LOAD, &attr, 48);
  char packet[64] = "packet", out[64];
  memset(&attr, 0, sizeof attr);
  attr.test.prog_fd = fd;
  attr.test.data_in = (long)packet;
  attr.test.data_size_in = sizeof packet;
  attr.test.data_out = (long)out;
  attr.test.data_size_out = sizeof out;
  attr.test.repeat = 2;
  bpf(BPF_PROG_TEST_RUN, &attr, sizeof attr.test);
  memset(&attr, 0, sizeof attr);
  attr.target_fd = 1;
  attr.attach_bpf_fd = fd;
  attr.attach_type = BPF_CGROUP_INET_EGRESS;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  bpf(BPF_PROG_ATTACH, &attr, 20);
  bpf(BPF_PROG_DETACH, &attr, 20);
  memset(&attr, 0, sizeof attr);
  attr.prog_id = 0x7ffffff0;
  const int ids[] = {BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID,  BPF_PROG_GET_FD_BY_ID,
                     BPF_MAP_GET_FD_BY_ID, BPF_BTF_GET_FD_BY_ID, BPF_BTF_GET_NEXT_ID,
                     BPF_LINK_GET_NEXT_ID, BPF_TASK_FD_QUERY,    BPF_RAW_TRACEPOINT_OPEN,
                     BPF_BTF_LOAD,         BPF_LINK_CREATE,      BPF_ITER_CREATE,
                     BPF_PROG_BIND_MAP};
  for (size_t i = 0; i < COUNT(ids); i++) bpf(ids[i], &attr, 32);
  bpf(99, &attr, 32);
  bpf(BPF_MAP_CREATE, NULL, 72);
  bpf(BPF_MAP_CREATE, WILD, 100000);
  bpf(-1, WILD, -1);
}

static void counters(void) {
  struct perf_event_attr attr = {
      .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK};
  attr.sample_period = 100000;
  attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_ID;
  attr.disabled = attr.exclude_kernel = attr.inherit = 1;
  uint64_t read_[8], period = 5;
  int fd = call(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_RESET, 0);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_ENABLE, 0);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_PERIOD, &period);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_ID, &period);
  call(SYS_ioctl, fd, PERF_EVENT_IOC_SET_FILTER, "filter");
  call(SYS_read, fd, read_, sizeof read_);
  const unsigned types[] = {PERF_TYPE_HARDWARE, PERF_TYPE_TRACEPOINT, PERF_TYPE_HW_CACHE,
                            PERF_TYPE_RAW,      PERF_TYPE_BREAKPOINT, 99};
  for (size_t i = 0; i < COUNT(types); i++) {
    attr.type = types[i];
    attr.config = i;
    close(call(SYS_perf_event_open, &attr, 0, -1, i & 1 ? fd : -1,
               i & 1 ? PERF_FLAG_FD_NO_GROUP : 0));
  }
  attr.type = PERF_TYPE_SOFTWARE;
  attr.sample_type = -1UL;
  attr.branch_sample_type = -1UL;
  call(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_OUTPUT | PERF_FLAG_PID_CGROUP);
  attr.size = 20;
  call(SYS_perf_event_open, &attr, 0, -1, -1, 0xff);
  attr.size = 0;
  call(SYS_perf_event_open, &attr, 0x7ffffff0, 4711, BAD_FD, -1L);
  call(SYS_perf_event_open, WILD, 0, -1, -1, 0);
  call(SYS_perf_event_open, NULL, 0, 0, 0, 0);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  maps();
  programs();
  counters();
}
