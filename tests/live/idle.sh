#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A daemon that has nothing to do sleeps: all its threads together wake up twice a second at most,
# whatever it is connected to and whatever waits for calls.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

WINDOW=10     # s
MOST=24       # wake-ups in it: 2 a second, and what a thread that is put off may wait for once more
WINDOWS=12    # whatever else begins or ends on this machine wakes it rightly, so one must be quiet

# What all its threads have waited for so far; a busy machine adds nothing to it.
wakeups() { awk '/^voluntary_ctxt/ { n += $2 } END { print n }' /proc/"$SWOLLD_PID"/task/*/status; }
by_thread() {
  local task
  for task in /proc/"$SWOLLD_PID"/task/*; do
    echo "${task##*/} $(awk '/^voluntary_ctxt/ { print $2 }' "$task/status") $(<"$task/wchan")"
  done
}

rests() {
  local window before had seen=
  for ((window = 0; window < WINDOWS; window++)); do
    before=$(wakeups)
    had=$(by_thread)
    sleep "$WINDOW"
    seen+=" $(($(wakeups) - before))"
    ((${seen##* } > MOST)) || return 0
  done
  fail "wake-ups in each $WINDOW s:$seen; at the last:" "$had" "then:" "$(by_thread)"
}

# Below a root that has no other processes, so that what runs beside the test is not seen.
all_on() {
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  swolld_start --journal on --http "unix:$T/http" --alt-root "$TMP" "$@"
}

test_without_a_runtime() {
  all_on --cri auto
  rests
}

test_with_a_runtime_and_a_trace() {
  need_containerd
  all_on --cri "unix://${CONTAINERD#"$TMP"}/sock"
  retry 30 part_is cri true || fail "$(part_state cri)"
  bare_start w
  ctl trace add standing -s getppid --pidns "${BARE_PIDNS[w]}" >/dev/null
  bare_run w "$TOOLS/syscalls" getppid 10
  rests
  assert_json "$(trace_json standing)" '.ledger.matched == 10'
}

containerd_start
run_tests "$@"
