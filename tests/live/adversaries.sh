#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Programs that do it wrongly or strangely: memory that is not there or ends early, absurd lengths,
# text that is none, numbers of no call, memory that changes meanwhile. What is shown was there; what
# could not be read says so; the daemon lives.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/compare.sh"

TOOL=adversary

# strange MODE...: such a workload, seen by a trace of all calls, told.
strange() {
  swolld_start
  bare_start w
  trace_start one -s all --pidns "${BARE_PIDNS[w]}" --comm adversary
  bare_run w "$TOOLS/adversary" "$@"
  trace_end one
}
on_x86() { [[ $(uname -m) == x86_64 ]] || skip_optional "32-bit calls are tested on x86-64"; }
takes_compat() {
  on_x86
  "$TOOLS/syscalls" int80-getppid 1 2>/dev/null || skip_optional "this kernel takes no 32-bit calls"
}

test_edge_of_a_mapping() {
  strange edges
  told one
}

test_pointers_to_nowhere() {
  strange wild
  told one
  # Of pointers that lead nowhere nothing but the address is shown, in any call.
  # (The timeout of select is one that is there.)
  assert_eq "$(count_events one '.error == "EFAULT" and .syscall.name != "sys_execve"
    and .syscall.name != "sys_select" and any(.args[]; type == "object")')" 0 "structures from nowhere"
}

test_messages_with_bad_parts() {
  strange messages
  told one
}

test_long_paths() {
  printf '[probe]\nmax-string = 4096\n' >"$T/swolld.conf"
  strange long
  told one
  # Of two long paths the second is a prefix of what it was.
  assert_json "$(only_event '.syscall.name == "sys_renameat2"')" '.args.newpath as $got
    | ($got | length) >= 255 and ($got | test("^(/d{0,99})*$"))'
}

# is_prefix_of_argv EVENT: whole entries up to one that may be cut, which is then the last.
is_prefix_of_argv() {
  assert_json "$1" '[range(10000) | if . == 20 then "20" + "0" * 5000 else tostring end] as $all
    | .args.argv as $got | ($got | length) >= 20
    and $got[:-1] == $all[:($got | length) - 1]
    and ($got[-1] as $last | $all[($got | length) - 1] | startswith($last))'
}

test_argv_of_10000() {
  strange argv 10000
  told one
  is_prefix_of_argv "$(only_event '.args.filename == "/absent"')"
}

test_argv_of_10000_that_runs() {
  swolld_start
  bare_start w
  trace_start one -s execve --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/adversary" argv 10000 /bin/true
  trace_end one
  local event
  event=$(only_event '.args.filename == "/bin/true"')
  assert_json "$event" '.return == 0 and .arg_notes.argv.truncated'
  is_prefix_of_argv "$event"
}

# ---- text that is none ----

# Every byte but NUL and those of the pattern; some that are UTF-8 and steer terminals; backslashes.
TEXTS=("$(printf '%02x' {1..255})" 1b5d303b7074776e656407 c29b324a c29d303b78c29c e280ae676e70
  5c7866665c5c c3a9ff5c6e 7f08080808 c0af eda080 f4908080 0a0d090b0c5c)

# stands_for HEX ESCAPED TEXT: whether TEXT stands for these bytes, by the rule of render-json.h.
stands_for() {
  local text=$3 bytes= at
  [[ $2 == true ]] || text=${text//\\/\\\\}
  for ((at = 0; at < ${#1}; at += 2)); do bytes+="\\x${1:at:2}"; done
  # With escapes, a backslash is written as two and any other byte as \xHH: printf knows both.
  printf -v text %b "$text"
  printf -v bytes %b "$bytes"
  LC_ALL=C
  [[ $text == "$bytes" ]]
}

# shown FILTER VALUE NOTE HEX...: VALUE of the events for which FILTER holds, one for each HEX in their order.
shown() {
  local value=$2 told i=0 hex
  mapfile -d '' told < <(events one "$1" | jq -j "($3 // false), \"\u0000\", $2, \"\u0000\"")
  shift 3
  assert_eq "${#told[@]}" $((2 * $#)) "values and notes of $value"
  for hex; do
    stands_for "$hex" "${told[i]}" "${told[i + 1]}" || fail "$value does not stand for $hex: ${told[i + 1]@Q}"
    i=$((i + 2))
  done
}

test_bytes_that_are_no_text() {
  local hex names=() file
  swolld_start
  bare_start w
  trace_start one -s openat,write,execve --pidns "${BARE_PIDNS[w]}"
  follow one text trace tail one -o text
  follow one strace trace tail one -o strace
  for hex in "${TEXTS[@]}"; do
    bare_run w "$TOOLS/adversary" text "$hex"
    names+=("${hex:0:30}") # 15 bytes: TASK_COMM_LEN
  done
  trace_end one
  followed text
  followed strace
  jq -e . "$T/one.out" >/dev/null || fail "no JSON"
  shown '.syscall.name == "sys_openat" and .args.pathname != "/dev/null"' \
    .args.pathname .arg_notes.pathname.escaped "${TEXTS[@]}"
  shown '.syscall.name == "sys_write" and .args.fd == 4' .args.buf .arg_notes.buf.escaped "${TEXTS[@]}"
  shown '.args.filename == "/absent"' '.args.argv[0]' .arg_notes.argv.escaped "${TEXTS[@]}"
  shown '.args.filename == "/absent"' .comm .comm_escaped "${names[@]}"
  # Nothing in it moves a terminal's cursor or its title: no control but the line's end.
  for file in one text strace; do
    ! LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$T/$file.out" || fail "controls in $file"
  done
  ! LC_ALL=C grep -aP '\xe2\x80\xae' "$T/text.out" || fail "a line in another order"
  ! LC_ALL=C grep -aP '[\x80-\xff]' "$T/strace.out" || fail "strace's form is no ASCII"
}

# ---- numbers ----

test_numbers_of_no_call() {
  on_x86
  strange numbers
  told one
}

test_numbers_of_no_call_of_32_bits() {
  takes_compat
  strange numbers int80
  told one
}

test_numbers_that_mean_another_call() {
  takes_compat
  strange int80
  told one
}

test_upper_half_of_a_number() {
  on_x86
  strange upper
  told one
}

# ---- namespaces ----

# As deep as the kernel lets them be: 32 below the initial one, of which this may be some.
test_nested_pid_namespaces() {
  local spaces
  swolld_start
  bare_start w
  trace_start one -s getpid,getppid --pidns "${BARE_PIDNS[w]}" --comm adversary
  bare_run w "$TOOLS/adversary" nested 40
  trace_end one
  told one
  spaces=$(events one | jq .pid_ns | sort -u | wc -l)
  ((spaces > 20)) || fail "only $spaces namespaces"
  assert_eq "$(count_events one '.syscall.name == "sys_getpid"')" $((2 * spaces - 1)) "calls, each once"
}

# ---- memory that changes, and memory of other calls ----

test_memory_that_changes() {
  trace_of openat,write,connect race 20000
  assert_json "$LEDGER" '.delivered + .ringFull + .clientBehind >= 40000'
  assert_eq "$(count_events one '.syscall.name == "sys_write" and .comm == "adversary"
    and (.args.buf | test("^[AB]{64}$") | not)')" 0 "writes of what never was there"
  assert_eq "$(count_events one '.syscall.name == "sys_connect"
    and (.args.uservaddr.path | test("^[AB]{99,108}$") | not)')" 0 "addresses that never were there"
}

# Each call behind a mark has little to tell, and comes when the memory in which it is noted is full of
# another's Z's.
test_nothing_of_earlier_calls() {
  printf '[probe]\nmax-buffer = 4096\n' >"$T/swolld.conf"
  swolld_start
  bare_start w
  trace_start one -s all --pidns "${BARE_PIDNS[w]}" --comm adversary
  follow one strace trace tail one -o strace
  bare_run w "$TOOLS/adversary" stale
  trace_end one
  followed strace
  local file
  jq -c '.payload | {syscall, args, after, targets, arg_notes, return_value}' "$T/one.out" >"$T/json.out"
  for file in json strace; do
    grep -qE 'Z{4000}' "$T/$file.out" || fail "there was nothing to find in $file"
    # What comes behind a mark. (This test's own folder may have a Z in its name.)
    sed "s|$T||g; s|$PWD||g; s|$ROOT||g" "$T/$file.out" | awk 'marked { print; marked = 0 } /getppid/ { marked = 1 }' >"$T/$file.clean"
    (($(wc -l <"$T/$file.clean") > 150)) || fail "few calls in $file"
    ! grep -m3 Z "$T/$file.clean" || fail "memory of an earlier call in $file"
  done
}

swolld_keep
run_tests "$@"
