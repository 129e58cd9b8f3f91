#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A trace that is there before a container starts sees that container from its first call: the
# execve of its entrypoint, under its right names, however short it lives.
# alone with containerd: that nothing waits for a name is true of the machine, or it is not
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-first-$$
V2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)

# Where a trace is of all containers, or of all processes of the host: the program of a name that no
# other has, and the beginning of ids that no other has.
OWN=first-$$
mkdir "$TMP/own"
cp "$TOOLS/syscalls" "$TMP/own/$OWN"
OUR_IDS=$(printf %08x $$)
id_of() { echo "$OUR_IDS$(sha256sum <<<"$1" | cut -c1-56)"; }

# entrypoint FILENAME: the filter for the execve that starts it.
entrypoint() { echo ".syscall.name == \"sys_execve\" and .args.filename == \"$1\""; }
# made_by COMM: the calls that `syscalls` was told to make.
made_by() { echo ".syscall.name == \"sys_getppid\" and .comm == \"$1\""; }

# pod_of NAME LABEL COMMAND...: a pod with that entrypoint; sets POD_ID and CONTAINER_ID.
pod_of() {
  local name=$1 label=$2 ids
  shift 2
  need_containerd
  ids=$(cri_pod run --namespace "$NS" --name "$name" --image "$IMAGE" --label "app=$label" \
    --mount "$TOOLS:/tools" --mount "$TMP/own:/own" -- "$@")
  read -r POD_ID CONTAINER_ID <<<"$ids"
  at_exit pod_rm "$POD_ID"
}

# no_newcomers: nothing waits for a name, and nothing was lost on the way there.
no_newcomers() {
  assert_json "$(status_json)" '[.losses[] | select(.name | startswith("newcomers")) | .value] == [0, 0, 0]'
}

test_entrypoint_of_a_pod() {
  swolld_start --cri "$CRI"
  trace_start first -s execve,getppid -l app=first -n "$NS"
  pod_of first first /bin/sleep 1000000
  wait_events first 1 "$(entrypoint /bin/sleep)"
  container_exec "$CONTAINER_ID" /tools/syscalls getppid 100 # long after it was named
  wait_events first 100 "$(made_by syscalls)"
  trace_end first
  assert_eq "$(count_events first "$(entrypoint /bin/sleep)")" 1 "execve of the entrypoint"
  assert_json "$(events first "$(entrypoint /bin/sleep)")" '
    .args.argv == ["/bin/sleep", "1000000"] and .return == 0 and .error == "OK"
    and .container.id == $id and .container.pod == "first" and .container.namespace == $ns
    and .container.name == "main" and .container.labels.app == "first"' \
    --arg id "$CONTAINER_ID" --arg ns "$NS"
  assert_eq "$(count_events first '.container.id != $id' --arg id "$CONTAINER_ID")" 0 "events of others"
  no_newcomers
}

test_container_that_lives_for_a_moment() {
  swolld_start --cri "$CRI"
  trace_start brief -s execve,getppid -l app=brief -n "$NS"
  pod_of brief brief /tools/syscalls getppid 300
  wait_events brief 300 "$(made_by syscalls)"
  wait_events brief 1 "$(entrypoint /tools/syscalls)"
  trace_end brief
  assert_json "$LEDGER" ".matched == $(wc -l <"$T/brief.out") and .delivered == .matched"
  assert_eq "$(events brief '.container.id == $id and .container.pod == "brief" and .container.labels.app == "brief"' \
    --arg id "$CONTAINER_ID" | wc -l)" "$(count_events brief)" "events under its name"
  no_newcomers
}

test_busybox_true() {
  swolld_start --cri "$CRI"
  trace_start true -s execve,exit_group -l app=true -n "$NS"
  pod_of true true /bin/true
  wait_events true 1 "$(entrypoint /bin/true)"
  wait_events true 1 '.syscall.name == "sys_exit_group" and .comm == "true"'
  trace_end true
  assert_json "$(events true "$(entrypoint /bin/true)")" \
    '.container.id == $id and .container.pod == "true" and .container.labels.app == "true" and .return == 0' \
    --arg id "$CONTAINER_ID"
}

test_pod_of_another_label_gives_nothing() {
  swolld_start --cri "$CRI"
  trace_start mine -s execve,getppid -l app=mine -n "$NS"
  pod_of other other /tools/syscalls getppid 300
  pod_of mine mine /tools/syscalls getppid 300
  wait_events mine 300 "$(made_by syscalls)"
  trace_end mine
  assert_eq "$(count_events mine '.container.pod != "mine"')" 0 "events of the other pod"
  assert_eq "$(count_events mine "$(made_by syscalls)")" 300 "calls of the one that is wanted"
  no_newcomers
}

# Filters that the kernel leaves to user space while nobody knows whose the call is.
test_filters_hold_from_the_first_call() {
  swolld_start --cri "$CRI"
  trace_start all -s getppid -l app=filtered -n "$NS" --comm syscalls
  trace_start some -s getppid -l app=filtered -n "$NS" --comm syscalls --sample 10
  trace_start none -s getppid -l app=filtered -n "$NS" --comm absent
  pod_of filtered filtered /tools/syscalls getppid 300
  wait_events all 300 "$(made_by syscalls)"
  trace_end all
  trace_end some
  assert_json "$LEDGER" '.delivered == 30 and .sampled == 270'
  trace_end none
  assert_json "$LEDGER" '.delivered == 0 and .filtered == .matched and .matched >= 300'
}

# Without a CRI the cgroup's name tells that it is a container; containers are then known by id.
test_runc_container_without_cri() {
  swolld_start --cri off
  trace_start runc -s execve,getppid --comm "*$OWN"
  pod_of plain plain "/own/$OWN" getppid 300
  wait_events runc 300 "$(made_by "$OWN")"
  trace_end runc
  assert_eq "$(count_events runc "$(made_by "$OWN") and .container.id == \$id" --arg id "$CONTAINER_ID")" \
    300 "events under its id"
}

# in_cgroups PATH... -- COMMAND...: a shell makes each cgroup, enters it and goes on to the next.
in_cgroups() {
  local -x PATHS=
  while [[ $1 != -- ]]; do
    PATHS+=" $1"
    at_exit remove_if_empty "$1"
    shift
  done
  shift
  unshare --pid --fork --kill-child sh -c \
    'for path in $PATHS; do mkdir "$path"; echo 0 >"$path/cgroup.procs"; done; exec "$@"' sh "$@"
}

test_container_with_cgroups_of_its_own() {
  [[ -n $V2 ]] || skip "no cgroup v2 is mounted"
  swolld_start --cri off
  local id
  id=$(id_of nested)
  trace_start nested -s execve,getppid --container "$OUR_IDS"
  in_cgroups "$V2/$id" "$V2/$id/init.scope" "$V2/$id/init.scope/deep" -- "$TOOLS/syscalls" getppid 300
  wait_events nested 300 "$(made_by syscalls)"
  trace_end nested
  assert_eq "$(count_events nested ".container.id == \"$id\" and $(made_by syscalls)")" 300 "calls"
  assert_eq "$(count_events nested ".container.id == \"$id\" and $(entrypoint "$TOOLS/syscalls")")" 1 "execve"
}

# What is above it and is no container, a cgroup that a trace asks for or a unit, does not hide it.
test_container_below_other_scopes() {
  [[ -n $V2 ]] || skip "no cgroup v2 is mounted"
  local top=$V2/swoll-first-$$ unit=system.slice/swoll-first-$$.service path id
  for path in "$top" "$V2/system.slice" "$V2/$unit"; do
    [[ -d $path ]] || { mkdir "$path" && at_exit remove_if_empty "$path"; }
  done
  swolld_start --cri off
  trace_start every -s execve,getppid --container "$OUR_IDS"
  trace_start wide -s getppid --cgroup "$top"
  trace_start host -s getppid --host --comm "$OWN"
  retry 60 has_unit "$unit" || fail "no unit: $(ctl containers --units -o json)"
  for path in "$top" "$V2/$unit"; do
    id=$(id_of "below $path")
    in_cgroups "$path/$id" -- "$TMP/own/$OWN" getppid 300
    retry 60 has_events every 300 ".container.id == \"$id\" and $(made_by "$OWN")" ||
      fail "calls below $path: $(count_events every ".container.id == \"$id\"")"
    assert_eq "$(count_events every ".container.id == \"$id\" and $(entrypoint "$TMP/own/$OWN")")" 1 "execve below $path"
  done
  trace_end every
  trace_end wide
  trace_end host
  assert_eq "$(count_events wide "$(made_by "$OWN") and .container.id == \"$(id_of "below $top")\"")" \
    300 "calls below the cgroup that is traced"
  assert_eq "$(count_events host)" 0 "calls of the host"
  no_newcomers
}
has_unit() { ctl containers --units -o json | jq -e --arg id "$1" 'any(.[]; .ref.id == $id)' >/dev/null; }

# A cgroup that is no container is the host's, from its first call.
test_new_cgroup_of_the_host() {
  [[ -n $V2 ]] || skip "no cgroup v2 is mounted"
  swolld_start --cri off
  trace_start pods -s getppid -l app=none
  trace_start host -s getppid --host --comm "$OWN"
  local path=$V2/swoll-first-$$
  at_exit remove_if_empty "$path"
  mkdir "$path"
  sh -c 'echo 0 >"$0/cgroup.procs"; exec "$@"' "$path" "$TMP/own/$OWN" getppid 300
  wait_events host 300 "$(made_by "$OWN")"
  trace_end host
  trace_end pods
  assert_eq "$(count_events host)" 300 "calls of the host"
  assert_eq "$(count_events pods)" 0 "calls of containers"
}

test_no_trace_no_hook() {
  swolld_start --cri off
  ctl trace add waiting -s getppid -l app=none >/dev/null
  assert_ok "the hook is on" hook_is on
  ctl trace rm waiting >/dev/null
  assert_ok "the hook is off" hook_is off
  ctl trace add host -s getppid --host >/dev/null
  assert_ok "a trace of the host waits for nobody" hook_is off
}
hook_is() {
  # The daemon's own: another one may run here.
  local is=off
  ! grep -qE 'tp_name:\s*cgroup_mkdir$' "/proc/$SWOLLD_PID"/fdinfo/* || is=on
  [[ $1 == "$is" ]]
}

containerd_start
swolld_keep --cri "$CRI"
swolld_keep --cri off
run_tests "$@"
