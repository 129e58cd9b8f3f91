#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# swolld as a service: signals, readiness, the watchdog, socket activation.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

logs() { grep -qE -- "$1" "$SWOLLD_LOG"; }
sees_w() { container_is "pidns:${BARE_PIDNS[w]}" true; }
sees_no_w() { ! sees_w; }

test_sigterm_and_sigint() {
  local signal
  for signal in TERM INT; do
    swolld_start
    kill "-$signal" "$SWOLLD_PID"
    retry 20 has_ended "$SWOLLD_PID" || fail "SIG$signal does not end it"
    swolld_stop || fail "SIG$signal"
    [[ ! -e $SWOLL_SOCKET ]] || fail "the socket is left behind"
  done
}

# Its clients' streams end when it does.
test_sigterm_with_a_stream() {
  swolld_start
  bare_start w
  trace_start open -s getppid --pidns "${BARE_PIDNS[w]}"
  swolld_stop || fail "it does not end well"
  retry 20 has_ended "${FOLLOWER[open]}" || fail "the stream goes on"
}

# Seen through the node's selector, which decides what containers there are.
test_sighup() {
  swolld_start
  bare_start w
  retry 20 sees_w || fail "$(ctl containers -o json)"
  trace_start kept -s getppid --pidns "${BARE_PIDNS[w]}"

  printf '[observer]\nlabel-selector = app=nothing\n' >"$T/swolld.conf"
  kill -HUP "$SWOLLD_PID"
  retry 30 sees_no_w || fail "a good file is not taken: $(ctl containers -o json)"

  printf '[observer]\n\nlable-selector = noSwoll!=true\n' >"$T/swolld.conf"
  kill -HUP "$SWOLLD_PID"
  retry 30 logs "$T/swolld.conf:3: .*lable-selector.*label-selector" || fail "a bad file is not reported: $(swolld_log)"
  sees_no_w || fail "a bad file changed something"

  printf '[observer]\nlabel-selector = noSwoll!=true\n' >"$T/swolld.conf"
  kill -HUP "$SWOLLD_PID"
  retry 30 sees_w || fail "a good file after a bad one is not taken"
  bare_run w "$TOOLS/syscalls" getppid 10
  trace_end kept
  assert_eq "$(count_events kept)" 10 events
}

test_second_daemon_is_refused() {
  swolld_start
  run 1 timeout 60 "$SWOLLD" --config "$T/swolld.conf" --socket "$SWOLL_SOCKET" --cri off \
    --journal off --http off
  assert_match "$ERR" "$SWOLL_SOCKET" "what it says"
  assert_eq "$(grep -c . <<<"$ERR")" 1 "lines"
  ctl status >/dev/null || fail "the first is disturbed"
}

test_start_after_a_crash() {
  swolld_start
  kill -KILL "$SWOLLD_PID"
  wait "$SWOLLD_PID" 2>/dev/null || true
  SWOLLD_PID=
  [[ -S $SWOLL_SOCKET ]] || fail "the test is moot: no socket was left"
  swolld_start
}

listen_notify() {
  spawn "$TOOLS/notify-listen" "$T/notify" >"$T/notified"
  retry 20 test -S "$T/notify"
  export NOTIFY_SOCKET=$T/notify
}
notified() { grep -qE "(^| )$1" "$T/notified"; }

test_notify() {
  listen_notify
  swolld_start
  retry 20 notified READY=1 || fail "no READY: $(<"$T/notified")"
  kill -HUP "$SWOLLD_PID"
  ctl status >/dev/null
  swolld_stop || fail "it does not end well"
  retry 20 notified STOPPING=1 || fail "no STOPPING: $(<"$T/notified")"
}

test_watchdog() {
  listen_notify
  export WATCHDOG_USEC=1000000
  swolld_start
  retry 20 notified WATCHDOG=1 || fail "no WATCHDOG: $(<"$T/notified")"
}

test_no_ready_when_it_cannot_start() {
  listen_notify
  run 1 timeout 60 "$SWOLLD" --config /dev/null --socket /dev/null/swolld.sock --cri off \
    --journal off --http off
  assert_eq "$(grep -c . <<<"$ERR")" 1 "lines: $ERR"
  assert_match "$ERR" /dev/null/swolld.sock "what it says"
  ! notified READY=1 || fail "it said READY"
}

# systemd listens, and starts the daemon with the first client.
test_socket_activation() {
  local activate
  activate=$(type -P systemd-socket-activate) || skip "systemd-socket-activate is missing"
  export SWOLL_SOCKET=$T/activated.sock
  SWOLLD_LOG=$T/swolld.log
  # It hands down only the environment that it is told to.
  local keep=(--setenv "PATH=$PATH") name
  for name in ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS; do
    [[ -z ${!name-} ]] || keep+=(--setenv "$name=${!name}")
  done
  setsid "$activate" --listen "$SWOLL_SOCKET" "${keep[@]}" "$SWOLLD" --config /dev/null \
    --cri off --journal off --http off >"$SWOLLD_LOG" 2>&1 </dev/null &
  SWOLLD_PID=$!
  at_exit swolld_stop
  retry 20 test -S "$SWOLL_SOCKET"
  assert_match "$(ctl status -o json | jq -r .version)" '[0-9]'
  bare_start w
  trace_start works -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 10
  trace_end works
  assert_eq "$(count_events works)" 10 events
  swolld_stop || fail "it does not end well"
  [[ -S $SWOLL_SOCKET ]] || fail "it removed a socket that is systemd's"
}

run_tests "$@"
