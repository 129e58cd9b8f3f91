# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: what a call costs while every call of every container is counted, next
# to bpftrace counting the same.

counted_round() {
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  daemon_start
  sample counted-beside host 2
  sample counted-in other 2
  on counted "${POD[@]}" --no-journal
  sample counted-traced pod 2
  wait_ledger counted
  off counted
  daemon_stop
  rm -f "$T/swolld.conf"
  counted_bpftrace
}

counted_bpftrace() {
  spawn taskset -c "$OTHER_CPU" bpftrace -e "
    BEGIN { printf(\"attached\\n\"); }
    tracepoint:raw_syscalls:sys_enter /cgroup == cgroupid(\"${CGROUP[other]}\")/ { @t[tid] = nsecs; }
    tracepoint:raw_syscalls:sys_exit /@t[tid]/ {
      @[pid, args->id, args->ret] = stats(nsecs - @t[tid]); delete(@t[tid]); }" \
    >"$T/bpftrace.out" 2>>"$T/bpftrace.err"
  retry 20 grep -q attached "$T/bpftrace.out" || fail "bpftrace does not start: $(<"$T/bpftrace.err")"
  sleep 1 # it says so before it has attached the rest
  sample bpftrace-stats other 0
  end_process "$SPAWNED"
  : >"$T/bpftrace.out"
}

counted_rows() {
  echo
  row counted-beside bare empty 1.2 "all calls counted: of a process on the host"
  row counted-in bare-in-other empty-in-other 2.0 "all calls counted: in a container"
  row counted-traced bare-in-other empty-in-other - "all calls counted: in a container that is traced, too"
  row bpftrace-stats bare-in-other empty-in-other - "bpftrace: stats() by pid, call and result"
}
