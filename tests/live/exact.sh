#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# N calls give exactly N events, and every call is accounted for: alone, from many threads, in two
# namespaces at once, and while traces come and go.
# sanitized: no, the kernel counts; traces change under load in specs.sh as well
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# The sum of what each `syscalls loop` printed.
sum() { awk '{ n += $1 } END { print n + 0 }'; }

test_getppid_20000() {
  swolld_start
  bare_start w
  trace_start exact -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 20000
  trace_end exact
  assert_json "$LEDGER" '.matched == 20000 and .delivered == 20000'
  assert_eq "$(count_events exact)" 20000 events
  assert_eq "$(count_events exact '.syscall.name == "sys_getppid" and .return == 1 and .error == "OK"
    and .comm == "syscalls" and .args == {}')" 20000 "events as they should be"
}

test_openat_20000() {
  swolld_start
  bare_start w
  trace_start exact -s openat --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" openat /etc/passwd 20000 'O_RDONLY|O_CLOEXEC'
  trace_end exact
  assert_json "$LEDGER" '.matched == 20000 and .delivered == 20000'
  assert_eq "$(count_events exact '.args.pathname == "/etc/passwd"
    and .args.flags == ["O_RDONLY", "O_CLOEXEC"] and .return >= 0')" 20000 "events as they should be"
}

test_events_in_order_and_none_twice() {
  swolld_start
  bare_start w
  trace_start order -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 5000
  trace_end order
  assert_eq "$(events order | jq .start | sort -n | uniq | wc -l)" 5000 "different start times"
  assert_eq "$(events order | jq .start | sort -nc && echo sorted)" sorted "order of one thread"
}

test_threads() {
  swolld_start
  bare_start w
  trace_start threads -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" threads 16 500
  trace_end threads
  assert_json "$LEDGER" '.matched == 8000 and .delivered == 8000'
  # Each thread's calls arrive as its own, and no call's entry is joined with another's exit.
  assert_eq "$(events threads | jq .tid | sort | uniq -c | awk '{ print $1 }' | sort -u | xargs)" 500 "calls a thread"
  assert_eq "$(events threads | jq .tid | sort -u | wc -l)" 16 "threads"
  assert_eq "$(events threads | jq .pid | sort -u | wc -l)" 1 "processes"
  assert_eq "$(count_events threads '.finish < .start')" 0 "calls that end before they start"
}

# Of so many, hundreds find the slot that would be theirs taken and keep their state elsewhere
# (bpf/syscalls/state.h).
test_threads_that_find_no_slot() {
  swolld_start
  bare_start w
  trace_start many -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" threads 3000 5
  trace_end many
  assert_json "$LEDGER" '.matched == 15000 and .delivered == 15000'
  assert_eq "$(events many | jq .tid | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | xargs)" "3000 5" \
    "threads with so many calls"
}

# What they keep there outlives the trace.
test_threads_that_found_no_slot_before() {
  swolld_start
  bare_start w
  trace_start first -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_send w "$TOOLS/syscalls" threads 3000 5 "$T/again"
  retry 20 has_matched first 15000 || fail "not all calls were seen"
  trace_end first
  retry 10 are_hooks_off || fail "the hooks stay on"
  trace_start second -s getppid --pidns "${BARE_PIDNS[w]}"
  : >"$T/again"
  bare_wait w
  trace_end second
  assert_json "$LEDGER" '.matched == 15000 and .delivered == 15000'
}
has_matched() { (($(trace_json "$1" | jq .ledger.matched) >= $2)); }
are_hooks_off() { ctl status | grep 'hooks on system calls not attached' >/dev/null; }

test_two_namespaces_do_not_mix() {
  swolld_start
  bare_start w
  bare_start v
  trace_start left -s getppid --pidns "${BARE_PIDNS[w]}"
  trace_start right -s getppid --pidns "${BARE_PIDNS[v]}"
  bare_send w "$TOOLS/syscalls" getppid 3000
  bare_send v "$TOOLS/syscalls" getppid 4000
  bare_wait w
  bare_wait v
  trace_end left
  trace_end right
  assert_eq "$(count_events left ".pid_ns == ${BARE_PIDNS[w]}") $(count_events left)" "3000 3000" "left"
  assert_eq "$(count_events right ".pid_ns == ${BARE_PIDNS[v]}") $(count_events right)" "4000 4000" "right"
}

# A trace that is there all the time loses nothing to those that are added and removed beside it,
# with the same call and the same scope, so that its kernel rule is rewritten each time.
# What is known of a thread's cgroup is kept from call to call.
test_task_that_moves() {
  local mount top name
  mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  top=$mount/swoll-moves-$$
  for name in "" /one /two /none; do
    mkdir "$top$name" || skip "no cgroup can be made"
    at_exit retry 5 rmdir "$top$name"
  done
  swolld_start
  trace_start one -s getppid --cgroup "$top/one"
  trace_start two -s getppid --cgroup "$top/two"
  "$TOOLS/syscalls" moves 50 "$top/one/cgroup.procs" 7 "$top/none/cgroup.procs" 3 \
    "$top/two/cgroup.procs" 5 "$top/cgroup.procs" 2
  trace_end one
  assert_json "$LEDGER" '.matched == 350 and .delivered == 350'
  trace_end two
  assert_json "$LEDGER" '.matched == 250 and .delivered == 250'
}

# What is known of a thread is known by its stack, which the next one gets.
test_stacks_that_are_handed_on() {
  swolld_start
  bare_start w
  trace_start turns -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_send w taskset -c 0 "$TOOLS/syscalls" turns 6000 getppid 3
  taskset -c 0 "$TOOLS/syscalls" turns 6000 getppid 3
  bare_wait w
  trace_end turns
  assert_json "$LEDGER" '.matched == 18000 and .delivered == 18000'
}

test_traces_come_and_go_under_load() {
  swolld_start
  bare_start w
  ctl trace add always -s openat --pidns "${BARE_PIDNS[w]}"
  bare_send w "$TOOLS/syscalls" procs 4 loop openat /etc/passwd 300 "$T/enough"
  local i
  for i in $(seq 30); do
    ctl trace add "churn-$i" -s openat,close,getppid --pidns "${BARE_PIDNS[w]}" >/dev/null
    ((i % 3)) || sleep 0.05
    ctl trace rm "churn-$i" >/dev/null
  done
  is_running "$(pgrep -P "${BARE_PID[w]}")" || fail "the load ended before the traces did"
  : >"$T/enough"
  bare_wait w
  wait_ledger always
  assert_eq "$(jq .matched <<<"$LEDGER")" "$(bare_out w | sum)" "calls that the trace has seen"
  assert_json "$LEDGER" '.undecodable == 0 and .stateMissing == 0 and .delivered > 0'
}

test_follower_sees_all_that_was_delivered() {
  swolld_start
  bare_start w
  trace_start load -s openat --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" procs 4 loop openat /etc/passwd 1
  trace_end load
  assert_eq "$(jq .matched <<<"$LEDGER")" "$(bare_out w | sum)" "calls that the trace has seen"
  assert_eq "$(grep -c '"payload"' "$T/load.out")" "$(jq .delivered <<<"$LEDGER")" "events in the stream"
}

# A call that is under way when its trace goes must leave nothing that a later trace trips over.
test_call_in_flight_while_its_trace_goes() {
  swolld_start
  bare_start w
  ctl trace add first -s read --pidns "${BARE_PIDNS[w]}"
  bare_send w "$TOOLS/syscalls" slow-read 1 700
  retry 20 trace_is first '.ledger.inFlight > 0' || fail "no call is under way"
  ctl trace rm first
  trace_start second -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_wait w
  bare_run w "$TOOLS/syscalls" getppid 100
  trace_end second
  assert_json "$LEDGER" '.matched == 100 and .delivered == 100'
}

swolld_keep
run_tests "$@"
