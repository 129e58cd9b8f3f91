#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A journal that stands still or is not there: what it can't take is counted, and holds up nobody.
# alone with journald: it is stopped, and its socket taken away
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/journald.sh"

test_journald_that_hangs() {
  need_own_journald
  swolld_start --journal on
  bare_start w
  local trace=hang-$$ start
  ctl trace add "$trace" -s getppid --pidns "${BARE_PIDNS[w]}"
  at_exit kill -CONT "$JOURNALD"
  kill -STOP "$JOURNALD"
  bare_run w "$TOOLS/syscalls" getppid 20000
  start=$(date +%s%N)
  ctl status >/dev/null
  assert_ok "the loop is held up by the journal" test $(($(date +%s%N) - start)) -lt 10000000000
  kill -CONT "$JOURNALD"
  wait_ledger "$trace"
  assert_json "$LEDGER" '.matched == 20000 and .journalSkipped > 0
    and .delivered + .journalSkipped + .ringFull == 20000'
  journal_has "$(jq .delivered <<<"$LEDGER")" "SWOLL_TRACE=$trace"
}

test_journald_that_is_absent() {
  [[ ! -S /run/systemd/journal/socket || -n $JOURNALD ]] || skip_optional "the machine's own journald is running"
  local socket=/run/systemd/journal/socket
  if [[ -S $socket ]]; then
    mv "$socket" "$socket.away"
    at_exit mv "$socket.away" "$socket"
  fi
  swolld_start --journal on
  bare_start w
  trace_start absent -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 500
  wait_ledger absent
  assert_json "$LEDGER" '.matched == 500 and .journalSkipped == 500'
  part_is journal false || fail "the journal counts as fine: $(part_state journal)"
  # What the journal can't take, other sinks still get.
  trace_end absent
  assert_eq "$(count_events absent)" 500 "events in the stream"
}

journald_start
run_tests "$@"
