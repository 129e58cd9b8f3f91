#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The kernel gives the number of a namespace that has ended to another one.
# alone: the number must not go to a namespace of another program
# sanitized: no, the kernel tells the two namespaces apart
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# The number of a pid namespace goes to the next one, and with it nothing of the container's that had
# it, also while nobody can have seen that it ended.
test_number_of_an_ended_namespace() {
  swolld_start
  bare_start w
  local number=${BARE_PIDNS[w]} job=${BARE_JOB[w]}
  declare -gA holders=()
  wait_container "pidns:$number"
  trace_start one -s getppid --comm syscalls --container "pidns:$number"
  bare_run w "$TOOLS/syscalls" getppid 5
  wait_events one 5
  kill -STOP "$SWOLLD_PID"
  bare_send w exit 0
  retry 20 has_ended "$job" || fail "the namespace does not end"
  at_exit end_holders
  retry 60 takes_number || fail "its number was not used again, but ${holders[*]}"
  kill -CONT "$SWOLLD_PID"
  trace_end one
  assert_eq "$(count_events one)" 5 "events of the container that had the number"
}
# The lowest number that is free is the next; so each namespace that got another one keeps it.
takes_number() {
  local got
  rm -f "$T/got"
  unshare --pid --fork --kill-child /bin/sh -c '
    stat -L -c %i /proc/self/ns/pid >"$1"
    [ "$(cat "$1")" != "$2" ] || "$0" getppid 3 >/dev/null
    mv "$1" "$3"
    exec sleep 1000' "$TOOLS/syscalls" "$T/gets" "$number" "$T/got" </dev/null &
  retry 20 test -s "$T/got" || fail "no namespace is made"
  got=$(<"$T/got")
  holders[$got]=$!
  [[ $got == "$number" ]] || { sleep 0.1; return 1; }
}
end_holders() {
  local job
  for job in "${holders[@]}"; do
    kill -KILL "$job"
    wait "$job" 2>/dev/null
  done
  return 0
}

run_tests "$@"
