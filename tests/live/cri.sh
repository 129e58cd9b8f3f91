#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The runtime as nodes have it: it restarts while containers run on, it is one of several, it is
# seen below another root.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-cri-$$

# in_container PID COUNT: getppid, that often, in the container of that process and without its
# runtime's help.
in_container() {
  local mount
  mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  (
    echo $BASHPID >"$mount$(sed -n 's/^0:://p' "/proc/$1/cgroup")/cgroup.procs"
    exec nsenter -t "$1" -m -p -- /tools/syscalls getppid "$2" >/dev/null
  )
}

test_containerd_restarts_under_a_trace() {
  swolld_start --cri "$CRI"
  pod_run "$NS" steady --label app=web
  local steady=$CONTAINER_ID pid
  wait_container "$steady"
  pid=$(container_pid "$steady")
  trace_start across -s getppid -l app=web --comm syscalls
  in_container "$pid" 10

  containerd_stop
  retry 30 part_is cri false || fail "a runtime that is gone counts as fine: $(part_state cri)"
  in_container "$pid" 20
  container_is "$steady" '.ref.pod == "steady" and .source == "cri"' ||
    fail "its name is lost: $(ctl containers -o json)"

  containerd_again
  retry 60 part_is cri true || fail "the runtime is not found again: $(part_state cri)"
  in_container "$pid" 30
  pod_run "$NS" fresh --label app=web
  wait_container "$CONTAINER_ID"
  retry 20 trace_is across '(.containers | length) == 2 and .containersEver == 2' ||
    fail "the containers of the trace: $(trace_json across)"
  container_exec "$CONTAINER_ID" /tools/syscalls getppid 5
  trace_end across
  assert_eq "$(count_events across '.container.pod == "steady"')" 60 "events of the pod that ran on"
  assert_eq "$(count_events across '.container.pod == "fresh"')" 5 "events of the new pod"
  assert_eq "$(count_events across '.container.id == $id' --arg id "$steady")" 60 "events with its id"
}

test_one_of_several_is_away() {
  need_containerd
  swolld_start --cri "unix://$T/none.sock,$CRI"
  pod_run "$NS" one
  wait_container "$CONTAINER_ID"
  container_is "$CONTAINER_ID" '.ref.pod == "one"' || fail "$(ctl containers -o json)"
  assert_json "$(status_json)" '[.parts[] | select(.name | startswith("cri ")) | [.name, .ok]]
    == [["cri unix://" + $t + "/none.sock", false], ["cri " + $cri, true]]' \
    --arg t "$T" --arg cri "$CRI"
}

# All of it is read below the other root: in a mount namespace of its own, the daemon has neither
# the host's /proc nor its cgroups nor the socket but there.
test_below_another_root() {
  local root=$TMP/h # the socket's path has TMP twice
  need_containerd
  pod_run "$NS" below
  mkdir "$root"
  # Slaves of one master, so that the two roots do not hear of each other's mounts.
  cat >"$T/apart" <<APART
#!/bin/bash
set -e
mount --rbind / "$root"
mount -t tmpfs none "$CONTAINERD"
exec "$SWOLLD" "\$@"
APART
  cat >"$T/swolld" <<APART
#!/bin/bash
exec unshare --mount --propagation slave "$T/apart" "\$@"
APART
  chmod +x "$T/apart" "$T/swolld"
  SWOLLD=$T/swolld swolld_start --cri "$CRI" --alt-root "$root"
  wait_container "$CONTAINER_ID"
  container_is "$CONTAINER_ID" '.ref.pod == "below" and .source == "cri"' ||
    fail "$(ctl containers -o json)"
  assert_match "$(part_state proc)" "^true $root/proc, cgroup v2 on $root/" "where it looks"
  retry 10 part_is cri true || fail "$(part_state cri)"
}

containerd_start
run_tests "$@"
