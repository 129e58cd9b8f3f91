# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: what a call costs while every call of every container is counted, next
# to bpftrace counting the same; and what a scrape of many containers costs.

SCRAPE_CONTAINERS=200 SCRAPE_CALLS=60

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

# ---- a scrape ----

resident_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$SWOLLD_PID/status"; }
has_counts() {
  (($(ctl stats -o json | jq '[.rows[] | select(.call == "getppid")] | length') >= SCRAPE_CONTAINERS))
}

# scrapes: prints a line of what the fastest of some took.
scrapes() {
  local n path before best
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  daemon_start --http "unix:$T/http.sock"
  before=$(resident_kib)
  at_exit many_remove
  for ((n = 0; n < SCRAPE_CONTAINERS; n++)); do
    path=$V2/swoll-bench-$$/$(printf '%064x' $((0xabcdef000000 + n)))
    mkdir "$path"
    sh -c 'echo 0 >"$0/cgroup.procs"; exec "$1" "$2"' "$path" "$TOOLS/variety" "$SCRAPE_CALLS" &
  done
  retry 60 has_counts || fail "not all of $SCRAPE_CONTAINERS containers are counted"
  # Between them comes as much time as it takes for a page to be made anew (http/paced.h).
  best=$(for ((n = 0; n < 5; n++)); do
    sleep 3
    curl --silent --output /dev/null --write-out '%{time_total} %{size_download}\n' \
      --unix-socket "$T/http.sock" http://localhost/metrics
  done | sort -g | sed -n 1p)
  awk -v b="$best" -v c="$SCRAPE_CONTAINERS" -v k="$SCRAPE_CALLS" -v now="$(resident_kib)" -v was="$before" 'BEGIN {
    split(b, t); printf "a scrape of %d containers with %d calls each: %.1f ms, %d bytes; resident %.1f MiB, of which %.1f came with them\n",
      c, k, t[1] * 1000, t[2], now / 1024, (now - was) / 1024 }'
  many_remove
  daemon_stop
  rm -f "$T/swolld.conf"
}
