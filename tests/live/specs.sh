#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a trace can ask for and where it comes from: YAML, apply, standing and kept traces, rates,
# cgroups, arguments, single containers.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-specs-$$
API='apiVersion: tools.swoll.criticalstack.com/v1alpha1'

# document NAME SPEC_LINE...: one trace as YAML.
document() {
  printf '%s\nkind: Trace\nmetadata: {name: %s}\nspec:\n' "$API" "$1"
  shift
  printf '  %s\n' "$@"
}
sum() { awk '/^[0-9]+/ { n += $1 } END { print n }'; }
has_trace() { ctl trace show "$1" >/dev/null 2>&1; }
has_no_trace() { ! has_trace "$1"; }
reload() { kill -HUP "$SWOLLD_PID"; }

# refused STATUS PATTERN ARG...: one line that matches, and nothing has changed.
refused() {
  local status=$1 pattern=$2 before
  shift 2
  before=$(ctl trace ls -o yaml)
  run "$status" ctl "$@"
  assert_eq "$(wc -l <<<"$ERR")" 1 "lines on stderr of swollctl $* ($ERR)"
  assert_match "$ERR" "$pattern" "the message of swollctl $*"
  assert_eq "$(ctl trace ls -o yaml)" "$before" "traces after swollctl $*"
}

# ---- YAML ----

test_seed_as_yaml() {
  swolld_start
  cat >"$T/seed.yaml" <<YAML
$API
kind: Trace
metadata: {name: trace-nginx-hosts, namespace: swoll}
spec:
  syscalls: [connect, accept4, bind, listen, execve, openat]
  labelSelector: {matchLabels: {app: nginx}, matchExpressions: []}
  fieldSelector: {matchLabels: {status.phase: Running}}
  hostSelector: []
  duration: 5m
  sampleRate: 1
YAML
  assert_eq "$(ctl trace add -f "$T/seed.yaml")" trace-nginx-hosts "what add prints"
  trace_is trace-nginx-hosts '.spec.syscalls == ["connect","accept4","bind","listen","execve","openat"]
    and .spec.namespace == "swoll" and .spec.labelSelector == "app=nginx"
    and .spec.fieldSelector == "status.phase=Running" and .spec.duration == 300000000000
    and .remaining > 0 and .remaining <= 300000000000' || fail "$(trace_json trace-nginx-hosts)"
  assert_match "$(ctl trace show trace-nginx-hosts)" 'remaining: +[45]m'
  refused 1 "'trace-nginx-hosts' exists already" trace add -f "$T/seed.yaml"
}

test_round_trip() {
  swolld_start
  ctl trace add a -s 'openat,@Network,!close' -l 'a=b,c in (d,e),!f' -n swoll --pod 'p*' \
    --comm 'x "y"' --errno ENOENT,any --min-latency 1ms --sample 3 --rate 10/s --duration 1h \
    --arg 'pathname=/etc/*' --no-journal >/dev/null
  ctl trace add b -s getppid --host --uid 0 >/dev/null
  ctl trace ls -o yaml >"$T/all.yaml"
  run 0 ctl trace apply -f "$T/all.yaml"
  assert_eq "$OUT" $'a unchanged\nb unchanged' "apply of what ls printed"
  ctl trace rm --all >/dev/null
  assert_eq "$(ctl trace apply -f - <"$T/all.yaml")" $'a added\nb added' "apply of standard input"
  assert_eq "$(ctl trace ls -o yaml)" "$(<"$T/all.yaml")" "ls of what was applied"
  assert_eq "$(ctl trace show a -o yaml)" "$(sed '/^---/,$d' "$T/all.yaml")" "show"
}

test_bad_yaml() {
  swolld_start
  local bad=$T/bad.yaml
  { document good 'syscalls: [openat]'; echo ---; document x 'sycalls: [openat]'; } >"$bad"
  refused 1 "$bad:[0-9]+:3: unknown key 'sycalls'; did you mean 'syscalls'" trace add -f "$bad"
  { document good 'syscalls: [openat]'; echo ---; document x 'syscalls: [opennat]'; } >"$bad"
  refused 1 "$bad:[0-9]+:1: unknown system call 'opennat'; did you mean 'openat'" trace apply -f "$bad"
  { document one 'syscalls: [openat]'; echo ---; document one 'syscalls: [close]'; } >"$bad"
  refused 1 "'one' is there twice" trace apply -f "$bad"
  : >"$bad"
  refused 1 "$bad: holds no trace" trace apply -f "$bad"
  head -c 10000000 /dev/zero | tr '\0' a >"$bad"
  refused 1 "$bad: larger than 1 MiB" trace apply -f "$bad"
  refused 1 "none.yaml: No such file" trace apply -f "$T/none.yaml"
  mkdir "$T/empty"
  refused 1 "holds no \*.yaml" trace apply -f "$T/empty"
  document '""' 'syscalls: [openat]' >"$bad"
  refused 1 "needs a name" trace apply -f "$bad"
  refused 2 "leave out --pod" trace add -f "$bad" --pod x
  refused 2 "yaml not in" status -o yaml
  refused 2 "NAME=GLOB" trace add x -s openat --arg pathname
  refused 1 "'pathnam'; did you mean 'pathname'" trace add x -s openat --arg pathnam=x
  refused 2 "'many' is not N/s" trace add x -s openat --rate many
  refused 1 "no cgroup '/no/such'" trace add x -s openat --cgroup /no/such
  refused 1 "no cgroup" trace add x -s openat --cgroup ../..
}

# ---- apply under load ----

# An unchanged trace loses and doubles nothing while its neighbour in the same file changes.
test_apply_leaves_unchanged_traces_alone() {
  swolld_start
  bare_start w
  local i
  always() { document always 'syscalls: [openat]' "pidns: ${BARE_PIDNS[w]}"; }
  always >"$T/0.yaml"
  ctl trace apply -f "$T/0.yaml"
  follow always always trace tail always -o json
  bare_send w "$TOOLS/syscalls" procs 2 loop openat /etc/passwd 300 "$T/enough"
  for i in $(seq 20); do
    { always; echo ---; document other "syscalls: [openat, close]" "pidns: ${BARE_PIDNS[w]}" "sampleRate: $((2 + i))"; } >"$T/$i.yaml"
    run 0 ctl trace apply -f "$T/$i.yaml"
    assert_match "$OUT" "^always unchanged"$'\n'"other (added|changed)\$" "what apply says"
  done
  is_running "$(pgrep -P "${BARE_PID[w]}")" || fail "the load ended before the changes did"
  : >"$T/enough"
  bare_wait w
  trace_end always
  assert_eq "$(jq .matched <<<"$LEDGER")" "$(bare_out w | sum)" "calls that the trace has seen"
  assert_eq "$(grep -c '"payload"' "$T/always.out")" "$(jq .delivered <<<"$LEDGER")" "events in its stream"
}

# A trace that is changed keeps its stream and counts, and no call that both forms want is lost.
test_changed_trace_loses_nothing() {
  swolld_start
  bare_start w
  local i
  document same 'syscalls: [openat]' "pidns: ${BARE_PIDNS[w]}" >"$T/0.yaml"
  document same 'syscalls: [openat, getppid]' "pidns: ${BARE_PIDNS[w]}" >"$T/1.yaml"
  ctl trace apply -f "$T/0.yaml"
  follow same same trace tail same -o json
  bare_send w "$TOOLS/syscalls" procs 2 loop openat /etc/passwd 300 "$T/enough"
  for i in $(seq 20); do
    assert_eq "$(ctl trace apply -f "$T/$((i % 2)).yaml")" "same changed" "what apply says"
  done
  is_running "$(pgrep -P "${BARE_PID[w]}")" || fail "the load ended before the changes did"
  : >"$T/enough"
  bare_wait w
  trace_end same
  assert_eq "$(jq .matched <<<"$LEDGER")" "$(bare_out w | sum)" "calls that the trace has seen"
  assert_json "$LEDGER" '.filtered == 0 and .undecodable == 0 and .stateMissing == 0'
  assert_eq "$(grep -c '"payload"' "$T/same.out")" "$(jq .delivered <<<"$LEDGER")" "events in its stream"
}

# ---- standing traces ----

test_standing_traces() {
  mkdir "$T/traces.d"
  document one 'syscalls: [getppid]' 'host: true' 'pid: 1' >"$T/traces.d/one.yaml"
  document two 'syscalls: [getppid]' 'host: true' 'pid: 1' >"$T/traces.d/two.yaml"
  swolld_fresh
  has_trace one && has_trace two || fail "not loaded at the start: $(ctl trace ls)"
  assert_eq "$(trace_json one | jq -r .origin)" "$T/traces.d/one.yaml" "where it is from"
  ctl trace add mine -s getppid --host --pid 1 >/dev/null
  document one 'syscalls: [close]' >"$T/other.yaml"
  refused 1 "'one' stands in $T/traces.d/one.yaml" trace apply -f "$T/other.yaml"
  local created
  created=$(trace_json one | jq .created)

  document two 'syscalls: [close]' 'host: true' 'pid: 1' >"$T/traces.d/two.yaml"
  document three 'syscalls: [getppid]' 'host: true' 'pid: 1' >"$T/traces.d/three.yaml"
  reload
  retry 20 has_trace three || fail "not loaded at a reload: $(swolld_log)"
  trace_is two '.spec.syscalls == ["close"]' || fail "not changed: $(trace_json two)"
  assert_eq "$(trace_json one | jq .created)" "$created" "the one that was not changed"

  # One bad file: everything stays, and it is said.
  document four 'sycalls: [close]' >"$T/traces.d/four.yaml"
  rm "$T/traces.d/three.yaml"
  reload
  retry 20 part_is traces false || fail "a bad file counts as fine"
  assert_match "$(part_state traces)" "four.yaml:5:3: unknown key 'sycalls'"
  has_trace three || fail "a bad file took others with it"

  # A name that a client's trace has.
  document mine 'syscalls: [close]' >"$T/traces.d/four.yaml"
  reload
  retry 20 part_says 'mine.* exists already' || fail "$(part_state traces)"
  trace_is mine '.spec.syscalls == ["getppid"]' || fail "a client's trace was replaced"

  rm "$T/traces.d/four.yaml"
  ctl trace rm one >"$T/rm.out" 2>"$T/rm.err"
  assert_match "$(<"$T/rm.err")" "'one' stands in $T/traces.d/one.yaml, and is back" "what rm says"
  has_no_trace one || fail "it is not removed"
  refused 1 "'one' stands in $T/traces.d/one.yaml" trace add one -s getppid --host --pid 1
  reload
  retry 20 has_trace one || fail "it is not back after a reload"
  retry 20 has_no_trace three || fail "not removed with its file"
  retry 20 part_is traces true || fail "$(part_state traces)"
  has_trace mine || fail "a client's trace is gone"
}
part_says() { [[ $(part_state traces) =~ $1 ]]; }

# ---- kept traces ----

test_persist() {
  swolld_fresh
  ctl trace add kept -s getppid --host --pid 1 --persist --duration 1h >/dev/null
  ctl trace add loose -s getppid --host --pid 1 >/dev/null
  ctl trace add gone -s getppid --host --pid 1 --persist >/dev/null
  ctl trace rm gone >/dev/null
  assert_eq "$(ls "$T/state")" kept.yaml "the state folder"
  # One whose file can't go would be back.
  mv "$T/state/kept.yaml" "$T/kept.yaml" && mkdir "$T/state/kept.yaml"
  refused 1 "'kept' is kept and its file can't be removed: .*Is a directory" trace rm kept
  rmdir "$T/state/kept.yaml" && mv "$T/kept.yaml" "$T/state/kept.yaml"
  has_trace kept || fail "it is removed all the same"
  local before
  before=$(trace_json kept | jq -c '[.created, .owner, .spec]')
  echo 'kind: [' >"$T/state/broken.yaml"
  swolld_stop || fail "it does not end well"
  swolld_fresh
  has_no_trace loose || fail "a trace that was not to be kept is there"
  assert_eq "$(trace_json kept | jq -c '[.created, .owner, .spec]')" "$before" "the kept trace"
  trace_is kept '.origin == "kept" and .remaining < 3600000000000' || fail "$(trace_json kept)"
  part_is traces false || fail "a broken file counts as fine"
  assert_match "$(part_state traces)" 'broken.yaml:'
  [[ -e $T/state/broken.yaml ]] || fail "the broken file was removed"
  refused 1 'broken.yaml could not be read' trace add broken -s getppid --host --pid 1 --persist
  document kept 'syscalls: [close]' 'host: true' >"$T/new.yaml"
  assert_eq "$(ctl trace apply -f "$T/new.yaml")" "kept changed"
  assert_match "$(<"$T/state/kept.yaml")" 'syscalls: \[close\]' "the file of a changed trace"
  ctl trace rm kept >/dev/null
  [[ ! -e $T/state/kept.yaml ]] || fail "the file of a removed trace is there"
}

test_persist_that_fails_changes_nothing() {
  : >"$T/state" # no folder
  swolld_fresh
  refused 1 "can't be kept: $T/state/x.yaml" trace add x -s getppid --host --pid 1 --persist
}

# ---- filters ----

test_rate() {
  swolld_start
  bare_start w
  local start
  trace_start rate -s getppid --pidns "${BARE_PIDNS[w]}" --rate 10/s
  start=$(date +%s)
  bare_run w "$TOOLS/syscalls" getppid 2000
  local most=$((10 + 10 * ($(date +%s) - start + 1)))
  trace_end rate
  assert_json "$LEDGER" '.matched == 2000 and .delivered >= 10 and .delivered <= $most
    and .rateLimited == 2000 - .delivered' --argjson most "$most"
  assert_eq "$(count_events rate)" "$(jq .delivered <<<"$LEDGER")" events
}

test_arg() {
  swolld_start
  bare_start w
  trace_start arg -s openat --pidns "${BARE_PIDNS[w]}" --arg 'pathname=/etc/pass*' --arg 'flags=O_RDONLY*'
  bare_run w "$TOOLS/syscalls" openat /etc/passwd 30
  bare_run w "$TOOLS/syscalls" openat /etc/group 40
  trace_end arg
  assert_eq "$(count_events arg '.args.pathname == "/etc/passwd"') of $(count_events arg)" "30 of 30" events
  assert_json "$LEDGER" '.delivered == 30 and .filtered >= 40'
}

test_cgroup() {
  local mount
  mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  [[ -n $mount ]] || skip "no cgroup v2 is mounted"
  local path=/swoll-specs-$$
  mkdir -p "$mount$path/inner" || skip "no cgroup can be made"
  at_exit remove_cgroups "$mount$path"
  swolld_start
  bare_start in
  bare_start deep
  bare_start out
  echo "${BARE_PID[in]}" >"$mount$path/cgroup.procs"
  echo "${BARE_PID[deep]}" >"$mount$path/inner/cgroup.procs"
  trace_start whole -s getppid --cgroup "$path"
  trace_start part -s getppid --cgroup "$mount$path/inner"
  bare_run in "$TOOLS/syscalls" getppid 10
  bare_run deep "$TOOLS/syscalls" getppid 20
  bare_run out "$TOOLS/syscalls" getppid 40
  trace_end whole
  assert_json "$LEDGER" '.matched == 30 and .delivered == 30'
  trace_end part
  assert_json "$LEDGER" '.matched == 20 and .delivered == 20'
}
remove_cgroups() {
  local pid
  for pid in $(cat "$1/inner/cgroup.procs" "$1/cgroup.procs"); do
    echo "$pid" >"$1/../cgroup.procs" || true
  done
  retry 20 rmdir "$1/inner" 2>/dev/null && retry 20 rmdir "$1" # where processes may just be ending
}

test_host_selector() {
  printf '[observer]\nnode-name = node-a\n' >"$T/swolld.conf"
  swolld_start
  bare_start w
  document here 'syscalls: [getppid]' "pidns: ${BARE_PIDNS[w]}" 'hostSelector: [node-b, node-a]' >"$T/here.yaml"
  document there 'syscalls: [getppid]' "pidns: ${BARE_PIDNS[w]}" 'hostSelector: [node-b]' >"$T/there.yaml"
  ctl trace apply -f "$T/here.yaml" >/dev/null
  ctl trace apply -f "$T/there.yaml" >/dev/null
  bare_run w "$TOOLS/syscalls" getppid 10
  wait_ledger here
  assert_json "$LEDGER" '.matched == 10'
  wait_ledger there
  assert_json "$LEDGER" '.matched == 0'
}

# ---- containers ----

test_one_container_more_or_less() {
  swolld_start --cri "$CRI"
  pod_run "$NS" web --label app=web --container nginx
  local web=$CONTAINER_ID
  pod_run "$NS" db --label app=db --container redis
  local db=$CONTAINER_ID
  wait_container "$web"
  wait_container "$db"
  trace_start some -s openat -l app=web -n "$NS" --comm syscalls --persist
  open() { container_exec "$1" /tools/syscalls openat /etc/motd 1 >/dev/null; }
  open "$db"
  assert_eq "$(ctl trace add-container some db/redis)" "some matches 2 containers now"
  open "$db"
  assert_eq "$(ctl trace remove-container some "$NS/web/nginx")" "some matches 1 container now"
  open "$web"
  assert_match "$(ctl trace show some)" "matched: +$NS/web/nginx" "containers that it matched"
  assert_match "$(<"$T/state/some.yaml")" "addContainers: .*db/redis" "the kept trace"
  ctl trace add-container some "${web:0:12}" >/dev/null
  open "$web"
  refused 1 "'db/rediss'; did you mean '(.*/)?db/redis'" trace add-container some db/rediss
  ctl trace remove-container some db/redis >/dev/null
  refused 1 "does not match container" trace remove-container some db/redis
  trace_end some
  assert_eq "$(events some | jq -r .container.pod | xargs)" "db web" "pods of the events"
}

# The global filter: what says noSwoll=true is seen by no trace, whatever it asks for.
test_no_swoll() {
  swolld_start --cri "$CRI"
  pod_run "$NS" shy --label noSwoll=true
  local shy=$CONTAINER_ID
  pod_run "$NS" plain --label noSwoll=false
  wait_container "$CONTAINER_ID"
  trace_start shy -s openat -n "$NS" --comm syscalls
  container_exec "$shy" /tools/syscalls openat /etc/motd 1
  container_exec "$CONTAINER_ID" /tools/syscalls openat /etc/motd 1
  refused 1 "unknown container" trace add-container shy "$shy"
  trace_end shy
  assert_eq "$(events shy | jq -r .container.pod | xargs)" plain "pods of the events"
}

containerd_start
swolld_keep
run_tests "$@"
