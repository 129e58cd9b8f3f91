# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: what a short process costs while its begin, its program and its end are
# traced, beside bpftrace printing the same. Of processes that fork and end, and of such as run a program.

PROCESS_COUNT=1000
PROCESS_ROUNDS=4
PROCESS_KINDS=(forks vforks)

# process_sample SUBJECT: us a process, the least.
process_sample() {
  local kind start
  for kind in "${PROCESS_KINDS[@]}"; do
    start=$(date +%s%N)
    bare_run pod taskset -c "$LOOP_CPU" "$TOOLS/processes" "$kind" "$PROCESS_COUNT"
    awk -v ns=$(($(date +%s%N) - start)) -v n="$PROCESS_COUNT" 'BEGIN { print ns / n / 1000 }' | keep "$1-$kind"
  done
}

process_traced() { # SUBJECT ARG...
  local subject=$1 n
  shift
  ctl trace add "$subject" "$@" --no-journal >/dev/null
  process_sample "$subject"
  wait_ledger "$subject"
  # Of each also the loop itself and its two programs before it.
  [[ $subject != processes ]] ||
    assert_json "$LEDGER" ".matched == $((5 * PROCESS_COUNT + 2 * 4))"
  ctl trace rm "$subject" >/dev/null
}

process_bpftrace() {
  local fifo=$T/processes.fifo ready=$T/processes.ready
  rm -f "$fifo" "$ready"
  mkfifo "$fifo"
  spawn sh -c 'exec <"$0"; read -r says; read -r event; : >"$1"; exec cat >/dev/null' "$fifo" "$ready"
  spawn taskset -c "$OTHER_CPU" bpftrace -e "
    tracepoint:sched:sched_process_fork /cgroup == cgroupid(\"${CGROUP[pod]}\")/ { printf(\"%d %s\\n\", args->child_pid, comm); }
    tracepoint:sched:sched_process_exec /cgroup == cgroupid(\"${CGROUP[pod]}\")/ { printf(\"%d %s\\n\", pid, str(args->filename)); }
    tracepoint:sched:sched_process_exit /cgroup == cgroupid(\"${CGROUP[pod]}\")/ { printf(\"%d %s\\n\", pid, comm); }" \
    >"$fifo" 2>>"$T/bpftrace.err"
  retry 20 process_is_printed "$ready" || fail "bpftrace prints nothing: $(<"$T/bpftrace.err")"
  process_sample bpftrace
  end_process "$SPAWNED"
}
process_is_printed() {
  bare_run pod /bin/true
  [[ -e $1 ]]
}

process_row() { # SUBJECT TEXT
  local kind
  printf '%-28s' "$2"
  for kind in "${PROCESS_KINDS[@]}"; do
    awk -v t="${BEST[$1-$kind]}" -v bare="${BEST[bare-$kind]}" \
      'BEGIN { printf "%10.1f %9.1f %7.3f", t, t - bare, t / bare }'
  done
  echo
}

processes() {
  local i
  for ((i = 0; i < PROCESS_ROUNDS; i++)); do
    process_sample bare
    daemon_start
    process_traced beside -s openat
    process_traced processes --processes "${POD[@]}"
    daemon_stop
    process_bpftrace
  done
  printf '\nus a process, added, times bare %s\n' "(${PROCESS_KINDS[*]}; $PROCESS_COUNT at a time)"
  process_row bare "bare"
  process_row beside "openat traced, all of them"
  process_row processes "all that happens, traced"
  process_row bpftrace "bpftrace prints the same"
}
