# SPDX-License-Identifier: Apache-2.0
# Sourced by tests of whose a call is: two pods, a trace of each and one of the host, and what must
# hold for the one event of a tagged call (tests/tools/place.c).

PLACES=swoll-place-$$ # a namespace
NS=$PLACES            # that of HERE

# Pods that a script's tests share. OTHER must never be meant.
places_keep() {
  [[ -z ${NO_CONTAINERD-} ]] || return 0
  pod_run "$NS" other --label app=other
  OTHER=$CONTAINER_ID
  KEPT_WORK=$TMP/work
  mkdir "$KEPT_WORK"
  here_run "$KEPT_WORK"
  KEPT_HERE="$HERE $HERE_POD"
}
here_run() { # WORK [CRI_POD_OPTION]...
  pod_run "$NS" here --label app=here --container actor --mount "$1:/work" "${@:2}"
  HERE=$CONTAINER_ID HERE_POD=$POD_ID WORK=$1
}

# places_start: HERE is the container "actor" in the pod "here", with $WORK in /work: the script's, which
# is to stay as it is.
places_start() {
  need_containerd
  read -r HERE HERE_POD <<<"$KEPT_HERE"
  WORK=$KEPT_WORK
  rm -f "$WORK"/*
  places_begin
}
# places_start_own [CRI_POD_OPTION]...: likewise, in a pod HERE_POD of the test's own.
places_start_own() {
  need_containerd
  NS=$PLACES-own
  here_run "$T" "$@"
  places_begin "$@"
}
# A trace of each of the two, and one of the host.
places_begin() {
  swolld_start --cri "$CRI"
  wait_container "$OTHER"
  wait_container "$HERE"
  note_spaces
  [[ " $* " == *" --pid node "* ]] || wait_space "$HERE"
  trace_start here -s openat --comm place -l app=here -n "$NS"
  trace_start other -s openat --comm place -l app=other -n "$PLACES"
  trace_start host -s openat --comm place --host
}
places_end() { traces_end here other host; }

# places_settle: a container that swolld does not list is known to it when one is that came later.
places_settle() {
  pod_run "$NS" marker --label app=marker
  wait_container "$CONTAINER_ID"
}

# space_of CONTAINER KIND: the number of its first process's namespace.
space_of() { stat -L -c %i "/proc/$(container_pid "$1")/ns/$2"; }
cgroup_of() { sed -n 's/^0:://p' "/proc/$(container_pid "$1")/cgroup"; }

# wait_space CONTAINER: until its pid namespace is known, which may come after its names, and tells who
# acts in it.
wait_space() {
  retry 60 container_is "$1" ".ref.pidns == $(space_of "$1" pid)" || fail "no pid namespace of $1: $(ctl containers -o json)"
}

# The namespaces of HERE, for filters as $pid, $mnt and so on: they are gone when it has ended.
note_spaces() {
  local kind kinds=(pid mnt uts net ipc user) numbers
  mapfile -t numbers < <(cd "/proc/$(container_pid "$HERE")/ns" && stat -L -c %i "${kinds[@]}")
  SPACES=()
  for kind in "${!kinds[@]}"; do SPACES+=(--argjson "${kinds[kind]}" "${numbers[kind]}"); done
}
AS_FIRST='(has("acting") | not) and .pid_ns == $pid and .mount_ns == $mnt and .uts_ns == $uts
  and .net_ns == $net and .ipc_ns == $ipc and .user_ns == $user'

calls() { events "$1" '.args.pathname == "/swoll/" + $tag' --arg tag "$2"; }
count_calls() { calls "$@" | wc -l; }

# is_in TAG TRACE: the call has one event, in no trace but that.
is_in() {
  assert_eq "$(cd "$T" && jq -r --arg tag "$1" 'select(.payload.args.pathname == "/swoll/" + $tag)
    | input_filename' here.out other.out host.out)" "$2.out" "files of the traces that have $1"
}
# is_by TAG TRACE ID POD NAME FILTER: the one event of the call, in TRACE alone, is that container's,
# with all its names, and FILTER holds.
is_by() {
  is_in "$1" "$2"
  assert_json "$(calls "$2" "$1")" ".container.id == \$id and .container.pod == \$pod_name
    and .container.name == \$name and .container.namespace == \$ns and .container.labels.app == \"here\"
    and .container.labels[\"io.kubernetes.pod.name\"] == \$pod_name and (has(\"unit\") | not)
    and .error == \"ENOENT\" and .comm == \"place\" and .pid > 0 and ($6)" \
    --arg id "$3" --arg pod_name "$4" --arg name "$5" --arg ns "$NS" "${SPACES[@]}"
}
is_here() { is_by "$1" here "$HERE" here actor "$2"; }
# is_host TAG FILTER: charged to no container.
is_host() {
  is_in "$1" host
  assert_json "$(calls host "$1")" "(has(\"container\") | not) and ($2)" "${SPACES[@]}"
}

# pod_add POD_ID NAMESPACE NAME [CRI_POD_OPTION]...: prints the id of one more container in the pod.
pod_add() {
  local pod=$1 namespace=$2 name=$3
  shift 3
  cri_pod add "$pod" --namespace "$namespace" --name "$name" --image "$IMAGE" \
    --mount "$TOOLS:/tools" "$@" -- /bin/sleep 1000000
}
# pod_run_command NAMESPACE NAME [CRI_POD_OPTION]... -- COMMAND...: like pod_run, with that command.
pod_run_command() {
  local namespace=$1 name=$2 ids
  shift 2
  need_containerd
  ids=$(cri_pod run --namespace "$namespace" --name "$name" --image "$IMAGE" \
    --mount "$TOOLS:/tools" "$@")
  read -r POD_ID CONTAINER_ID <<<"$ids"
  at_exit pod_rm "$POD_ID"
}
is_gone() { ! sees_container "$1"; }

# ---- cgroups of a test's own ----

# remove_cgroups DIRECTORY: with all below it, where processes may just be ending.
remove_cgroups() {
  [[ ! -d $1 ]] || retry 20 rmdir_tree "$1" || { echo "cgroups are left: $1"; return 1; }
}
rmdir_tree() { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null; [[ ! -d $1 ]]; }

units_json() { ctl containers --units -o json; }
sees_unit() { units_json | jq -e --arg id "$1" 'any(.[]; .source == "systemd" and .ref.id == $id)' >/dev/null; }
wait_unit() { retry 60 sees_unit "$1" || fail "no unit $1: $(units_json | jq -c 'map(.ref.id)')"; }
# wait_no_unit ID: it is not taken for one although a unit that came later is known.
wait_no_unit() {
  unit_make "system.slice/swoll-after-$$-$RANDOM.service"
  wait_unit "$UNIT"
  ! sees_unit "$1" || fail "a container's cgroup counts as a unit: $1"
}
# unit_make ID: a cgroup as systemd would make it; sets UNIT and its directory UNIT_CGROUP.
unit_make() {
  UNIT=$1 UNIT_CGROUP=$CGROUP2/$1
  local at=$CGROUP2 part
  while IFS= read -r -d/ part; do
    at+=/$part
    [[ -d $at ]] || { mkdir "$at" && at_exit remove_if_empty "$at"; }
  done <<<"$1/"
  at_exit remove_cgroups "$UNIT_CGROUP"
}
