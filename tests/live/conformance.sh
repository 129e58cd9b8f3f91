#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# swolld against strace: both watch the same run of each program of tests/conformance, and what they
# tell of it is compared call by call, argument by argument.
#
# strace runs on this host and follows nsenter into the namespace that is traced, so that it prints
# the host's thread ids, as swolld does. nsenter itself stays outside: its lines are dropped.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

COMPARE=$ROOT/tests/conformance/compare

# The syntax is that of one version, and so is the list of differences.
requirements() {
  [[ $(uname -m) == x86_64 ]] || skip_optional "the programs are for x86-64"
  command -v strace >/dev/null || skip "strace is not installed"
  [[ $(strace -V) == "strace -- version 6.1"$'\n'* ]] ||
    skip_optional "another strace than 6.1 prints otherwise"
  compgen -G "$B/conformance/*" >/dev/null || fail "not built: $B/conformance"
}

# programs: those that this kernel can run; one makes 32-bit calls.
programs() {
  local missing=none
  "$TOOLS/syscalls" int80-getppid 1 >/dev/null 2>&1 || missing=compat
  find "$B/conformance" -type f -executable -printf '%f\n' | grep -vx "$missing" | sort
}

# Strings and buffers are kept as long as strace is told to print them.
CONFIG='[probe]
max-string = 4096
max-buffer = 4096
max-args = 128
ring-bytes = 32M'
conformance_start() {
  echo "$CONFIG" >"$T/swolld.conf"
  swolld_start
  bare_start w
}

# record PROGRAM OUTPUT: runs it once under both; $T/PROGRAM.strace and $T/PROGRAM.out are what they
# saw of it.
record() {
  local name=$1 output=$2
  assert_eq "$(ctl trace add "$name" -s all --no-journal --pidns "${BARE_PIDNS[w]}")" "$name" "the trace's name"
  follow "$name" "$name" trace tail "$name" -o "$output"
  mkdir "$T/$name.dir"
  # No environment: strace would print it.
  # strace ends as the program does: one that ends early has not made all its calls.
  timeout 300 env -i "PATH=$PATH" TZ=UTC strace -f -v -s 4096 -tt -T -o "$T/all.strace" \
    nsenter --target "${BARE_PID[w]}" --pid -- "$B/conformance/$name" "$T/$name.dir" \
    >"$T/$name.log" 2>&1 || fail "$name ended with status $?: $(<"$T/$name.log")"
  trace_end "$name"
  awk 'NR == 1 { outside = $1 } $1 != outside' "$T/all.strace" >"$T/$name.strace"
}

# compare ARG...: the two accounts, and that there was something to tell.
compare() {
  "$COMPARE" "$@" >"$T/report" || fail "the accounts differ: $(<"$T/report")"
  cat "$T/report"
  (($(sed -n 's/.* calls of \([0-9]*\) names.*/\1/p' "$T/report") >= 350)) || fail "too few calls were made"
}

# calls FILE: the events of a JSON stream, as lines of strace without arguments.
calls() {
  jq -r 'def hex: if . < 16 then "0123456789abcdef"[.:. + 1]
      else (. / 16 | floor | hex) + (. % 16 | hex) end;
    select(.payload) | .payload
    | (.error | if . == "OK" or . == null then "" else . end) as $error
    | (if .return == null or ($error | startswith("ERESTART")) then "?"
       elif $error != "" then -1 else .return end) as $value
    | (.syscall | if .name == "sys_unknown" then "syscall_0x\(.nr | hex)"
       else .name | ltrimstr("sys_") end) as $name
    | "\(.tid) 0 \($name)() = \($value) \($error)"' "$1"
}

test_comparer() {
  run 0 "$COMPARE" --self-test
}

# Every call is seen, once, in its thread's order, with its result.
test_calls() {
  requirements
  conformance_start
  local name pairs=()
  for name in $(programs); do
    record "$name" json
    calls "$T/$name.out" >"$T/$name.swolld"
    pairs+=("$T/$name.strace" "$T/$name.swolld")
  done
  compare --calls "${pairs[@]}"
}

# And what swollctl prints of it is what strace prints.
test_arguments() {
  requirements
  conformance_start
  local name pairs=()
  for name in $(programs); do
    record "$name" strace
    pairs+=("$T/$name.strace" "$T/$name.out")
  done
  compare "${pairs[@]}"
}

# A second oracle, for numbers alone: ABI, number, registers and result of every call are what
# ptrace(2) tells of it. (Of a call without arguments, no registers are kept; the return from a
# handler has for its argument where the signals that were blocked stand on the stack.)
test_registers() {
  local name
  [[ $(uname -m) == x86_64 ]] || skip_optional "the programs are for x86-64"
  conformance_start
  for name in $(programs | grep -xE "compat|files|memory|rw|sockets|time"); do
    assert_eq "$(ctl trace add "$name" -s all --no-journal --pidns "${BARE_PIDNS[w]}")" "$name" "the trace's name"
    follow "$name" "$name" trace tail "$name" -o json --raw
    mkdir "$T/$name.dir"
    timeout 300 env -i "$TOOLS/syscall-info" "$T/$name.info" "$(command -v nsenter)" --target "${BARE_PID[w]}" --pid -- \
      "$B/conformance/$name" "$T/$name.dir" >"$T/$name.log" 2>&1 || fail "$name ended with status $?: $(<"$T/$name.log")"
    trace_end "$name"
    jq -r 'select(.payload) | .payload | "\(.tid) \(if .syscall.arch == "i386" then 32 else 64 end) \(.syscall.nr)"
      + ([.args[]] | map(" " + tostring) | join("")) + " = \(.return // "?")"' "$T/$name.out" >"$T/$name.seen"
    registers_agree "$T/$name.info" "$T/$name.seen" >"$T/$name.wrong" || fail "$name: $(head -20 "$T/$name.wrong")"
    tail -1 "$T/$name.wrong"
  done
}

# registers_agree INFO SEEN: pairs the n-th call of each thread. jq has doubles, so numbers above
# 2^53 are compared as those.
registers_agree() {
  awk '
    function shown(n) { return sprintf("%.0f", n) }
    NR == FNR { n[$1]++; call[$1, n[$1]] = $0; next }
    {
      k = ++m[$1]; split(call[$1, k], c, " "); calls++
      if ($3 == 15 && $2 == 64) next
      wrong = $2 != c[2] || $3 != c[3] || ($NF != "?" && shown($NF) != shown(c[10]))
      for (i = 4; i < NF - 1; i++) if (shown($i) != shown(c[i])) wrong = 1
      if (wrong) { print "ptrace: " call[$1, k] "\nswolld: " $0; bad = 1 }
    }
    END { for (t in m) if (m[t] != n[t]) { print "thread " t ": " n[t] " calls, " m[t] " seen"; bad = 1 }
          print calls " calls with the same registers"; exit bad || !calls }' "$1" "$2"
}

echo "$CONFIG" >"$TMP/swolld.conf"
swolld_keep
run_tests "$@"
