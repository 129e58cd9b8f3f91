#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad input, from people and from the other ends of sockets: each has its exit status and its
# message, and none of it harms the daemon.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# refused STATUS PATTERN ARG...: swollctl ARG... ends with STATUS and one line that matches.
refused() {
  local status=$1 pattern=$2
  shift 2
  run "$status" ctl "$@"
  assert_eq "$(wc -l <<<"$ERR")" 1 "lines on stderr of swollctl $* ($ERR)"
  assert_match "$ERR" "^swollctl: " "the message of swollctl $*"
  assert_match "$ERR" "$pattern" "the message of swollctl $*"
  assert_eq "$OUT" "" "output of swollctl $*"
}

# alive: the daemon answers, and has no trace that nobody asked for.
alive() { assert_eq "$(ctl trace ls -o json | jq length)" "${1-0}" traces; }

# ---- what people type ----

test_unknown_call() {
  swolld_start
  refused 1 . trace add x -s opennat
  assert_eq "$ERR" "swollctl: unknown system call 'opennat'; did you mean 'openat'?"
  refused 1 "unknown.*'@Fils'.*@?Files" trace add x -s @Fils
  refused 1 "'opennat'" trace run x -s 'openat,!opennat'
  alive
}

test_empty_call_list() {
  swolld_start
  refused 2 . trace add x -s ''
  refused 2 . trace add x
  refused 1 . trace add x -s 'openat,!openat'
  alive
}

test_bad_selectors() {
  swolld_start
  refused 1 "app in \(a|selector" trace add x -s openat -l 'app in (a'
  refused 1 "selector|=" trace add x -s openat -l '=nginx'
  refused 1 "status.fase.*status.phase" trace add x -s openat --field-selector status.fase=Running
  alive
}

test_bad_filters() {
  swolld_start
  refused 1 "ENOENTT.*ENOENT" trace add x -s openat --errno ENOENTT
  refused 2 "5 minits|duration" trace add x -s openat --duration '5 minits'
  refused 2 "uid|soon" trace add x -s openat --uid soon
  # What would stand for "not asked for", and so widen the trace without a word.
  local option
  for option in '--pid 0' '--pid -1' '--pid 99999999' '--pidns 0' '--uid -1' '--sample 0' '--count 0' '--count -1'; do
    # shellcheck disable=SC2086
    refused 2 "${option% *}: '${option#* }' is no number from" trace run x -s openat $option
  done
  refused 2 "--rate: '0/s' is not" trace run x -s openat --rate 0/s
  refused 2 '--errno: it is empty' trace run x -s openat --errno ''
  refused 2 "--limit: '0' is no number" stats --limit 0
  refused 2 "--limit: '0' is no number" top --once --limit 0
  refused 1 "no thread has the name 'averyverylongname'.* did you mean 'averyverylongna'" \
    trace add x -s openat --comm averyverylongname
  refused 1 "name|Bad_Name" trace add Bad_Name -s openat
  alive
}

test_duplicate_name() {
  swolld_start
  ctl trace add nginx -s openat --host --pid $$
  refused 1 "nginx" trace add nginx -s close --host --pid $$
  assert_json "$(trace_json nginx)" '.spec.syscalls == ["openat"]'
  alive 1
}

test_unknown_trace() {
  swolld_start
  ctl trace add nginx -s openat --host --pid $$
  local verb
  for verb in rm show tail; do
    refused 1 "'?ngixn'?.*did you mean '?nginx'?" trace "$verb" ngixn
  done
  alive 1
}

test_usage() {
  swolld_start
  refused 2 "stauts" stauts
  refused 2 "--no-such-option" status --no-such-option
  refused 2 . trace
  refused 2 "xml not in \{text,json,strace\}" trace tail -o xml
  refused 2 "strace not in \{text,json\} \(see 'swollctl status --help'\)" status -o strace
}

# ---- the daemon's socket ----

test_daemon_absent() {
  export SWOLL_SOCKET=$T/none.sock
  refused 3 "$T/none.sock" status
  refused 3 "$T/none.sock" trace ls
  # A socket that a dead daemon left.
  spawn "$TOOLS/fake-socket" hang "$T/dead.sock"
  retry 20 test -S "$T/dead.sock"
  end_process "$SPAWNED"
  refused 3 "$T/dead.sock" --socket "$T/dead.sock" status
}

test_socket_not_permitted() {
  swolld_start
  assert_match "$(stat -c %a "$SWOLL_SOCKET")" '^.?660$' "the socket's mode"
  # By descriptor, since nobody may not be able to reach the build folder.
  exec 8<"$SWOLLCTL"
  (
    ctl() { setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/8 "$@"; }
    refused 3 "permitted|permission" status
  )
}

test_daemon_that_hangs() {
  spawn "$TOOLS/fake-socket" hang "$T/hang.sock"
  retry 20 test -S "$T/hang.sock"
  export SWOLL_SOCKET=$T/hang.sock
  refused 3 "answer" status
}

test_socket_that_is_no_daemon() {
  spawn "$TOOLS/fake-socket" garbage "$T/other.sock"
  retry 20 test -S "$T/other.sock"
  export SWOLL_SOCKET=$T/other.sock
  refused 3 . status
}

# The daemon may hang up before it has read all, and who writes would end by SIGPIPE.
throw() {
  cat >"$T/thrown"
  "$TOOLS/fake-socket" send "$SWOLL_SOCKET" <"$T/thrown"
}

test_garbage_bytes() {
  swolld_start
  local i
  for i in 1 2 3 4 5; do head -c 65536 /dev/urandom | throw; done
  head -c 65536 /dev/zero | throw
  printf 'GET / HTTP/1.1\r\nHost: swoll\r\n\r\n' | throw
  # Frame headers of Cap'n Proto: segments without number, a segment without end, too few bytes.
  printf '\xff\xff\xff\xff\xff\xff\xff\xff' | throw
  printf '\x00\x00\x00\x00\xff\xff\xff\x7f' | throw
  printf '\x00\x00\x00\x00\x05\x00\x00\x00\x01\x02' | throw
  printf '\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' | throw
  printf '\x00\x00\x00\x00\x01\x00\x00\x00\xfc\xff\xff\xff\xff\xff\xff\xff' | throw
  alive
}

# What a real client says, cut off anywhere, or with a byte changed.
test_truncated_bytes() {
  spawn "$TOOLS/fake-socket" hang "$T/record.sock" >"$T/said"
  retry 20 test -S "$T/record.sock"
  SWOLL_SOCKET=$T/record.sock timeout 2 "$SWOLLCTL" trace add x -s openat || true
  local size at
  size=$(stat -c %s "$T/said")
  ((size > 16)) || fail "nothing was recorded"
  swolld_start
  for ((at = 1; at < size; at += 1 + size / 40)); do
    head -c "$at" "$T/said" | throw
    { head -c "$at" "$T/said"; printf '\xff'; tail -c +$((at + 2)) "$T/said"; } | throw
  done
  ctl trace rm --all >/dev/null || true # a change may have left it a valid request
  alive
}

# ---- configuration ----

# config_refused PATTERN: of $T/bad.conf, by swolld itself and by --check-config.
config_refused() {
  local flags
  for flags in --check-config ""; do
    # shellcheck disable=SC2086
    if timeout 60 "$SWOLLD" --config "$T/bad.conf" --socket "$T/x.sock" --http off $flags \
      >"$T/check" 2>&1 </dev/null; then
      fail "swolld takes it: $(<"$T/bad.conf")"
    else
      assert_match $? '^[12]$' "the exit status of swolld $flags"
    fi
    assert_match "$(<"$T/check")" "$1" "the message of swolld $flags"
  done
}

test_config_unknown_key() {
  printf '# a comment\n[journal]\nenable = yes\n' >"$T/bad.conf"
  config_refused "$T/bad.conf:3: .*'?enable'?.*enabled"
}

test_config_unknown_section() {
  printf '\n[jurnal]\nenabled = yes\n' >"$T/bad.conf"
  config_refused "$T/bad.conf:[23]: .*jurnal.*journal"
}

test_config_bad_value() {
  printf '[journal]\nenabled = perhaps\n' >"$T/bad.conf"
  config_refused "$T/bad.conf:2: .*perhaps"
  printf '[probe]\nring-bytes = many\n' >"$T/bad.conf"
  config_refused "$T/bad.conf:2: .*many"
}

# At a reload it is refused, and shown until one goes well.
test_config_reloaded() {
  swolld_fresh
  cp "$T/swolld.conf" "$T/good"
  printf '\n[jurnal]\nenabled = yes\n' >>"$T/swolld.conf"
  kill -HUP "$SWOLLD_PID"
  retry 20 part_is config false || fail "a bad file counts as fine"
  assert_match "$(part_state config)" "not reloaded: $T/swolld.conf:[0-9]+: .*jurnal.*; what was before holds"
  cp "$T/good" "$T/swolld.conf"
  kill -HUP "$SWOLLD_PID"
  retry 20 part_is config true || fail "$(part_state config)"
}

test_config_absent() {
  run 1 "$SWOLLD" --config "$T/none.conf" --check-config
  assert_match "$ERR" "$T/none.conf"
}

test_config_good() {
  printf '[journal]\nenabled = no\n[observer]\ncri = off\n' >"$T/good.conf"
  run 0 "$SWOLLD" --config "$T/good.conf" --check-config
}

test_daemon_usage() {
  run 2 "$SWOLLD" --no-such-option
  run 2 "$SWOLLD" --cri
  run 2 "$SWOLLD" --journal maybe --check-config
  assert_match "$ERR" "^swolld: --journal: 'maybe' is neither yes nor no"
  run 1 "$SWOLLD" --config "$T" --check-config
  assert_match "$ERR" "^swolld: $T: Is a directory"
  run 0 "$SWOLLD" --version
  run 0 "$SWOLLD" --help
  assert_match "$OUT" '--check-config'
}

# ---- the CRI's socket ----

# cri_is_no_good PATTERN: swolld says so, goes on without it, and still ends at once.
cri_is_no_good() {
  swolld_start --cri "unix://$T/cri.sock"
  retry 20 part_is cri false || fail "the CRI counts as fine: $(part_state cri)"
  assert_match "$(part_state cri)" "$1" "what status says"
  assert_json "$(status_json)" 'any(.parts[]; .name == "cri unix://" + $path)' --arg path "$T/cri.sock"
  bare_start w
  trace_start without -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 10
  trace_end without
  assert_eq "$(count_events without)" 10 events
  retry 60 sees_pidns || fail "no container found from /proc: $(ctl containers -o json)"
  local start
  start=$(date +%s%N)
  swolld_stop || fail "swolld does not end well"
  assert_ok "SIGTERM took longer than 10 s" test $(($(date +%s%N) - start)) -lt 10000000000
}
sees_pidns() {
  ctl containers -o json | jq -e --argjson pidns "${BARE_PIDNS[w]}" \
    'any(.[]; .source == "pidns" and .ref.pidns == $pidns)' >/dev/null
}

test_cri_missing() { cri_is_no_good "no such file"; }

test_cri_hangs() {
  spawn "$TOOLS/fake-socket" hang "$T/cri.sock" >/dev/null
  cri_is_no_good .
}

test_cri_answers_nonsense() {
  spawn "$TOOLS/fake-socket" garbage "$T/cri.sock" >/dev/null
  cri_is_no_good .
}

swolld_keep
run_tests "$@"
