#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lives of calls and of those who make them: calls that never return, that return twice, or in
# another program; that are restarted, refused or changed; threads that end in the middle of one.
# Each is reported once and as it was, and nothing is under way when nobody is.
# sanitized: no, the kernel keeps the state of calls; how they end is shown in core/decode-test
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/compare.sh"

TOOL=lifecycle

# names [FILTER]: of the calls in one.out, in order.
names() { events one "${1-true}" | jq -r '.syscall.name[4:]' | xargs; }

test_exits() {
  trace_of exit,exit_group exits
  local event
  event=$(only_event '.syscall.name == "sys_exit"')
  assert_json "$event" '.args.error_code == 7 and .return == null and .tid != .pid'
  event=$(only_event '.syscall.name == "sys_exit_group" and .comm == "lifecycle"')
  assert_json "$event" '.args.error_code == 0 and .return == null and .tid != .pid'
  assert_json "$LEDGER" '.matched == .delivered'
}

# A call that the end of its process cuts short has ended, and not well.
test_ended_in_a_call() {
  swolld_start
  bare_start w
  trace_start one -s read --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  bare_run w "$TOOLS/lifecycle" exits
  bare_run w "$TOOLS/lifecycle" killed
  trace_end one
  assert_eq "$(count_events one '.error == "ERESTARTSYS" and .args.count == 1')" 3 "reads cut short"
  assert_json "$LEDGER" '.delivered + .filtered == .matched'
}

# reboot(2) in a container ends its caller in the call.
test_end_within_a_call() {
  swolld_start
  bare_start w
  trace_start one -s reboot --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  bare_run w "$TOOLS/lifecycle" reboot
  trace_end one
  assert_json "$LEDGER" '.matched == 1 and .delivered == 1'
  assert_json "$(only_event true)" '.return == null and .args.cmd == "LINUX_REBOOT_CMD_RESTART"'
}

# ---- programs ----

test_execve_by_a_thread() {
  trace_of execve,getppid exec-thread "$TOOLS/syscalls" getppid 3
  assert_json "$(only_event '.args.argv[1] == "getppid"')" '.return == 0 and .comm == "lifecycle"
    and .args.argv[2] == "3" and .tid == .pid' # it has become the leader
  assert_eq "$(count_events one '.syscall.name == "sys_getppid" and .comm == "syscalls"')" 3 "calls of the new program"
}

test_execveat() {
  trace_of execveat execveat "$TOOLS/syscalls" getppid 1
  assert_json "$(only_event '.return == 0')" '.args.filename == "" and .args.argv[1] == "getppid"
    and .args.flags == ["AT_EMPTY_PATH"]'
  assert_json "$(only_event '.return != 0')" '.error == "EBADF" and .args.filename == "absent"'
  assert_json "$LEDGER" '.matched == 2 and .delivered == 2'
}

test_execve_by_the_other_abi() {
  [[ $(uname -m) == x86_64 ]] || skip_optional "32-bit calls are tested on x86-64"
  "$TOOLS/syscalls" int80-getppid 1 2>/dev/null || skip_optional "this kernel takes no 32-bit calls"
  trace_of execve,getppid exec-int80 "$TOOLS/syscalls" getppid 2
  assert_json "$(only_event '.args.argv[1] == "getppid"')" '.return == 0 and .syscall.arch == "i386"'
  assert_eq "$(count_events one '.syscall.name == "sys_getppid" and .comm == "syscalls"
    and .syscall.arch == "x86_64"')" 2 "calls of the new program"
}

# ---- calls that return twice ----

test_clones() {
  trace_of fork,vfork,clone,clone3,getppid clones
  told one
  assert_eq "$(names '.comm == "lifecycle" and .syscall.name != "sys_getppid"')" "fork vfork clone clone3" \
    "one event each, of the parent"
}

# ---- signals ----

test_restarts() {
  swolld_start
  bare_start w
  trace_start one -s nanosleep,restart_syscall,read,rt_sigreturn --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  bare_run w "$TOOLS/lifecycle" restarts
  trace_end one
  assert_eq "$(events one | jq -r '"\(.syscall.name[4:]):\(.error)"' | xargs)" \
    "nanosleep:ERESTART_RESTARTBLOCK restart_syscall:OK \
read:ERESTARTSYS rt_sigreturn:OK read:OK read:ERESTARTSYS rt_sigreturn:EINTR" "calls and how they ended"
}

test_sigreturn() {
  swolld_start
  bare_start w
  trace_start one -s rt_sigreturn,tgkill,getuid --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  bare_run w "$TOOLS/lifecycle" sigreturn 200
  trace_end one
  assert_eq "$(count_events one '.syscall.name == "sys_rt_sigreturn" and (.args | keys) == ["frame"] and .arg_notes == null')" 200 "returns of handlers"
  assert_eq "$(count_events one '.return >= 0')" 600 "calls"
  assert_json "$LEDGER" '.delivered == 600 and .delivered + .filtered == .matched'
}

# ---- calls that others stop or change ----

# What a filter answers, with an errno or with a signal, says so.
test_seccomp() {
  trace_of getgid,getuid,exit_group seccomp
  assert_eq "$(events one '.comm == "lifecycle" and .syscall.name != "sys_exit_group"' |
    jq -r '"\(.syscall.name[4:]):\(.error):\(.executed)"' | xargs)" \
    "getgid:OK:null getuid:EPERM:false getgid:OK:null getgid:OK:null getuid:SIGSYS:false" "calls"
  assert_eq "$(events one '.error == "SIGSYS"' | jq .return)" null "what it returned"
  assert_json "$LEDGER" '.matched == .delivered and .inFlight == 0'
}

# Each of them, with its arguments, traced and counted.
test_refused_by_seccomp() {
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  swolld_start
  bare_start w
  wait_container "pidns:${BARE_PIDNS[w]}"
  trace_start one -s openat,getppid --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  follow one text trace tail one -o text
  bare_run w "$TOOLS/lifecycle" refused 500 4
  trace_end one
  followed text
  assert_eq "$(count_events one '.executed == false and .syscall.name == "sys_openat" and .return == -1
    and .error == "EPERM" and .args.pathname == "/refused/by-a-filter" and .arg_notes == null
    and .args.dirfd == "AT_FDCWD" and .args.flags == ["O_RDONLY", "O_CLOEXEC"] and .finish >= .start')" 2000 "refused calls"
  assert_eq "$(grep -c '"/refused/by-a-filter".* = -1 EPERM (Operation not permitted) \[not executed\] <' "$T/text.out")" \
    2000 "refused calls in text"
  assert_eq "$(count_events one 'has("executed")')" 2000 "events that speak of it"
  assert_eq "$(count_events one '.syscall.name == "sys_getppid" and .error == "OK"')" 2000 "calls between them"
  assert_json "$LEDGER" '.matched == .delivered + .filtered and .inFlight == 0'
  assert_json "$(ctl stats -o json -s openat --by error --container "pidns:${BARE_PIDNS[w]}")" \
    '[.rows[] | select(.error == "EPERM") | .count] == [2000]'
}

# Exits whose entry nobody looked at, for the trace was not there yet, were of calls like any other.
test_nothing_else_is_refused() {
  swolld_start
  bare_start w
  wait_container "pidns:${BARE_PIDNS[w]}"
  spawn "$SWOLLCTL" --no-color tail '*/*/*/nanosleep' -o json >"$T/all.out" 2>"$T/all.err" # of all traces to come
  local tail=$SPAWNED i
  ctl trace add first -s nanosleep --no-journal --pidns "${BARE_PIDNS[w]}" >/dev/null
  retry 60 trace_is first '.streams == 1' || fail "nothing follows: $(<"$T/all.err")"
  bare_run w "$TOOLS/lifecycle" sleeps 5 1
  retry 20 has_events all 5 || fail "nothing is followed: $(<"$T/all.err")"
  ctl trace rm first >/dev/null
  bare_send w "$TOOLS/lifecycle" sleeps 4000 8
  for i in {1..40}; do
    # The hooks stay on at times, and with them what is known of the threads; at times they go.
    ((i % 3 == 1)) || ctl trace add base -s getppid --no-journal --pidns "${BARE_PIDNS[w]}" >/dev/null
    sleep 0.05
    ctl trace add "t$i" -s nanosleep --no-journal --pidns "${BARE_PIDNS[w]}" >/dev/null
    sleep 0.1
    ((i % 3 == 1)) || ctl trace rm base >/dev/null
    ctl trace rm "t$i" >/dev/null
  done
  is_running "$tail" || fail "the stream has ended: $(<"$T/all.err")"
  end_process "$tail"
  (($(count_events all) > 1000)) || fail "few calls: $(count_events all)"
  assert_eq "$(count_events all 'has("executed")')" 0 "calls taken for refused"
}

test_ptrace_changes_the_call() {
  [[ $(uname -m) == x86_64 ]] || skip_optional "the tracer knows x86-64"
  swolld_start
  bare_start w
  trace_start one -s all --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  bare_run w "$TOOLS/lifecycle" ptrace
  trace_end one
  assert_eq "$(events one '.syscall.name == "sys_getuid" or .syscall.name == "sys_getgid" or .error == "ENOSYS"' |
    jq -r '"\(.syscall.name[4:]):\(.syscall.nr):\(.error)"' | xargs)" \
    "getgid:104:OK unknown:4294967295:ENOSYS getuid:102:OK" "calls as they were run"
}

# ---- many ----

slab_mb() { awk '/^(SUnreclaim|Percpu):/ { n += $2 } END { print int(n / 1024) }' /proc/meminfo; }
slab_is_back() { (($(slab_mb) < $1)); }

# State belongs to the thread and goes with it.
test_200000_brief_threads() {
  swolld_start
  bare_start w
  ctl trace add brief -s openat --pidns "${BARE_PIDNS[w]}" --comm lifecycle
  follow brief brief trace tail brief -o json
  local before
  before=$(slab_mb)
  bare_run w "$TOOLS/lifecycle" brief 200000 8
  trace_end brief
  assert_json "$LEDGER" '.matched == 200000 and .inFlight == 0 and .stateMissing == 0 and .undecodable == 0
    and .delivered + .ringFull + .clientBehind == 200000'
  assert_eq "$(grep -c '"/absent/of-a-brief-thread"' "$T/brief.out")" "$(jq .delivered <<<"$LEDGER")" events
  # Had each left its 8 KiB, it would be 1.6 GB.
  retry 20 slab_is_back $((before + 200)) || fail "the kernel's memory: $before MB before, $(slab_mb) after"
}

swolld_keep
run_tests "$@"
