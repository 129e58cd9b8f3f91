#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lives of calls and of those who make them: calls that never return, that return twice, or in
# another program; that are restarted, refused or changed; threads that end in the middle of one.
# Each is reported once and as it was, and nothing is under way when nobody is.
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

# What a filter refuses is not run: the kernel refuses it before a tracer of calls could see it, and
# nothing of it is left to confuse what follows.
test_seccomp() {
  trace_of getgid,getuid,exit_group seccomp
  assert_eq "$(names '.syscall.name != "sys_exit_group" and (.syscall.name == "sys_getgid" or .error == "OK")')" \
    "getgid getgid getgid" "calls that were run"
  assert_json "$LEDGER" '.matched == .delivered and .inFlight == 0'
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

slab_mb() { awk '/^(Slab|Percpu):/ { n += $2 } END { print int(n / 1024) }' /proc/meminfo; }
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

run_tests "$@"
