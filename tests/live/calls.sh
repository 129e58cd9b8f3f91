#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The content of events: what a process did, by its own account, is what arrives. Names, arguments
# and results of the first set of calls; calls that are easily taken for others; memory that is
# hard to read.
# sanitized: no, calls are decoded as in conformance.sh and adversaries.sh
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/compare.sh"

FIRST_SET=read,write,close,open,openat,socket,sendto,recvfrom,clone,clone3,unlinkat,renameat2
FIRST_SET+=,mkdirat,exit_group,getppid,bind,listen,accept4,connect,execve

test_first_set() {
  local pid differ
  mkdir "$T/work"
  WAITING=1 trace_of "$FIRST_SET" set "$T/work"
  pid=$(events one '.syscall.name == "sys_getppid"' | sed -n 1p | jq .pid)
  # Of the program itself, from its first call on: not the shell's execve, not its children.
  events one ".pid == $pid" | jq -cs '.[(map(.syscall.name) | index("sys_getppid")):][]' >"$T/events"
  printed "$(bare_out w)" >"$T/printed"
  differ=$(jq -nr --slurpfile events <(head -n "$(bare_out w | wc -l)" "$T/events") \
    --slurpfile printed "$T/printed" "$COMPARE")
  [[ -z $differ ]] || fail "events differ from what the process did:
$differ"
  # Then it prints and exits, and nothing more.
  assert_eq "$(tail -n +"$(($(bare_out w | wc -l) + 1))" "$T/events" | jq -r .syscall.name | uniq | xargs)" \
    "sys_write sys_exit_group" "the last calls"
  # Each call was compared once well and once badly, if it can end so.
  assert_eq "$(compared OK)" "$(first_set_without execve exit_group)" "calls that succeeded"
  assert_eq "$(compared 'E[A-Z]+')" "$(first_set_without getppid exit_group)" "calls that failed"
}

# compared RESULT: names of the calls that the workload made with such an end.
compared() { bare_out w | cut -f1,3 | grep -xE "[a-z0-9]+	$1" | cut -f1 | sort -u | xargs; }
first_set_without() {
  local without=("$@")
  [[ $(uname -m) == x86_64 ]] || without+=(open)
  tr , '\n' <<<"$FIRST_SET" | grep -vxF "$(printf '%s\n' "${without[@]}")" | sort | xargs
}

test_exit_group_does_not_return() {
  trace_of exit_group procs 2 getppid 1
  assert_eq "$(count_events one '.return == null and .args.error_code == 0')" 3 "exits"
  assert_json "$LEDGER" '.matched == 3 and .delivered == 3'
}

test_execve_with_whole_argv() {
  trace_of execve execve /bin/echo one "two words" "" 'quote"d'
  assert_json "$(only_event '.args.filename == "/bin/echo"')" '
    .return == 0 and .error == "OK" and .comm != "" and (.arg_notes | not)
    and .args.argv == ["/bin/echo", "one", "two words", "", "quote\"d"]'
}

test_execve_that_fails() {
  trace_of execve execve /absent/program --flag
  assert_json "$(only_event '.args.filename == "/absent/program"')" '
    .return == -2 and .error == "ENOENT" and .args.argv == ["/absent/program", "--flag"]'
}

# Argument lists that are too long to keep are cut, and the cut is shown.
test_execve_with_long_argv() {
  trace_of execve execve /bin/true $(seq 3000)
  assert_json "$(only_event '.args.filename == "/bin/true"')" '
    .args.argv as $argv
    | $argv[0] == "/bin/true" and $argv[1] == "1" and $argv[5] == "5"
    and (($argv | length) == 3001 or .arg_notes.argv.truncated)'
}

test_long_path() {
  local path
  path=/absent$(printf '/%0100d' $(seq 30))
  trace_of openat openat "$path" 1
  assert_json "$(only_event true)" '
    .error == "ENOENT" and (.args.pathname as $got | $path | startswith($got))
    and (.args.pathname | length) > 200
    and (.args.pathname == $path or .arg_notes.pathname.truncated)' --arg path "$path"
}

test_connect_ipv4() {
  trace_of connect connect4 127.0.0.1 9
  assert_json "$(only_event true)" '.error == "ECONNREFUSED" and .args.addrlen == 16
    and .args.uservaddr == {family: "AF_INET", addr: "127.0.0.1", port: 9}'
}

test_connect_ipv6() {
  trace_of connect connect6 ::1 9
  assert_json "$(only_event true)" '.return < 0 and .args.addrlen == 28 and (.args.uservaddr
    | .family == "AF_INET6" and .addr == "::1" and .port == 9 and .flowinfo == 0 and .scope_id == 0)'
}

test_connect_abstract_unix() {
  trace_of connect connect-unix @no-such-name
  assert_json "$(only_event true)" '.error == "ECONNREFUSED"
    and .args.uservaddr == {family: "AF_UNIX", path: "@no-such-name"}'
}

# The path lies in a page that the process has not touched: nothing can be read on entry.
test_path_in_untouched_page() {
  trace_of openat fault-openat /etc/passwd
  assert_json "$(only_event true)" '.error == "OK" and .args.pathname == "/etc/passwd"
    and .arg_notes.pathname.at == "exit"'
}

# execve leaves no memory to read again when it succeeds: what is not known must be said.
test_execve_from_untouched_pages() {
  trace_of execve fault-execve /bin/echo hidden
  local event
  event=$(only_event '.return == 0 and .pid_ns > 0 and (.args.filename != $tool)' --arg tool "$TOOLS/syscalls")
  assert_json "$event" '.args.filename == "/bin/echo" or .arg_notes.filename.faulted'
  assert_json "$event" '.args.argv == ["/bin/echo", "hidden"] or .arg_notes.argv.faulted
    or .arg_notes.argv.truncated'
}

# The new image's words are of 32 bits then, and so is what tells where its name lies.
test_execve_of_a_32_bit_program_from_untouched_pages() {
  [[ $(uname -m) == x86_64 ]] || skip_optional "32-bit programs are tested on x86-64"
  narrow_program "$T/narrow"
  "$T/narrow" 2>/dev/null || skip_optional "this kernel runs no 32-bit programs"
  trace_of execve fault-execve "$T/narrow" hidden
  assert_json "$(only_event '.return == 0 and .args.filename != $tool' --arg tool "$TOOLS/syscalls")" '
    .args.filename == $path and .arg_notes.filename == {at: "exit"}
    and .args.argv == [$path, "hidden"]' --arg path "$T/narrow"
}
# narrow_program FILE: one of i386 that ends well, by what needs no libraries of that.
narrow_program() {
  as --32 -o "$1.o" - <<<'
    .globl _start
    _start: mov $1, %eax # exit
    xor %ebx, %ebx
    int $0x80'
  ld -m elf_i386 -o "$1" "$1.o"
}

# i386's getppid has the number of x86-64's semget.
test_compat_call_is_its_own() {
  [[ $(uname -m) == x86_64 ]] || skip_optional "32-bit calls are tested on x86-64"
  swolld_start
  bare_start w
  "$TOOLS/syscalls" int80-getppid 1 2>/dev/null || skip_optional "this kernel takes no 32-bit calls"
  trace_start compat -s getppid --pidns "${BARE_PIDNS[w]}"
  trace_start native -s semget --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" int80-getppid 7
  trace_end compat
  trace_end native
  assert_eq "$(count_events compat)" 7 events
  assert_eq "$(count_events compat '.syscall.name == "sys_getppid" and .syscall.nr == 64
    and .syscall.arch == "i386" and .return == 1')" 7 "events as they should be"
  assert_eq "$(count_events native)" 0 "events of semget"
}

test_unknown_numbers() {
  swolld_start
  bare_start w
  trace_start all -s all --pidns "${BARE_PIDNS[w]}" --comm syscalls
  bare_run w "$TOOLS/syscalls" bignum
  trace_end all
  assert_eq "$(events all '.error == "ENOSYS"' | jq .syscall.nr | xargs)" "999 1073741823" numbers
  assert_eq "$(count_events all '.error == "ENOSYS" and (.syscall.name | test("^sys_[a-z]+[0-9]*$"))
    and (.syscall.name | test("999|1073741823|unknown") | not)')" 0 "unknown calls with a known call's name"
}

# The namespaces of a task are those of the moment, also when it has just changed them.
test_namespaces_follow_unshare() {
  swolld_start
  bare_start w
  trace_start one -s getppid --pidns "${BARE_PIDNS[w]}" --comm syscalls
  bare_run w "$TOOLS/syscalls" namespaces
  trace_end one
  assert_eq "$(events one | jq .uts_ns | xargs)" "$(bare_out w | cut -f4 | xargs)" "UTS namespaces"
  assert_eq "$(events one | jq .uts_ns | sort -u | wc -l)" 2 "two of them"
}

# A name of bytes that are no UTF-8 arrives so that it can be got back.
test_path_that_is_no_text() {
  swolld_start
  bare_start w
  trace_start bytes -s openat --pidns "${BARE_PIDNS[w]}"
  # Made in the namespace: the shell there has another quoting than this one.
  bare_run w sh -c 'exec "$0" openat "$(printf "/absent/\\377\\376\"\\n\\134x")" 1' "$TOOLS/syscalls"
  trace_end bytes
  local event
  event=$(events bytes '.args.pathname | test("/absent/")')
  assert_json "$event" '.args.pathname == "/absent/\\xff\\xfe\"\n\\\\x" and .arg_notes.pathname.escaped'
}

swolld_keep
run_tests "$@"
