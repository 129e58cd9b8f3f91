# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that need real pods: a containerd of the test's own, its CRI, and pods in it.
#
# Everything is private and lies below TMP, so that the host's containerd, if there is one, and a
# test that runs beside this one are not touched. Two things can't be moved: shims keep their
# sockets in /run/containerd/s, and containers their cgroups in /k8s.io; both are named by unique
# ids and go with their pods.

source "$(dirname "${BASH_SOURCE[0]}")/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

IMAGE=localhost/swoll-test:1
SANDBOX_IMAGE=localhost/swoll-pause:1
CONTAINERD=$TMP/c
CRI=unix://$CONTAINERD/sock # the address for `swolld --cri`

containerd_start() {
  local part
  for part in containerd runc ctr busybox "$TOOLS/cri-pod"; do
    [[ -n $(type -P "$part") ]] || { NO_CONTAINERD="$part is missing"; return 0; }
  done
  mkdir -p "$CONTAINERD"
  containerd_config >"$CONTAINERD/config.toml"
  shared_enter containerd shared_folders_first shared_folders_last
  containerd_again
  at_exit containerd_clean
  make_image "$CONTAINERD/image.tar" "$IMAGE" "$SANDBOX_IMAGE"
  if ! retry 30 cri_pod version >/dev/null 2>&1; then
    NO_CONTAINERD="containerd does not answer: $(tail -1 "$CONTAINERD/log")"
    return 0
  fi
  run_ctr images import --snapshotter native "$CONTAINERD/image.tar" >>"$CONTAINERD/log"
}

# containerd_again: starts it; whichever shell does, it ends with the script's.
containerd_again() {
  setsid env --default-signal=INT,QUIT containerd --config "$CONTAINERD/config.toml" \
    >>"$CONTAINERD/log" 2>&1 </dev/null &
  echo $! >"$CONTAINERD/pid"
}

# containerd_stop: ends it alone; shims and containers run on.
containerd_stop() { end_process "$(<"$CONTAINERD/pid")"; }

# What can't be moved below TMP stays behind, empty: removed at the end if it was not there before.
# (A k8s.io in the directory of a cgroup v2 mount, or in each controller's of v1.)
shared_folders_first() {
  local dir
  for dir in /run/containerd /run/containerd/s /sys/fs/cgroup/k8s.io \
    $(printf '%sk8s.io ' /sys/fs/cgroup/*/); do
    [[ -d $dir ]] || echo "$dir"
  done >"$SHARED/containerd/made"
}
shared_folders_last() {
  tac "$SHARED/containerd/made" | while read -r dir; do remove_if_empty "$dir"; done
}

remove_if_empty() { rmdir "$1" 2>/dev/null || true; }

# For a test that uses containerd before its first pod; NO_CONTAINERD says why there is none.
need_containerd() { [[ -z ${NO_CONTAINERD-} ]] || skip "$NO_CONTAINERD"; }

# - restrict_oom_score_adj: a root without CAP_SYS_RESOURCE can't lower its oom_score_adj.
# - native snapshots: overlayfs can't be stacked on itself, where the tests run in a container.
# - the cni and opt plugins would make directories in /etc and /opt.
containerd_config() {
  cat <<CONFIG
version = 2
root = "$CONTAINERD/root"
state = "$CONTAINERD/state"
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "$CONTAINERD/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$CONTAINERD/opt"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "$SANDBOX_IMAGE"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CONTAINERD/cni"
    conf_dir = "$CONTAINERD/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "$CONTAINERD/runc"
CONFIG
}

# Pods are removed by those who ran them. What a failed test left is removed here, while containerd
# still runs; then it ends, and with it what it has mounted goes.
containerd_clean() {
  local pod
  for pod in "$CONTAINERD"/state/io.containerd.grpc.v1.cri/sandboxes/*; do
    [[ ! -d $pod ]] || cri_pod rm "${pod##*/}" || true
  done
  containerd_stop
  containerd_end_shims
  awk -v under="$CONTAINERD/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | tac |
    while read -r mount; do umount -l "$mount"; done
}

# A shim outlives its containerd by design; ours are those that were given our address.
containerd_end_shims() {
  local pid
  for pid in $(pgrep -f -- "shim.* -address $CONTAINERD/sock( |\$)" || true); do
    echo "a shim was left: $pid"
    kill -KILL "$pid" || true
  done
}

run_ctr() { ctr --address "$CONTAINERD/sock" --namespace k8s.io "$@"; }
cri_pod() { "$TOOLS/cri-pod" --socket "$CRI" "$@"; }

# ---- pods ----

# pod_run NAMESPACE NAME [CRI_POD_OPTION]...: starts a pod whose container sleeps, with the test
# tools in /tools. Sets POD_ID and CONTAINER_ID. It goes with the shell that ran it.
pod_run() {
  local namespace=$1 name=$2 ids
  shift 2
  need_containerd
  ids=$(cri_pod run --namespace "$namespace" --name "$name" --image "$IMAGE" \
    --mount "$TOOLS:/tools" "$@" -- /bin/sleep 1000000)
  read -r POD_ID CONTAINER_ID <<<"$ids"
  at_exit pod_rm "$POD_ID"
}

# pod_rm POD_ID: of a pod that is gone already, too.
pod_rm() { [[ ! -d $CONTAINERD/state/io.containerd.grpc.v1.cri/sandboxes/$1 ]] || cri_pod rm "$1"; }

# container_exec ID COMMAND...: runs it in the container, as `kubectl exec` does.
container_exec() {
  local id=$1
  shift
  run_ctr task exec --fifo-dir "$CONTAINERD/fifo" --exec-id "x$BASHPID-$RANDOM" "$id" "$@"
}

# container_pid ID: its first process, as this host numbers it and the shim has noted; nothing once it
# is removed.
container_pid() { cat "$CONTAINERD/state/io.containerd.runtime.v2.task/k8s.io/$1/init.pid" 2>/dev/null || true; }
