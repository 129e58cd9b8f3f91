#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `swollctl stats` and `swollctl top` against what was done: exact counts of each result, and the
# screen of a real terminal (tmux) with its keys.
set -euo pipefail
source "${0%/*}/../lib/live.sh"

# counting_start [NAME]...: a daemon that counts, and a namespace each that it knows.
counting_start() {
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  swolld_start
  local name
  for name in "$@"; do
    bare_start "$name"
    wait_container "$(id_of "$name")"
  done
}
id_of() { echo "pidns:${BARE_PIDNS[$1]}"; }

# as top names it: a container in no pod, by its first process and its id.
name_of() { echo "${COMM-sh}@$(id_of "$1")"; }

# rename NAME...: the first process of each by one that no other test's has, which is now COMM.
rename() {
  local name
  COMM=top$$
  for name in "$@"; do bare_rename "$name" "$COMM"; done
}

# count NAME CALL RESULT: as `stats` tells it.
count() {
  ctl stats -o json --container "$(id_of "$1")" -s "$2" |
    jq --arg result "$3" '[.rows[] | select(.error == $result) | .count] | add // 0'
}

# ---- stats ----

test_stats_counts_exactly() {
  counting_start w
  # What the waiting shell did at its beginning may have been counted, or not.
  local calls none
  calls=$(count w getppid OK) none=$(count w openat ENOENT)
  bare_run w "$TOOLS/syscalls" threads 16 62500
  bare_run w "$TOOLS/syscalls" openat "$T/none" 1234
  bare_run w "$TOOLS/syscalls" openat "$T/none/none" 7 'O_RDWR|O_CREAT'
  : >"$T/there"
  bare_run w "$TOOLS/syscalls" openat "$T/there" 77
  bare_run w "$TOOLS/syscalls" slow-read 10 20
  assert_eq "$(count w getppid OK)" $((calls + 16 * 62500)) "getppid of 16 threads"
  assert_eq "$(count w openat ENOENT)" $((none + 1234 + 7)) "openat that failed"
  local json
  json=$(ctl stats -o json --by container,call --container "$(id_of w)" -s getppid,openat)
  assert_json "$json" '.rows | length == 2 and all(.id == $id and .error == null) and
    (.[] | select(.call == "openat") | .errors == $none + 1241 and .count >= 1241 + 77) and
    (.[] | select(.call == "getppid") | .errors == 0 and .count == $calls + 1000000)' \
    --arg id "$(id_of w)" --argjson calls "$calls" --argjson none "$none"
  assert_json "$json" 'all(.rows[]; (.buckets | add) == .count and .mean == (.time / .count | floor)
    and .p50.from < .p50.below and .p50.below <= .p99.below and .class != null)'
  # Ten reads of 20 ms each; what else the test read took no such time.
  json=$(ctl stats -o json --container "$(id_of w)" -s read)
  assert_json "$json" '[.rows[] | select(.error == "OK") | .buckets[15:] | add] | add >= 10'
  assert_json "$(ctl stats -o json --by class --container "$(id_of w)")" \
    '[.rows[].count] | add >= 1001318'
  assert_json "$(ctl stats -o json)" '.callsWithoutCell == 0 and .callsUncounted == 0 and .cellsUsed <= .cells'
}

test_stats_table() {
  counting_start w
  bare_run w "$TOOLS/syscalls" openat "$T/none" 50
  bare_run w "$TOOLS/syscalls" getppid 400
  local calls none
  calls=$(count w getppid OK) none=$(count w openat ENOENT)
  run 0 ctl stats --container "$(id_of w)" -s getppid,openat --sort count
  assert_match "$(head -1 <<<"$OUT")" '^NAMESPACE +POD +CONTAINER +ID +CALL +ERROR +COUNT +ERRORS +TIME +MEAN +P50 +P99$'
  assert_match "$(sed -n 2p <<<"$OUT")" "$(id_of w) +getppid +OK +$calls +0 "
  assert_match "$OUT" "openat +ENOENT +$none +$none "
  run 0 ctl stats --container "$(id_of w)" -s getppid,openat --by call --sort errors --limit 1
  assert_eq "$(wc -l <<<"$OUT")" 2 "lines with --limit 1"
  assert_match "$OUT" "openat +[0-9]+ +$none "
  run 0 ctl stats --container nobody
  assert_eq "$(wc -l <<<"$OUT")" 1 "lines where nothing was counted"
}

test_refuses() {
  counting_start
  local verb
  for verb in stats "top --once"; do
    # shellcheck disable=SC2086
    run 1 ctl $verb -s opneat
    assert_match "$ERR" "^swollctl: .*'opneat'.*openat" "$verb"
    # shellcheck disable=SC2086
    run 2 ctl $verb --by contaner
    assert_match "$ERR" "^swollctl: --by: 'contaner' .*did you mean 'container'" "$verb"
    # shellcheck disable=SC2086
    run 2 ctl $verb --sort p98
    assert_match "$ERR" "^swollctl: --sort: 'p98' .*did you mean 'p99'" "$verb"
  done
  run 2 ctl top --interval 5
  assert_match "$ERR" "^swollctl: --interval: '5' is not a duration"
  run 2 ctl top --once --interval 1ms
  assert_match "$ERR" "^swollctl: --interval: '1ms' is not between"
  run 2 ctl top -o json
  assert_match "$ERR" '^swollctl: -o json needs --once'
  run 2 ctl top
  assert_match "$ERR" '^swollctl: top needs a terminal; for one table use --once'
  swolld_stop
  run 3 ctl top
  assert_match "$ERR" "^swollctl: can't reach swolld"
}

test_refuses_where_nothing_is_counted() {
  swolld_start
  local verb
  for verb in stats "top --once" top; do
    # shellcheck disable=SC2086
    run 1 ctl $verb
    assert_match "$ERR" '^swollctl: calls are not counted' "$verb"
  done
}

test_completes() {
  assert_eq "$("$SWOLLCTL" complete stats --by err)" error "stats --by"
  assert_eq "$("$SWOLLCTL" complete stats --sort co)" count "stats --sort"
  assert_eq "$("$SWOLLCTL" complete top --sort ra)" rate "top --sort"
  assert_eq "$("$SWOLLCTL" complete top -s getppi)" getppid "top -s"
  assert_eq "$("$SWOLLCTL" complete trace add --persi)" --persist "an option of trace add"
  assert_eq "$("$SWOLLCTL" complete trace run --persi)" "" "one that trace run refuses"
  assert_match "$("$SWOLLCTL" top --help)" 'container, call, class, group, error, pod, namespace'
}

# ---- top ----

test_top_once() {
  counting_start w
  local none
  none=$(count w openat ENOENT)
  bare_send w "$TOOLS/syscalls" loop openat "$T/none" 300 "$T/enough"
  retry 20 more w openat ENOENT "$none" || fail "the workload does not begin"
  local json
  json=$(ctl top --once --interval 1s --by error -o json --container "$(id_of w)" -s openat)
  assert_json "$json" '.rows[0] | .error == "ENOENT" and .count == .errors and .count > 0 and .count <= .total
    and .interval >= 900000000 and .call == null
    and ((.rate - .count * 1e9 / .interval) | fabs) < 1'
  run 0 ctl top --once --interval 200ms --by call --container "$(id_of w)"
  assert_match "$(sed -n 2p <<<"$OUT")" '^openat +[1-9]'
  : >"$T/enough"
  bare_wait w
  # All that the workload says it made, and not one more.
  assert_eq "$(count w openat ENOENT)" $((none + $(bare_out w))) "openat that failed"
}
more() { (($(count "$1" "$2" "$3") > $4)); }

# screen_start [ARG]...: top in a terminal of 120x30; what runs after it tells its status.
screen_start() {
  [[ -n $(type -P tmux) ]] || skip "tmux is missing"
  printf '%q ' "$SWOLLCTL" top --interval 200ms "$@" >"$T/command"
  echo "; echo ended with \$?" >>"$T/command"
  TMUX_SOCKET=$T/tmux
  at_exit tm kill-server
  env -u TMUX LC_ALL=C.UTF-8 tmux -S "$TMUX_SOCKET" -f /dev/null new-session -d -x 120 -y 30 \
    "env SWOLL_SOCKET=$SWOLL_SOCKET LC_ALL=C.UTF-8 sh"
  tm send-keys ". $T/command" Enter
  shows '^swoll top'
}
tm() { tmux -S "$TMUX_SOCKET" "$@"; }
screen() { tm capture-pane -p; }
keys() { tm send-keys "$@"; }
has() { screen | grep -E -- "$1" >/dev/null; }
lacks() { ! has "$1"; }
shows() { retry 30 has "$1" || fail "the screen does not show '$1':
$(screen)"; }
hides() { retry 30 lacks "$1" || fail "the screen still shows '$1':
$(screen)"; }
ends_with() {
  shows "^ended with $1\$"
  lacks '^swoll top' || fail "the terminal is not as before: $(screen)"
}

test_top_screen() {
  counting_start busy calm
  rename busy calm
  local busy calm
  busy=$(name_of busy) calm=$(name_of calm)
  bare_run calm "$TOOLS/syscalls" getppid 4321
  screen_start --sort name --container "$COMM"
  bare_send busy "$TOOLS/syscalls" loop openat "$T/none" 300
  shows "^$busy +[1-9][0-9.]*[kM]? +[1-9]"
  shows "^$calm +0 +0 "
  # Sorted by the rate, the busy one is first; by name, in the order of names.
  keys '>'
  shows '^swoll top .* by rate$'
  retry 30 first_is "$busy" || fail "the busy one is not first: $(screen)"
  keys r
  retry 30 first_is "$calm" || fail "the calm one is not first: $(screen)"
  keys r

  # As it is typed; kept; dropped.
  keys / "${calm#*@}"
  hides "^$busy"
  shows "^filter: ${calm#*@}_"
  keys Enter
  shows "^filter: ${calm#*@}\$"
  shows "^$calm"
  keys Escape
  shows "^$busy"

  keys 2
  shows '^swoll top by call'
  shows '^openat +[1-9]'
  shows '^getppid .* 4321( |$)'
  keys 5
  shows '^ENOENT +[1-9]'
  keys 3
  shows '^swoll top by class'
  keys 1
  shows "^$busy"

  # Into the busy one, to its calls, to their results and out again.
  keys Enter
  shows "^in $busy"
  shows '^openat +[1-9]'
  keys Enter
  shows "^in $busy openat"
  shows '^ENOENT +[1-9]'
  keys Escape
  shows '^swoll top by call'
  keys Escape
  shows '^swoll top by container'
  keys q
  ends_with 0
}
first_is() { [[ $(screen | sed -n 4p) == "$1 "* ]]; }

# The counts go on, the picture does not.
test_top_freezes() {
  counting_start w
  screen_start --container "$(id_of w)" -s getppid
  bare_run w "$TOOLS/syscalls" getppid 1000
  local before after asked
  before=$(count w getppid OK)
  shows "^sh@pidns.* $before( |\$)"
  keys p
  shows '^\[FROZEN\] swoll top'
  bare_run w "$TOOLS/syscalls" getppid 5
  after=$(count w getppid OK)
  assert_eq "$after" $((before + 5)) "getppid"
  asked=$(screen)
  sleep 1 # five intervals
  assert_eq "$(screen)" "$asked" "the frozen screen"
  has "^sh@pidns.* $before( |\$)" || fail "not frozen: $(screen)"
  keys Space
  shows "^sh@pidns.* $after( |\$)"
  lacks FROZEN || fail "still frozen: $(screen)"
  keys C-c
  ends_with 0
}

# Any size does no harm, and what fits is there.
test_top_resizes() {
  counting_start w
  bare_run w "$TOOLS/syscalls" getppid 10
  screen_start --container "$(id_of w)"
  shows '^sh@pidns'
  local size
  for size in 80x24 40x10 20x4 5x2 200x50 120x30; do
    tm resize-window -x "${size%x*}" -y "${size#*x}"
    if [[ $size == ?0x?? || $size == ???x?? ]]; then
      shows "^(sh@pidns|~[a-z@]*):${BARE_PIDNS[w]:0:4}|^~[a-z@:0-9]+ "
      retry 20 widest_is "${size%x*}" || fail "at $size: $(screen)"
    else
      sleep 1
    fi
    lacks '^ended' || fail "it ended at $size: $(screen)"
  done
  keys q
  ends_with 0
}
# The heading is a bar over the whole width.
widest_is() { [[ $(tm display -p '#{pane_width}') == "$1" ]] && (($(screen | awk '{ if (length > n) n = length } END { print n }') <= $1)); }

test_top_terminals() {
  counting_start w
  local term
  for term in dumb no-such-terminal; do
    run 2 script -qec "env TERM=$term $SWOLLCTL --socket $SWOLL_SOCKET top" /dev/null
    assert_match "$OUT$ERR" "top can't be shown on a terminal of TERM='$term'; for one table use --once"
  done
}

test_top_traces() {
  counting_start w
  screen_start --container "$(id_of w)"
  bare_run w "$TOOLS/syscalls" getppid 5
  shows '^sh@pidns'
  keys Enter
  shows '^getppid'
  keys / getppid Enter
  shows ' filter: getppid$'
  keys t
  shows "^trace .*: getppid of $(name_of w)"
  retry 20 one_trace || fail "traces: $(ctl trace ls)"
  retry 20 is_followed || fail "nobody follows it: $(ctl trace ls -o json)"
  assert_json "$(ctl trace ls -o json)" '.[0] | .spec.syscalls == ["getppid"] and (.spec.journal | not)
    and .containers == [$id]' --arg id "$(id_of w)"
  bare_run w "$TOOLS/syscalls" getppid 3
  shows 'getppid\(\) = [0-9]+'
  keys t
  hides '^trace '
  retry 20 no_trace || fail "the trace is still there: $(ctl trace ls)"
  keys t
  retry 20 one_trace || fail "no trace: $(screen)"
  keys q
  ends_with 0
  no_trace || fail "the trace is still there: $(ctl trace ls)"
}
is_followed() { ctl trace ls -o json | jq -e '.[0].streams == 1' >/dev/null; }
one_trace() { [[ $(ctl trace ls -o json | jq length) == 1 ]]; }
no_trace() { [[ $(ctl trace ls -o json | jq length) == 0 ]]; }

# The daemon goes and comes back, with other counts.
test_top_survives_the_daemon() {
  counting_start w
  screen_start --container "$(id_of w)" -s getppid
  bare_run w "$TOOLS/syscalls" getppid 1000
  shows "^sh@pidns.* $(count w getppid OK)( |\$)"
  swolld_stop
  shows 'trying again'
  counting_again w
  bare_run w "$TOOLS/syscalls" getppid 7
  shows '^sh@pidns.* 7( |$)'
  lacks 'trying again' || fail "still in trouble: $(screen)"
  lacks '(^| )-[0-9]' || fail "a negative rate: $(screen)"
  keys q
  ends_with 0
}
counting_again() {
  swolld_start
  wait_container "$(id_of "$1")"
}

run_tests "$@"
