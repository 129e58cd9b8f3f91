# SPDX-License-Identifier: Apache-2.0
# Sourced by tests whose workload tells what it did (tests/tools/report.h), to hold events to that.

# Compares what the workload printed with the events, pairwise and in order; prints each pair that
# differs. An expected object names the members that must be there; all else must be equal. Where
# arguments are expected in several ways, {"any": [...]}, one of them must be there.
COMPARE='
  def covers($want; $got):
    if ($want | type) == "object" and ($want | has("any")) then any($want.any[]; covers(.; $got))
    elif ($want | type) == "object" then
      ($got | type) == "object" and all($want | keys[]; . as $key | covers($want[$key]; $got[$key]))
    elif ($want | type) == "array" then
      ($got | type) == "array" and ($want | length) == ($got | length)
      and all(range($want | length); . as $i | covers($want[$i]; $got[$i]))
    else $want == $got or ($want == "AT_FDCWD" and $got == -100) end;
  def agrees($want; $got):
    $got.syscall.name == "sys_" + $want.name and $got.error == $want.error
    and (if $want.error == "OK" then $got.return == $want.result else $got.return < 0 end)
    and covers($want.args; $got.args)
    and ($want.notes == null or covers($want.notes; $got.arg_notes // {}))
    and ($want.head == null or covers($want.head; $got));
  [$printed, $events] | transpose[] | select(agrees(.[0]; .[1]) | not)
  | "wanted \(.[0])\n   got \(.[1] | {name: .syscall.name?, nr: .syscall.nr?, arch: .syscall.arch?,
                                      return, error, args, arg_notes})"'

# What a workload printed, as JSON.
printed() {
  jq -R 'split("\t") | {name: .[0], result: (.[1] | tonumber), error: .[2], args: (.[3] | fromjson),
    notes: (.[4] // "null" | fromjson), head: (.[5] // "null" | fromjson)}' <<<"$1"
}

# A trace of CALLS in a fresh namespace with a workload that has just ended; events in one.out.
# TOOL is the workload's program, WAITING how many calls then stay under way (wait_ledger).
# trace_of CALLS MODE...
trace_of() {
  local calls=$1
  shift
  swolld_start
  bare_start w
  trace_start one -s "$calls" --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/${TOOL-syscalls}" "$@"
  trace_end one "${WAITING-0}"
}

# only_event: of the one call that the test is about.
only_event() {
  assert_eq "$(count_events one "$@")" 1 "events with $*"
  events one "$@"
}

# told FILE [PRINTED]: the calls that the workload told of, each of which it made right after a
# getppid, are in FILE as it says, in its order.
told() {
  local text=${2-$(bare_out w)} differ
  jq -nc 'reduce (inputs | .payload // empty) as $e ({last: {}, out: []};
      if .last["\($e.tid)"] == "sys_getppid" and $e.syscall.name != "sys_getppid" then .out += [$e] else . end
      | .last["\($e.tid)"] = $e.syscall.name) | .out[]' "$T/$1.out" >"$T/told.events"
  printed "$text" >"$T/told.printed"
  [[ -s $T/told.printed ]] || fail "the workload told nothing"
  differ=$(jq -nr --slurpfile events "$T/told.events" --slurpfile printed "$T/told.printed" "$COMPARE")
  [[ -z $differ ]] || fail "events differ from what the process did:
$differ"
}
