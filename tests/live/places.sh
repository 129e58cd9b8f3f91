#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whose call is it, where no runtime says so: the host's processes and its systemd units, those that
# have entered a container's namespaces from elsewhere, and containers that no CRI knows of.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/journald.sh"
source "$LIB/containerd.sh"
source "$LIB/places.sh"

# ---- charged to one, acting in another ----

ACTS_HERE='.acting == {"id": $id, "pod": "here", "name": "actor", "namespace": $ns}'

# is_acting TRACE TAG FILTER [JQ_OPTION]...: its one event acts in HERE.
is_acting() {
  assert_eq "$(count_calls "$1" "$2")" 1 "events of $2 in $1"
  assert_json "$(calls "$1" "$2")" "$ACTS_HERE and ($3)" --arg id "$HERE" --arg ns "$NS" "${SPACES[@]}" "${@:4}"
}

test_entered_from_the_host() {
  places_start
  local pid
  pid=$(container_pid "$HERE")
  follow host text trace tail host
  nsenter -t "$pid" -a /tools/place call all
  nsenter -t "$pid" -m /tools/place call mount
  nsenter -t "$pid" -p "$TOOLS/place" call pid
  nsenter -t "$pid" -u -i "$TOOLS/place" call others
  places_end
  followed text
  is_host all '.pid_ns == $pid and .mount_ns == $mnt'
  is_host mount '.pid_ns != $pid and .mount_ns == $mnt'
  is_host pid '.pid_ns == $pid and .mount_ns != $mnt'
  is_host others 'has("acting") | not' # it is these two that tell who acts
  local tag
  for tag in all mount pid; do is_acting host "$tag" true; done
  assert_eq "$(grep -c "^[0-9:.]* host>actor[.]here[.]$NS place\[" "$T/text.out")" 3 "lines that name both"
  # By its tag: other tests' processes of this name are the host's too.
  assert_eq "$(grep -c '^[0-9:.]* host place\[.*"/swoll/others"' "$T/text.out")" 1 "lines that name the host alone"
}

# let_go JOB...: what holds until it finds these files ends by itself, with its children in namespaces.
let_go() {
  touch "$T/go" "$T/end"
  wait "$@" || true
}

# One that stays there, as a shell of somebody who looks: no scan takes it for a container of its own.
test_stays_in_a_container() {
  places_start
  local pid jobs=() inner
  pid=$(container_pid "$HERE")
  nsenter -t "$pid" -p "$TOOLS/place" hold "$T/go" call stays hold "$T/end" &
  jobs+=($!)
  nsenter -t "$pid" -p "$TOOLS/place" unshare pid hold "$T/go" call nested hold "$T/end" &
  jobs+=($!)
  # Containers that only a scan finds, later; of the first, the host's namespace says nothing of others.
  "$TOOLS/place" join "$CGROUP2/swoll-stays-$$/docker/$(printf %064x $$)" hold "$T/end" &
  jobs+=($!)
  at_exit remove_cgroups "$CGROUP2/swoll-stays-$$"
  "$TOOLS/place" unshare pid hold "$T/end" &
  jobs+=($!)
  at_exit let_go "${jobs[@]}"
  retry 20 pgrep -P "${jobs[3]}" >/dev/null || fail "no child in the namespace"
  retry 20 sees_container "$(printf %064x $$)" || fail "no container in the host's namespace"
  inner=$(pgrep -f "^$TOOLS/place unshare pid hold $T/go" | sort -n | tail -1)
  wait_container "pidns:$(stat -L -c %i "/proc/$(pgrep -P "${jobs[3]}")/ns/pid")"
  for inner in "$(space_of "$HERE" pid)" "$(stat -L -c %i "/proc/$inner/ns/pid")"; do
    ! sees_container "pidns:$inner" || fail "who entered is a container: $(ctl containers -o json)"
  done
  : >"$T/go"
  wait_events host 2 '.args.pathname == "/swoll/stays" or .args.pathname == "/swoll/nested"'
  : >"$T/end"
  wait "${jobs[@]}"
  places_end
  is_acting host stays true
  is_host stays '.pid_ns == $pid and .mount_ns != $mnt'
  is_host nested '.pid_ns != $pid'
}

# In another container's cgroup: that one is charged, and its traces alone have the event.
test_entered_from_a_container() {
  places_start
  local pid cgroup
  pid=$(container_pid "$HERE")
  cgroup=$CGROUP2$(cgroup_of "$OTHER")
  "$TOOLS/place" join "$cgroup" exec nsenter -t "$pid" -a /tools/place call across
  places_end
  is_in across other
  is_acting other across '.container.id == $other and .container.pod == "other"' --arg other "$OTHER"
}

# A pid namespace that two containers share names neither.
test_entered_a_shared_pid_namespace() {
  places_start_own --pid pod
  local second
  second=$(pod_add "$HERE_POD" "$NS" here --label app=here --container second --pid pod)
  wait_container "$second"
  wait_space "$second"
  nsenter -t "$(container_pid "$HERE")" -p "$TOOLS/place" call shared
  nsenter -t "$(container_pid "$HERE")" -p -m /tools/place call told
  places_end
  is_host shared '(has("acting") | not) and .pid_ns == $pid'
  is_acting host told '.pid_ns == $pid'
}

# ---- no CRI ----

# others_start FILTER: waits for a container for which it holds, sets ID, and traces it as "one",
# and the host.
others_start() {
  retry 20 has_container "$1" || fail "no container with $1: $(ctl containers -o json)"
  ID=$(ctl containers -o json | jq -r "map(select($1)) | .[0].ref.id")
  trace_start one -s openat --comm place --container "$ID"
  trace_start host -s openat --comm place --host
}
has_container() { ctl containers -o json | jq -e "any(.[]; $1)" >/dev/null; }

# others_end TAG FILTER: the call was that container's alone.
others_end() {
  traces_end one host
  assert_eq "$(count_calls one "$1")" 1 "events of $1"
  assert_json "$(calls one "$1")" "(has(\"acting\") | not) and .container.id == \$id and ($2)" --arg id "$ID"
  assert_eq "$(count_calls host "$1")" 0 "events of $1 of the host"
}

test_host() {
  places_start
  "$TOOLS/place" call plain
  "$TOOLS/place" unshare mnt unshare uts call unshared
  "$TOOLS/place" orphan call orphan
  places_end
  local tag
  for tag in plain unshared orphan; do is_host "$tag" '(has("acting") | not) and (has("unit") | not)'; done
}

test_bare_namespace() {
  swolld_start
  bare_start w
  others_start ".ref.id == \"pidns:${BARE_PIDNS[w]}\""
  bare_run w "$TOOLS/place" call bare
  bare_run w "$TOOLS/place" unshare mnt call bare-mount
  "$TOOLS/place" call beside # in the mount namespace that the two share
  others_end bare '.container["pid-namespace"] == .pid_ns'
  assert_eq "$(count_calls one bare-mount)" 1 "events from a mount namespace of its own"
  assert_json "$(calls host beside)" 'has("acting") | not'
}

test_runc_run() {
  local name=swoll-runc-$$ bundle=$T/bundle
  [[ -n $(type -P runc) && -n $(type -P busybox) ]] || skip "runc or busybox is missing"
  mkdir -p "$bundle"/rootfs/{bin,proc,tools,work}
  cp "$(type -P busybox)" "$bundle/rootfs/bin/busybox"
  (cd "$bundle" && runc --root "$T/runc" spec)
  jq --arg tools "$TOOLS" --arg work "$T" '.process.terminal = false | del(.process.oomScoreAdj)
    | .process.args = ["/bin/busybox", "sh", "-c",
        "while [ ! -e /work/go ]; do busybox sleep 0.05; done; exec /tools/place call runc hold /work/end"]
    | .process.env = ["PATH=/bin"] | .mounts |= map(select(.type == "proc"))
    | .mounts += [{destination: "/tools", source: $tools, type: "none", options: ["rbind", "ro"]},
                  {destination: "/work", source: $work, type: "none", options: ["rbind"]}]' \
    "$bundle/config.json" >"$bundle/new" && mv "$bundle/new" "$bundle/config.json"
  ln -s busybox "$bundle/rootfs/bin/sh"
  swolld_start
  runc --root "$T/runc" run --bundle "$bundle" "$name" >"$T/runc.log" 2>&1 </dev/null &
  local job=$! pid
  at_exit end_runc "$name"
  retry 30 runc_runs "$name" || fail "runc: $(<"$T/runc.log")"
  pid=$(runc --root "$T/runc" state "$name" | jq .pid)
  others_start ".ref.pid == $pid"
  : >"$T/go"
  wait_events one 1 '.args.pathname == "/swoll/runc"'
  : >"$T/end"
  wait "$job"
  others_end runc ".container.pid == $pid and .container[\"pid-namespace\"] == .pid_ns"
}
runc_runs() { [[ $(runc --root "$T/runc" state "$1" 2>/dev/null | jq -r .status) == running ]]; }
end_runc() { runc --root "$T/runc" delete --force "$1" 2>/dev/null || true; }

test_nspawn() {
  [[ -n $(type -P systemd-nspawn) ]] || skip_optional "systemd-nspawn is missing"
  local root=$T/machine job
  mkdir -p "$root"/{bin,dev,etc,proc,root,run,sys,tmp,usr,var,tools,work}
  cp "$(type -P busybox)" "$root/bin/busybox"
  touch "$root/etc/os-release"
  swolld_start
  systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --as-pid2 --console=pipe \
    --machine="swoll$$" --bind-ro="$TOOLS:/tools" --bind="$T:/work" \
    /tools/place hold /work/go call nspawn hold /work/end </dev/null >"$T/nspawn.log" 2>&1 &
  job=$!
  at_exit end_process "$job"
  retry 20 nspawn_runs "$job" || skip_optional "systemd-nspawn does not run here: $(tail -1 "$T/nspawn.log")"
  local inside
  inside=$(pgrep -f '^/tools/place hold /work/go call nspawn')
  others_start ".ref.pidns == $(stat -L -c %i "/proc/$inside/ns/pid")"
  : >"$T/go"
  wait_events one 1 '.args.pathname == "/swoll/nspawn"'
  : >"$T/end"
  wait "$job"
  others_end nspawn '.container["pid-namespace"] == .pid_ns'
}
nspawn_runs() {
  is_running "$1" || { cat "$T/nspawn.log"; skip_optional "systemd-nspawn has ended: $(tail -1 "$T/nspawn.log")"; }
  pgrep -f '^/tools/place hold /work/go call nspawn' >/dev/null
}

# ---- units ----

# in_unit TAG STEP...: by a process of the unit that was made last.
in_unit() { "$TOOLS/place" join "$UNIT_CGROUP" "${@:2}" call "$1"; }

# of_unit TRACE TAG UNIT: the call's one event is the host's, in that unit.
of_unit() {
  assert_eq "$(count_calls "$1" "$2")" 1 "events of $2 in $1"
  assert_json "$(calls "$1" "$2")" '.unit == $unit and (has("container") or has("acting") | not)' --arg unit "$3"
}

test_units_processes() {
  need_journald
  local name=swoll-test-$$.service
  unit_make "system.slice/$name"
  swolld_start --journal on
  wait_unit "$UNIT"
  trace_start "unit-$$" -s openat --comm place --unit "swoll-test-*"
  trace_start host -s openat --comm place --host
  trace_start all -s openat --comm place
  trace_start else -s openat --comm place --unit "swoll-else-*"
  follow "unit-$$" text trace tail "unit-$$"
  assert_json "$(trace_json "unit-$$")" '.containers == [$id] and .containersEver == 1' --arg id "$UNIT"
  assert_json "$(trace_json host)" '.containers == [] and .containersEver == 0'
  in_unit unit-alone
  in_unit unit-unshared unshare mnt
  "$TOOLS/place" call unit-outside
  trace_end "unit-$$"
  followed text
  traces_end host all else
  of_unit "unit-$$" unit-alone "$name"
  of_unit "unit-$$" unit-unshared "$name"
  of_unit host unit-alone "$name"
  of_unit host unit-unshared "$name"
  assert_eq "$(count_calls "unit-$$" unit-outside)" 0 "events of another process in the unit's trace"
  assert_json "$(calls host unit-outside)" '(has("unit") or has("container")) | not'
  assert_eq "$(events all '.args.pathname | startswith("/swoll/unit-")' | cat - "$T/else.out" | wc -l)" 0 \
    "events in traces of containers and of other units"
  assert_match "$(head -1 "$T/text.out")" "^[0-9:.]+ $name place\\[" "text"
  # One entry an event, however many traces want it.
  journal_has 2 "SWOLL_UNIT=$name" "SWOLL_TRACE=unit-$$" SWOLL_COMM=place
}

# A unit that nobody has seen, of one process which is gone at once.
test_units_first_call() {
  swolld_start
  trace_start host -s openat --comm place --host
  trace_start "unit-$$" -s openat --comm place --unit "swoll-test-$$"
  unit_make "system.slice/swoll-test-$$.service"
  rmdir "$UNIT_CGROUP" # the process makes it
  in_unit first
  wait_events "unit-$$" 1 '.args.pathname == "/swoll/first"'
  remove_cgroups "$UNIT_CGROUP"
  unit_make "system.slice/swoll-else-$$.service"
  in_unit else
  wait_events host 1 '.args.pathname == "/swoll/else"'
  traces_end "unit-$$" host
  of_unit "unit-$$" first "swoll-test-$$.service"
  of_unit host first "swoll-test-$$.service"
  of_unit host else "swoll-else-$$.service"
  assert_eq "$(count_calls "unit-$$" else)" 0 "events of another unit"
}

test_units_are_listed_apart() {
  unit_make "system.slice/swoll-test-$$.service"
  swolld_start
  wait_unit "$UNIT"
  assert_json "$(units_json)" 'any(.[]; .source == "systemd" and .ref.name == $name
    and .cgroupPath == "/system.slice/" + $name and (.cgroupId | tonumber) == $inode)' \
    --arg name "swoll-test-$$.service" --argjson inode "$(stat -c %i "$UNIT_CGROUP")"
  ! has_container '.source == "systemd"' || fail "a unit is listed as a container: $(ctl containers -o json)"
  retry 20 counts_containers || fail "$(status_json) but $(ctl containers -o json)"
  remove_cgroups "$UNIT_CGROUP"
  retry 20 has_no_unit "$UNIT" || fail "a unit that is gone is listed"
}
counts_containers() { [[ $(status_json | jq .containers) == $(ctl containers -o json | jq length) ]]; }
has_no_unit() { ! sees_unit "$1"; }

test_units_names() {
  local ids=("system.slice/system-swoll.slice/swoll@bar-$$.service" "system.slice/swoll\\x2dtest-$$.service"
    "user.slice/user-1000.slice/user@1000.service/app.slice/swoll-test-$$.scope"
    "user.slice/user-1000.slice/user@1000.service/init.scope" "swoll-test-$$.scope") id i=0
  swolld_start
  for id in "${ids[@]}"; do unit_make "$id"; done
  for id in "${ids[@]}"; do wait_unit "$id"; done
  trace_start host -s openat --comm place --host
  trace_start exactly -s openat --comm place --unit "swoll\\x2dtest-$$.service"
  trace_start short -s openat --comm place --unit "swoll@bar-$$"
  trace_start manager -s openat --comm place --unit user@1000.service
  for id in "${ids[@]}"; do
    UNIT_CGROUP=$CGROUP2/$id in_unit "name-$((i++))"
  done
  "$TOOLS/place" join "$CGROUP2/user.slice/user-1000.slice/user@1000.service" call manager
  "$TOOLS/place" join "$CGROUP2/system.slice/system-swoll.slice" call slice
  traces_end host exactly short manager
  for ((i = 0; i < ${#ids[@]}; i++)); do of_unit host "name-$i" "${ids[i]##*/}"; done
  of_unit host manager user@1000.service
  assert_json "$(calls host slice)" '(has("unit") or has("container")) | not' # no unit has processes there
  assert_eq "$(jq -r .payload.unit "$T/exactly.out")" "swoll\\x2dtest-$$.service" "units of the exact name"
  assert_eq "$(jq -r .payload.unit "$T/short.out")" "swoll@bar-$$.service" "units of the name without its kind"
  assert_eq "$(jq -r .payload.unit "$T/manager.out")" user@1000.service "units of the manager, not of what it runs"
}

# What a runtime starts below its own unit is a container; so is a pid namespace there.
test_containers_in_a_unit() {
  local id
  id=$(printf '%064x' $$)
  unit_make "system.slice/swoll-test-$$.service"
  swolld_start
  wait_unit "$UNIT"
  "$TOOLS/place" join "$UNIT_CGROUP/docker/$id" hold "$T/go" call docker hold "$T/end" &
  local docker=$!
  "$TOOLS/place" join "$UNIT_CGROUP" unshare pid hold "$T/go" call namespace hold "$T/end" &
  local space=$!
  at_exit let_go "$docker" "$space"
  wait_container "$id"
  retry 20 pgrep -P "$space" >/dev/null || fail "no child in the namespace"
  space_id=pidns:$(stat -L -c %i "/proc/$(pgrep -P "$space")/ns/pid")
  wait_container "$space_id"
  trace_start all -s openat --comm place
  trace_start host -s openat --comm place --host
  trace_start unit -s openat --comm place --unit "swoll-test-$$.service"
  : >"$T/go"
  wait_events all 2 '.args.pathname == "/swoll/docker" or .args.pathname == "/swoll/namespace"'
  in_unit unit
  : >"$T/end"
  wait "$docker"
  wait "$space"
  local trace
  traces_end all host unit
  assert_json "$(calls all docker)" '.container.id == $id and (has("unit") | not)' --arg id "$id"
  assert_json "$(calls all namespace)" '.container.id == $id and (has("unit") | not)' --arg id "$space_id"
  of_unit unit unit "swoll-test-$$.service"
  of_unit host unit "swoll-test-$$.service"
  for trace in host unit; do
    assert_eq "$(count_calls "$trace" docker)$(count_calls "$trace" namespace)" 00 "events of containers in $trace"
  done
}

# systemd makes the cgroup anew, and the kernel may give it any inode number.
test_unit_that_restarts() {
  unit_make "system.slice/swoll-test-$$.service"
  swolld_start
  wait_unit "$UNIT"
  trace_start unit -s openat --comm place --unit "swoll-test-$$"
  in_unit before
  remove_cgroups "$UNIT_CGROUP"
  retry 20 has_no_unit "$UNIT" || fail "a unit that is gone is listed"
  unit_make "$UNIT"
  wait_unit "$UNIT"
  assert_json "$(trace_json unit)" '.containersEver == 2'
  in_unit after
  trace_end unit
  of_unit unit before "swoll-test-$$.service"
  of_unit unit after "swoll-test-$$.service"
}

# Selectors choose among containers: the host stays whole.
test_node_selectors_hide_no_unit() {
  printf '[observer]\nlabel-selector = app=nobody\nnamespace = nowhere\n' >"$T/swolld.conf"
  unit_make "system.slice/swoll-test-$$.service"
  swolld_start
  wait_unit "$UNIT"
  trace_start host -s openat --comm place --host
  in_unit still
  trace_end host
  of_unit host still "swoll-test-$$.service"
}

# From a unit into a container: the unit's process, and what it acts in.
test_entered_from_a_unit() {
  unit_make "system.slice/swoll-test-$$.service"
  places_start
  wait_unit "$UNIT"
  trace_start unit -s openat --comm place --unit "swoll-test-$$"
  follow unit text trace tail unit
  "$TOOLS/place" join "$UNIT_CGROUP" exec nsenter -t "$(container_pid "$HERE")" -a /tools/place call ssh
  trace_end unit
  followed text
  places_end
  is_host ssh true
  local trace
  for trace in unit host; do is_acting "$trace" ssh '.unit == $unit' --arg unit "swoll-test-$$.service"; done
  assert_match "$(<"$T/text.out")" "^[0-9:.]+ swoll-test-$$.service>actor.here.$NS place\\["
}

test_refuses_what_has_no_sense() {
  swolld_start
  local options
  for options in "--pod x" "-l app=x" "-n x" "--container x" "--pidns 5" "--field-selector metadata.name=x"; do
    # shellcheck disable=SC2086
    run 1 ctl trace add bad -s openat --unit x $options
    assert_match "$ERR" "^swollctl: a unit is in no container: leave out selectors of containers" "$options"
  done
  run 1 ctl trace add bad -s openat --unit x --host
  assert_match "$ERR" "^swollctl: the host's processes are those of all units: leave out host or unit"
  ctl trace add none -s openat --unit "swoll-none-$$"
  assert_match "$(ctl trace show none)" "unit: +swoll-none-$$" "what trace show says"
  assert_json "$(status_json)" '.rules == 0'
}

journald_start
containerd_start
swolld_keep
swolld_keep --cri "$CRI"
places_keep
run_tests "$@"
