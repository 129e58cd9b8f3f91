#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where events can be lost, they are counted: in the kernel's ring, at a client that falls behind (and
# at a journal, journal.sh). What was made is what arrived plus what is owned up to.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# Events and missing events of a stream: "EVENTS GAPS".
tally() {
  jq -nr 'reduce inputs as $item ([0, 0];
    if $item.payload then .[0] += 1 else .[1] += $item.gap end) | "\(.[0]) \(.[1])"' "$T/$1.out"
}

test_ring_full() {
  printf '[probe]\nring-bytes = 65536\n' >"$T/swolld.conf"
  swolld_start
  bare_start w
  trace_start full -s getppid --pidns "${BARE_PIDNS[w]}"
  assert_json "$(status_json)" '.ring.bytes == 65536'
  kill -STOP "$SWOLLD_PID" # nobody empties the ring
  bare_run w "$TOOLS/syscalls" getppid 20000
  kill -CONT "$SWOLLD_PID"
  trace_end full
  assert_json "$LEDGER" '.matched == 20000 and .ringFull > 0 and .delivered > 0
    and .delivered + .ringFull == 20000'
  assert_eq "$(count_events full)" "$(jq .delivered <<<"$LEDGER")" events
  assert_json "$(status_json)" '.ring.full == $n and any(.losses[]; .value == $n)' \
    --argjson n "$(jq .ringFull <<<"$LEDGER")"
}

# After a loss the ring goes on as before.
test_ring_recovers() {
  printf '[probe]\nring-bytes = 65536\n' >"$T/swolld.conf"
  swolld_start
  bare_start w
  trace_start again -s getppid --pidns "${BARE_PIDNS[w]}"
  kill -STOP "$SWOLLD_PID"
  bare_run w "$TOOLS/syscalls" getppid 5000
  kill -CONT "$SWOLLD_PID"
  wait_ledger again
  local lost
  lost=$(jq .ringFull <<<"$LEDGER")
  bare_run w "$TOOLS/syscalls" getppid 100
  trace_end again
  assert_json "$LEDGER" ".ringFull == $lost and .matched == 5100 and .delivered == 5100 - $lost"
}

CALLS=300000

# A client that does not read is told how many events it has missed, and where.
test_client_behind() {
  swolld_start
  bare_start w
  trace_start slow -s getppid --pidns "${BARE_PIDNS[w]}"
  kill -STOP "${FOLLOWER[slow]}"
  bare_run w "$TOOLS/syscalls" getppid $CALLS
  wait_ledger slow
  assert_json "$LEDGER" ".matched == $CALLS and .clientBehind > 0"
  kill -CONT "${FOLLOWER[slow]}"
  bare_run w "$TOOLS/syscalls" getppid 1 # an event after the gap
  trace_end slow
  local events gaps
  read -r events gaps <<<"$(tally slow)"
  assert_eq "$events" "$(jq .delivered <<<"$LEDGER")" "events that arrived"
  assert_eq "$gaps" "$(jq .clientBehind <<<"$LEDGER")" "events that the stream says are missing"
  assert_eq "$((events + gaps + $(jq .ringFull <<<"$LEDGER")))" "$((CALLS + 1))" "calls accounted for"
}

test_client_behind_as_text() {
  swolld_start
  bare_start w
  ctl trace add slow -s getppid --pidns "${BARE_PIDNS[w]}"
  follow slow slow trace tail slow -o text
  kill -STOP "${FOLLOWER[slow]}"
  bare_run w "$TOOLS/syscalls" getppid $CALLS
  wait_ledger slow
  kill -CONT "${FOLLOWER[slow]}"
  trace_end slow
  assert_eq "$(sed -n 's/^-- \([0-9]*\) events missing here: this client was behind --$/\1/p' "$T/slow.out" |
    awk '{ n += $1 } END { print n + 0 }')" "$(jq .clientBehind <<<"$LEDGER")" "missing events in the text"
}

# One that stands still takes nothing from another that reads.
test_client_behind_does_not_stall_others() {
  swolld_start
  bare_start w
  trace_start slow -s getppid --pidns "${BARE_PIDNS[w]}"
  kill -STOP "${FOLLOWER[slow]}"
  follow slow quick trace tail slow -o json
  local i
  for i in $(seq 20); do # in steps that the quick one can follow
    bare_run w "$TOOLS/syscalls" getppid 2000
    retry 30 has_lines quick $((i * 2000)) || fail "the quick client has $(wc -l <"$T/quick.out") events"
  done
  kill -CONT "${FOLLOWER[slow]}"
  trace_end slow
  followed quick
  assert_eq "$(tally quick)" "40000 0" "events and gaps of the quick client"
}
has_lines() { (($(wc -l <"$T/$1.out") >= $2)); }

# A client that goes away in the middle of its stream disturbs nobody.
test_client_killed() {
  swolld_start
  bare_start w
  trace_start stays -s getppid --pidns "${BARE_PIDNS[w]}"
  follow stays dies trace tail stays -o json
  kill -KILL "${FOLLOWER[dies]}"
  retry 10 trace_is stays '.streams == 1' || fail "$(trace_json stays)"
  bare_run w "$TOOLS/syscalls" getppid 1000
  trace_end stays
  assert_json "$LEDGER" '.delivered == 1000'
  assert_eq "$(count_events stays)" 1000 events
}

swolld_keep
run_tests "$@"
