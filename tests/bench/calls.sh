# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: what a traced call with arguments costs, with all that they point to
# and what their descriptors stand for, next to bpftrace printing the same fields.

declare -A PEER=(
  [openat]='%s %d %d %s %x", comm, pid, @a[tid], str(@b[tid]), @c[tid]'
  [read]='%s %d %d %s", comm, pid, @a[tid], str(@b[tid], 64)'
  [write]='%s %d %d %s", comm, pid, @a[tid], str(@b[tid], 64)'
  [execve]='%s %d", comm, pid'
)
declare -A PEER_ENTRY=(
  [openat]='@a[tid] = args->dfd; @b[tid] = args->filename; @c[tid] = args->flags'
  [read]='@a[tid] = args->fd; @b[tid] = args->buf'
  [write]='@a[tid] = args->fd; @b[tid] = args->buf'
  [execve]='printf("%s ", str(args->filename)); join(args->argv)'
)
CALLS=(openat read write execve)

# sample_call SUBJECT HOOKS: as sample, of LOOP_CALL; an execve is a thousand times slower.
sample_call() {
  local SAMPLE_CALLS=$SAMPLE_CALLS BATCH=2
  [[ $LOOP_CALL != execve ]] || SAMPLE_CALLS=200
  sample "$1-$LOOP_CALL" pod "$2"
}

calls_bare() {
  local LOOP_CALL
  for LOOP_CALL in "${CALLS[@]}"; do sample_call bare 0; done
  spawn "$TOOLS/empty-pair" >"$T/empty-pair"
  retry 10 grep -q attached "$T/empty-pair" || fail "the empty programs do not attach"
  for LOOP_CALL in "${CALLS[@]}"; do sample_call empty 2; done
  end_process "$SPAWNED"
}

# With the knob for descriptors' targets on, as it is by default, and off.
calls_swolld() {
  local LOOP_CALL targets=$1 subject=$2
  printf '[probe]\ntargets = %s\n' "$targets" >"$T/swolld.conf"
  daemon_start
  for LOOP_CALL in "${CALLS[@]}"; do
    CALL=$LOOP_CALL on "$subject" "${POD[@]}" --no-journal
    sample_call "$subject" 2
    # The shell of the place waits for its next command in a read.
    wait_ledger "$subject" "$([[ $LOOP_CALL == read ]] && echo 1 || echo 0)"
    off "$subject"
  done
  daemon_stop
  rm -f "$T/swolld.conf"
}

calls_bpftrace() {
  local LOOP_CALL cgroup=${CGROUP[pod]}
  for LOOP_CALL in "${CALLS[@]}"; do
    spawn taskset -c "$OTHER_CPU" bpftrace -e "
      BEGIN { printf(\"attached\\n\"); }
      tracepoint:syscalls:sys_enter_$LOOP_CALL /cgroup == cgroupid(\"$cgroup\")/ {
        ${PEER_ENTRY[$LOOP_CALL]}; @t[tid] = nsecs; }
      tracepoint:syscalls:sys_exit_$LOOP_CALL /@t[tid]/ {
        printf(\"${PEER[$LOOP_CALL]}); printf(\" = %d %d\\n\", args->ret, nsecs - @t[tid]); delete(@t[tid]); }" \
      >"$T/bpftrace.out" 2>>"$T/bpftrace.err"
    retry 20 grep -q attached "$T/bpftrace.out" || fail "bpftrace does not start: $(<"$T/bpftrace.err")"
    sleep 1 # it says so before it has attached the rest
    sample_call bpftrace 0
    end_process "$SPAWNED"
    : >"$T/bpftrace.out"
  done
}

calls_round() {
  calls_bare
  calls_swolld yes traced
  calls_swolld no plain
  calls_bpftrace
}

calls_rows() {
  local call
  for call in "${CALLS[@]}"; do
    echo
    row "bare-$call" "bare-$call" "empty-$call" - "$call, bare, in a container"
    row "empty-$call" "bare-$call" "empty-$call" - "$call, empty programs on sys_enter and sys_exit"
    row "traced-$call" "bare-$call" "empty-$call" - "$call, traced, with what descriptors stand for"
    row "plain-$call" "bare-$call" "empty-$call" - "$call, traced, targets = no"
    row "bpftrace-$call" "bare-$call" "empty-$call" - "$call, bpftrace prints the same"
  done
}
