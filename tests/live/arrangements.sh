#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whose call is it? In every arrangement of processes, namespaces and cgroups that nodes have, a
# known call of a container comes with that container's names, and to its traces alone. (What is in
# no container: places.sh.)
# sanitized: no, whose a call is, is found as in places.sh
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"
source "$LIB/places.sh"

# ---- pods ----

test_pod() {
  places_start
  container_exec "$HERE" /tools/place call pod
  places_end
  is_here pod "$AS_FIRST"
}

test_exec() {
  places_start
  container_exec "$HERE" /bin/sh -c '/tools/place call exec; /bin/true'
  places_end
  is_here exec "$AS_FIRST"
}

# How the host numbers a thread of a container, which counts from 1 itself.
test_thread_and_numbers() {
  places_start
  container_exec "$HERE" /tools/place thread call numbers hold /work/go &
  local job=$!
  wait_events here 1 '.args.pathname == "/swoll/numbers"'
  local event
  event=$(events here '.args.pathname == "/swoll/numbers"')
  assert_json "$event" '.tid != .pid'
  local pid tid
  read -r pid tid <<<"$(jq -r '"\(.pid) \(.tid)"' <<<"$event")"
  assert_eq "$(tr '\0' ' ' <"/proc/$pid/task/$tid/cmdline")" \
    "/tools/place thread call numbers hold /work/go " "what the host has under these numbers"
  : >"$WORK/go"
  wait "$job"
  places_end
  is_here numbers "$AS_FIRST"
}

# two_containers [--pid pod]: in one pod, each is known for its own calls; sets SECOND.
two_containers() {
  places_start_own "$@"
  SECOND=$(pod_add "$HERE_POD" "$NS" here --label app=here --container second "$@")
  wait_container "$SECOND"
  container_exec "$HERE" /tools/place call first
  container_exec "$SECOND" /tools/place call second
  places_end
  is_here first "$AS_FIRST"
  is_by second here "$SECOND" here second 'true'
}

test_two_containers_of_a_pod() { two_containers; }

# Both see each other's processes; the pid namespace tells them apart no more.
test_shared_process_namespace() {
  two_containers --pid pod
  assert_eq "$(space_of "$SECOND" pid)" "$(space_of "$HERE" pid)" "pid namespaces of the two"
}

test_host_pid_pod() {
  places_start_own --pid node
  assert_eq "$(space_of "$HERE" pid)" "$(stat -L -c %i /proc/self/ns/pid)" "its pid namespace"
  container_exec "$HERE" /tools/place call hostpid
  places_end
  is_here hostpid "$AS_FIRST"
}

# Every pod of these tests uses the host's network: it says nothing of whose a process is.
test_host_network() {
  places_start
  assert_eq "$(space_of "$HERE" net)" "$(stat -L -c %i /proc/self/ns/net)" "its network namespace"
  container_exec "$HERE" /tools/place call hostnet
  "$TOOLS/place" call nohostnet
  places_end
  is_here hostnet "$AS_FIRST"
  is_host nohostnet 'has("acting") | not'
}

# ---- cgroups and namespaces of a container's own ----

test_own_cgroups() {
  places_start_own --mount "$CGROUP2:/cgroup"
  local own
  own=$(cgroup_of "$HERE")
  at_exit remove_cgroups "$CGROUP2$own"
  at_exit pod_rm "$HERE_POD" # before that
  container_exec "$HERE" /tools/place join "/cgroup$own/mine" call inside
  container_exec "$HERE" /tools/place join "/cgroup$own/mine/deeper/and/deeper" fork call deeper
  # As systemd does in a container: its own units are none of the host's.
  container_exec "$HERE" /tools/place join "/cgroup$own/init.scope" call init
  container_exec "$HERE" /tools/place join "/cgroup$own/system.slice/x.service" fork call unit
  # From outside, by a process that has nothing else of the container.
  "$TOOLS/place" join "$CGROUP2$own/outside" call outside
  wait_no_unit "${own#/}/system.slice/x.service"
  places_end
  local tag
  for tag in inside deeper init unit; do is_here "$tag" "$AS_FIRST"; done
  is_here outside '(has("acting") | not) and .mount_ns != $mnt'
}

test_own_namespaces() {
  places_start
  local user=(/tools/place unshare user)
  container_exec "$HERE" "${user[@]}" unshare mnt unshare net unshare uts unshare ipc call unshared
  container_exec "$HERE" "${user[@]}" unshare pid call nested unshare pid call twice
  places_end
  # Nobody knows these namespaces: that is said by their numbers alone.
  is_here unshared '(has("acting") | not) and .mount_ns != $mnt and .uts_ns != $uts
    and .net_ns != $net and .ipc_ns != $ipc and .user_ns != $user and .pid_ns == $pid'
  is_here nested '(has("acting") | not) and .pid_ns != $pid and .mount_ns == $mnt'
  is_here twice '(has("acting") | not) and .pid_ns != $pid and .mount_ns == $mnt'
  assert_eq "$(events here '.args.pathname == "/swoll/nested" or .args.pathname == "/swoll/twice"' |
    jq .pid_ns | sort -u | wc -l)" 2 "pid namespaces of the two"
}

test_reparented() {
  places_start
  container_exec "$HERE" /tools/place orphan call orphan
  places_end
  is_here orphan "$AS_FIRST"
}

# ---- ends ----

# The last breath of a container: its first process ends as soon as its child has made the call.
test_child_of_the_last_moment() {
  places_start
  pod_run_command "$NS" short --label app=here --container brief --mount "$T:/work" -- \
    /bin/sh -c 'while [ ! -e /work/go ]; do sleep 0.05; done; exec /tools/place leave call last hold /never'
  local brief=$CONTAINER_ID
  wait_container "$brief"
  : >"$T/go"
  retry 30 is_gone "$brief" || fail "the container does not end"
  places_end
  is_by last here "$brief" short brief 'has("acting") | not'
}

# The same in the host's pid namespace, where the end of the first process ends no other.
test_child_that_outlives_its_container() {
  places_start
  pod_run_command "$NS" short --label app=here --container brief --pid node --mount "$T:/work" -- \
    /bin/sh -c 'while [ ! -e /work/go ]; do sleep 0.05; done; exec /tools/place leave call outlives hold /never'
  local brief=$CONTAINER_ID
  wait_container "$brief"
  : >"$T/go"
  wait_events here 1 '.args.pathname == "/swoll/outlives"'
  pod_rm "$POD_ID"
  retry 30 is_gone "$brief" || fail "the container does not end"
  places_end
  is_by outlives here "$brief" short brief 'has("acting") | not'
}

# The daemon comes to the event when nothing is left of its container.
test_late_event() {
  places_start_own
  kill -STOP "$SWOLLD_PID"
  container_exec "$HERE" /tools/place call late
  local pid
  pid=$(container_pid "$HERE")
  pod_rm "$HERE_POD"
  retry 30 has_ended "$pid" || fail "the container does not end"
  kill -CONT "$SWOLLD_PID"
  retry 30 is_gone "$HERE" || fail "a container that has ended is listed"
  places_end
  is_here late "$AS_FIRST"
}

# Hidden ones are neither traced nor taken for the host, and named by nobody.
test_hidden_container() {
  places_start
  pod_run "$NS" secret --label app=here --label noSwoll=true
  local secret=$CONTAINER_ID pid
  pid=$(container_pid "$secret")
  trace_start all -s openat --comm place
  places_settle
  container_exec "$secret" /tools/place call secret
  container_exec "$secret" /tools/place unshare user unshare pid call nested
  nsenter -t "$pid" -a /tools/place call entered
  container_exec "$HERE" /tools/place call seen
  trace_end all
  places_end
  local trace tag
  for trace in here other host all; do
    for tag in secret nested; do
      assert_eq "$(count_calls "$trace" "$tag")" 0 "events of the hidden container in $trace"
    done
  done
  assert_eq "$(count_calls all seen)" 1 "events of the other in the trace of all"
  is_here seen "$AS_FIRST"
  is_host entered 'has("acting") | not'
}

containerd_start
swolld_keep --cri "$CRI"
places_keep
run_tests "$@"
