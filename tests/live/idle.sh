#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A daemon that has nothing to do sleeps: all its threads together wake up twice a second at most.
# alone: a container that begins wakes it
set -euo pipefail
source "${0%/*}/../lib/live.sh"

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

run_tests "$@"
