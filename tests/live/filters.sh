#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Filters give exactly the events that they should, and the ledger says what became of the rest.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# in_w NAME ARG...: a trace of the namespace w.
in_w() { trace_start "$@" --pidns "${BARE_PIDNS[w]}"; }

setup() {
  swolld_start
  bare_start w
}

# A workload under another name.
named() {
  cp "$TOOLS/syscalls" "$T/$1"
  echo "$T/$1"
}

test_comm() {
  setup
  local alpha beta
  alpha=$(named alpha)
  beta=$(named beta)
  in_w comm -s getppid --comm 'alp*'
  bare_run w "$alpha" getppid 100
  bare_run w "$beta" getppid 130
  trace_end comm
  assert_eq "$(count_events comm '.comm == "alpha"') of $(count_events comm)" "100 of 100" events
  assert_json "$LEDGER" '.matched == 230 and .delivered == 100 and .filtered == 130'
}

test_pid() {
  setup
  mkfifo "$T/go"
  bare_send w /bin/sh -c "read go <$T/go; exec $TOOLS/syscalls getppid 50"
  local pid
  retry 5 pgrep -P "${BARE_PID[w]}" >/dev/null
  pid=$(pgrep -P "${BARE_PID[w]}")
  in_w pid -s getppid --pid "$pid"
  echo >"$T/go"
  bare_wait w
  bare_run w "$TOOLS/syscalls" getppid 70
  trace_end pid
  assert_eq "$(count_events pid ".pid == $pid") of $(count_events pid)" "50 of 50" events
  assert_json "$LEDGER" '.delivered == 50 and .matched - .filtered == 50'
}

test_pidns() {
  setup
  bare_start v
  in_w pidns -s getppid
  bare_run w "$TOOLS/syscalls" getppid 30
  bare_run v "$TOOLS/syscalls" getppid 40
  trace_end pidns
  assert_eq "$(count_events pidns ".pid_ns == ${BARE_PIDNS[w]}") of $(count_events pidns)" "30 of 30" events
  assert_json "$LEDGER" '.matched == 30' # the other namespace is no business of this trace
}

test_uid() {
  setup
  in_w uid -s getppid --uid 65534
  bare_run w "$TOOLS/syscalls" as 65534 getppid 25
  bare_run w "$TOOLS/syscalls" getppid 35
  trace_end uid
  assert_eq "$(count_events uid '.uid == 65534') of $(count_events uid)" "25 of 25" events
  assert_json "$LEDGER" '.matched == 60 and .filtered == 35'
}

# errno_gives FILTER COUNT: of 20 opens that succeed, 10 with ENOENT and 5 with ENOTDIR.
errno_gives() {
  in_w errno -s openat --errno "$1"
  bare_run w "$TOOLS/syscalls" openat /etc/passwd 20
  bare_run w "$TOOLS/syscalls" openat /absent 10
  bare_run w "$TOOLS/syscalls" openat /etc/passwd/below 5
  trace_end errno
  assert_eq "$(count_events errno)" "$2" "events with --errno $1"
  assert_json "$LEDGER" ".matched == 35 and .delivered == $2 and .filtered == 35 - $2"
}

test_errno() {
  setup
  errno_gives ENOENT 10
  assert_eq "$(count_events errno '.error == "ENOENT" and .return == -2')" 10 "ENOENT"
  errno_gives ENOENT,ENOTDIR 15
  errno_gives any 15
  errno_gives none 20
  assert_eq "$(count_events errno '.error == "OK" and .return >= 0')" 20 "successes"
  errno_gives EPERM 0
}

test_min_latency() {
  setup
  in_w slow -s read,getppid --comm syscalls --min-latency 200ms
  bare_run w "$TOOLS/syscalls" slow-read 5 400
  bare_run w "$TOOLS/syscalls" getppid 40
  trace_end slow
  assert_eq "$(count_events slow '.syscall.name == "sys_read" and .finish - .start >= 200000000')" 5 "slow reads"
  assert_eq "$(count_events slow)" 5 events
  assert_json "$LEDGER" '.delivered == 5 and .filtered >= 40'
}

test_sample() {
  setup
  in_w sampled -s getppid --sample 10
  bare_run w "$TOOLS/syscalls" getppid 1000
  trace_end sampled
  assert_eq "$(count_events sampled)" 100 events
  assert_json "$LEDGER" '.matched == 1000 and .delivered == 100 and .sampled == 900'
}

test_duration() {
  setup
  ctl trace add brief -s getppid --pidns "${BARE_PIDNS[w]}" --duration 10s
  assert_json "$(trace_json brief)" '.state == "running"'
  bare_run w "$TOOLS/syscalls" getppid 10
  retry 60 trace_is brief '.state == "expired"' || fail "it does not end: $(trace_json brief)"
  bare_run w "$TOOLS/syscalls" getppid 20
  assert_json "$(trace_json brief)" '.ledger.delivered == 10 and .ledger.matched == 10'
  assert_json "$(status_json)" '.rules == 0 and (.attached | not)'
}

test_host() {
  setup
  local tool
  tool=$(named hosttool)
  retry 60 container_is "pidns:${BARE_PIDNS[w]}" true || fail "$(ctl containers -o json)"
  trace_start host -s getppid --host --comm hosttool
  "$tool" getppid 60
  bare_run w "$tool" getppid 45
  trace_end host
  assert_eq "$(count_events host '.container == null') of $(count_events host)" "60 of 60" events
}

# One trace's filter is not another's, even for the same call of the same container.
test_filters_of_overlapping_traces() {
  setup
  in_w few -s openat --errno any
  in_w tenth -s openat --sample 10
  in_w every -s openat
  bare_run w "$TOOLS/syscalls" openat /etc/passwd 100
  bare_run w "$TOOLS/syscalls" openat /absent 20
  trace_end few
  assert_json "$LEDGER" '.matched == 120 and .delivered == 20 and .filtered == 100'
  trace_end tenth
  assert_json "$LEDGER" '.matched == 120 and .delivered == 12 and .sampled == 108'
  trace_end every
  assert_json "$LEDGER" '.matched == 120 and .delivered == 120'
  assert_eq "$(count_events few) $(count_events tenth) $(count_events every)" "20 12 120" events
}

test_trace_run_ends_with_its_count() {
  setup
  spawn "$SWOLLCTL" trace run shortly -s getppid --pidns "${BARE_PIDNS[w]}" -o json --count 5 \
    >"$T/shortly.out" 2>"$T/shortly.err"
  FOLLOWER[shortly]=$SPAWNED
  retry 10 trace_is shortly '.streams == 1' || fail "$(<"$T/shortly.err")"
  bare_run w "$TOOLS/syscalls" getppid 9
  followed shortly
  assert_eq "$(count_events shortly)" 5 events
  assert_eq "$(ctl trace ls -o json | jq length)" 0 "traces left behind"
}

test_trace_run_ends_with_ctrl_c() {
  setup
  spawn "$SWOLLCTL" trace run typed -s getppid --pidns "${BARE_PIDNS[w]}" -o json >"$T/typed.out" 2>&1
  FOLLOWER[typed]=$SPAWNED
  retry 10 trace_is typed '.streams == 1' || fail "$(<"$T/typed.out")"
  kill -INT "$SPAWNED"
  retry 10 has_ended "$SPAWNED" || fail "Ctrl-C does not end it"
  retry 10 no_traces || fail "the trace is left behind: $(ctl trace ls)"
}

# It can't remove its trace itself then.
test_trace_run_is_killed() {
  setup
  ctl trace add stays -s getppid --pidns "${BARE_PIDNS[w]}" >/dev/null
  spawn "$SWOLLCTL" trace run goes -s getppid --pidns "${BARE_PIDNS[w]}" >"$T/goes.out" 2>&1
  retry 10 trace_is goes '.streams == 1' || fail "$(<"$T/goes.out")"
  kill -KILL "$SPAWNED"
  retry 10 only_stays || fail "the trace is left behind: $(ctl trace ls)"
  run 2 ctl trace run kept -s getppid --persist
  assert_match "$ERR" "use 'trace add'"
}
only_stays() { [[ $(ctl trace ls -o json | jq -r '.[].spec.name') == stays ]]; }
no_traces() { [[ $(ctl trace ls -o json | jq length) == 0 ]]; }

swolld_keep
run_tests "$@"
