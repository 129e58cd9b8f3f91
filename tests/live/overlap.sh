#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Traces that overlap: one event for all that want it, one kernel rule for all that need it. The
# two traces are those of the project's seed: four calls of app=nginx in one namespace, and execve
# of everything.
# sanitized: no, routes are shared in core/hub-test; pods join and leave traces in pods.sh
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-hub-test-$$
ECHO='.syscall.name == "sys_execve" and .args.filename == "/bin/echo"'

# "Everything" is what this daemon observes: by the node's selector, only the pods of this test.
selector() { printf '[observer]\nlabel-selector = run=%s\n' "$NS" >"$1/swolld.conf"; }
start_pods() {
  selector "$T"
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx --label app=nginx --label "run=$NS"
  NGINX=$CONTAINER_ID
  pod_run "$NS-elsewhere" plain --label "run=$NS"
  PLAIN=$CONTAINER_ID
  wait_container "$NGINX"
  wait_container "$PLAIN"
}
NGINX_TRACE=(trace1-monitor-nginx -s execve,openat,connect,accept4 -l app=nginx -n "$NS"
  --field-selector status.phase=Running)
EXECVE_TRACE=(trace2-monitor-execve -s execve --field-selector status.phase=Running)

# By the container and by its pid namespace: the trace has one event of a call all the same.
test_two_routes_of_one_trace() {
  swolld_start --cri "$CRI"
  pod_run "$NS" twice
  wait_container "$CONTAINER_ID"
  local space name
  space=$(stat -L -c %i "/proc/$(container_pid "$CONTAINER_ID")/ns/pid")
  trace_start all -s getppid --pidns "$space" --comm syscalls
  trace_start half -s getppid --pidns "$space" --comm syscalls --sample 2
  trace_start none -s getppid --pidns "$space" --comm nobody
  for name in all half none; do ctl trace add-container "$name" "$CONTAINER_ID" >/dev/null; done
  container_exec "$CONTAINER_ID" /tools/syscalls getppid 1000
  trace_end all
  assert_json "$LEDGER" '.delivered == 1000 and .matched == .delivered + .filtered' # runc's
  trace_end half
  assert_json "$LEDGER" '.delivered == 500 and .sampled == 500'
  trace_end none
  ctl trace add alone -s getppid --pidns "$space" --comm nobody >/dev/null
  ctl trace add-container alone "$CONTAINER_ID" >/dev/null
  container_exec "$CONTAINER_ID" /tools/syscalls getppid 1000
  wait_ledger alone
  # In the kernel, and on one route.
  assert_json "$LEDGER" '.filtered >= 1000 and .filtered < 1500'
}

rules() { status_json | jq .rules; }
attached() { status_json | jq -e .attached >/dev/null; }

test_one_event_for_both() {
  start_pods
  trace_start "${NGINX_TRACE[@]}"
  trace_start "${EXECVE_TRACE[@]}"
  follow trace1-monitor-nginx both trace tail -o json
  container_exec "$NGINX" /bin/echo from nginx
  container_exec "$PLAIN" /bin/echo from plain
  trace_end trace1-monitor-nginx
  trace_end trace2-monitor-execve
  wait_events both 2 "$ECHO"
  unfollow both

  assert_eq "$(events trace1-monitor-nginx "$ECHO" | jq -c .args.argv)" '["/bin/echo","from","nginx"]' "trace1"
  assert_eq "$(events trace2-monitor-execve "$ECHO" | jq -c .args.argv | sort | xargs -d'\n')" \
    '["/bin/echo","from","nginx"] ["/bin/echo","from","plain"]' "trace2"
  # Who follows all traces sees the shared event once, with both names.
  assert_eq "$(count_events both "$ECHO")" 2 "events when following all"
  assert_eq "$(jq -c 'select(.payload.args.argv[2] == "nginx") | .trace | sort' "$T/both.out")" \
    '["trace1-monitor-nginx","trace2-monitor-execve"]' "names on the shared event"
  assert_eq "$(jq -c 'select(.payload.args.argv[2] == "plain") | .trace' "$T/both.out")" \
    '["trace2-monitor-execve"]' "names on the other"
}

test_rules_are_shared() {
  start_pods
  assert_eq "$(rules)" 0 "rules without traces"
  ctl trace add "${NGINX_TRACE[@]}"
  assert_eq "$(rules)" 4 "rules of trace1: four calls of one container"
  ctl trace add "${EXECVE_TRACE[@]}"
  assert_eq "$(rules)" 5 "rules of both: execve of nginx is there already"
  ctl trace rm trace1-monitor-nginx
  assert_eq "$(rules)" 2 "rules of trace2: execve of two containers"
  ctl trace rm trace2-monitor-execve
  assert_eq "$(rules)" 0 "rules in the end"
}

test_removing_one_keeps_the_others_events() {
  start_pods
  ctl trace add "${NGINX_TRACE[@]}"
  trace_start "${EXECVE_TRACE[@]}"
  container_exec "$NGINX" /bin/echo before
  ctl trace rm trace1-monitor-nginx
  container_exec "$NGINX" /bin/echo after
  container_exec "$NGINX" /tools/syscalls openat /etc/motd 1
  trace_end trace2-monitor-execve
  assert_eq "$(events trace2-monitor-execve "$ECHO" | jq -r '.args.argv[1]' | xargs)" "before after" events
  assert_eq "$(count_events trace2-monitor-execve '.syscall.name != "sys_execve"')" 0 "other calls"
}

# The stop of one container must not take rules that another needs.
test_stopped_container_takes_only_its_rules() {
  start_pods
  trace_start "${EXECVE_TRACE[@]}"
  pod_run "$NS" third --label "run=$NS"
  wait_container "$CONTAINER_ID"
  assert_eq "$(rules)" 3 "rules of three containers"
  pod_rm "$POD_ID"
  retry 20 rules_are 2 || fail "rules after one has stopped: $(rules)"
  container_exec "$NGINX" /bin/echo still here
  trace_end trace2-monitor-execve
  assert_eq "$(count_events trace2-monitor-execve "$ECHO")" 1 events
}
rules_are() { [[ $(rules) == "$1" ]]; }

test_hooks_only_while_needed() {
  swolld_start
  bare_start w
  ! attached || fail "hooks are attached without a trace"
  ctl trace add one -s getppid --pidns "${BARE_PIDNS[w]}"
  attached || fail "hooks are not attached with a trace"
  ctl trace rm one
  ! attached || fail "hooks stay after the last trace"
}

containerd_start
selector "$TMP"
swolld_keep --cri "$CRI"
run_tests "$@"
