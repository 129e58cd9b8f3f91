#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# However many cgroups lie between a container and its process, the call is the container's; and a
# container that lies deeper than the kernel's programs look is told of.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/places.sh"

DEPTHS=(1 31 32 33 61 62 63 64 100) # below the container, which is itself 1 below the root

# steps N: "/c" so often.
steps() { printf '/c%.0s' $(seq "$1"); }

# container_at PATH: makes the cgroup of a container below it, with a process that stays; sets ID and
# DIR.
container_at() {
  [[ -n $CGROUP2 ]] || skip "no cgroup v2 is mounted"
  ID=$(sha256sum <<<"depth $$ $1" | cut -d' ' -f1)
  DIR=$CGROUP2$1/$ID
  local top=$CGROUP2/$(cut -d/ -f2 <<<"$1/$ID")
  [[ -d $top ]] || at_exit remove_cgroups "$top"
  mkdir -p "$DIR"
  bare_start "${2-w}"
  echo "${BARE_PID[${2-w}]}" >"$DIR/cgroup.procs"
}

# calls_below TRACE: 300 of each depth, and all of the container.
calls_below() {
  assert_eq "$(events "$1" '.container.id == $id' --arg id "$ID" | jq -r .comm | sort | uniq -c | awk '{ print $2, $1 }')" \
    "$(printf 'd%d 300\n' "${DEPTHS[@]}" | sort)" "calls of the container, by depth"
  assert_eq "$(count_events "$1" '.container.id != $id' --arg id "$ID")" 0 "calls of others"
}

# A tool that is named after the depth, so that its events tell.
tool_for() { ln -sf "$TOOLS/syscalls" "$T/d$1" && echo "$T/d$1"; }

test_below_a_known_container() {
  local depth
  container_at ""
  mkdir -p "$DIR$(steps 100)"
  swolld_start
  wait_container "$ID"
  trace_start one -s getppid --container "$ID"
  trace_start host -s getppid --host --comm 'd*'
  for depth in "${DEPTHS[@]}"; do
    bare_run w "$(tool_for "$depth")" moves 1 "$DIR$(steps "$depth")/cgroup.procs" 300
  done
  trace_end one
  trace_end host
  calls_below one
  assert_eq "$(count_events host)" 0 "calls of the host"
}

# Where nobody wants the container, its name keeps its calls from traces of the host.
test_below_a_container_that_is_not_wanted() {
  local depth
  container_at ""
  mkdir -p "$DIR$(steps 100)"
  swolld_start
  wait_container "$ID"
  trace_start host -s getppid --host --comm 'd*'
  for depth in "${DEPTHS[@]}"; do
    "$(tool_for "$depth")" moves 1 "$DIR$(steps "$depth")/cgroup.procs" 300 "$CGROUP2/cgroup.procs" 1
  done
  trace_end host
  assert_eq "$(count_events host '.container')" 0 "calls of the container in the host's trace"
  assert_eq "$(count_events host)" "${#DEPTHS[@]}" "calls of the host"
}

# Of a container that nobody could name before: each cgroup below it is new as well.
test_below_a_new_container() {
  local depth path
  [[ -n $CGROUP2 ]] || skip "no cgroup v2 is mounted"
  ID=$(sha256sum <<<"depth $$ new" | cut -d' ' -f1)
  DIR=$CGROUP2/$ID
  at_exit remove_cgroups "$DIR"
  swolld_start
  trace_start one -s getppid --comm 'd*'
  for depth in "${DEPTHS[@]}"; do tool_for "$depth"; done >/dev/null
  # All of it is made at once, by processes that are in there, before anybody can name it.
  sh -c 'mkdir "$0"; echo 0 >"$0/cgroup.procs"; at=$0 was=0
    for depth in "$@"; do
      while [ "$was" -lt "$depth" ]; do at=$at/c was=$((was + 1)); mkdir "$at"; done
      "$T/d$depth" moves 1 "$at/cgroup.procs" 300
    done' "$DIR" "${DEPTHS[@]}"
  retry 60 has_events one $((300 * ${#DEPTHS[@]})) ".container.id == \"$ID\"" || true
  trace_end one
  calls_below one
  assert_eq "$(loss cgroupsTooDeep)" 0 "cgroups that lie too deep"
}
export T

is_told() { status_json | jq -e 'any(.losses[]; .name == "cgroupsTooDeep" and .value > 0)' >/dev/null; }

# 64 levels are looked at. A container further down is its pid namespace's, or nobody's; that there is
# one is told.
test_container_that_lies_too_deep() {
  container_at "/swoll-depth-$$$(steps 61)" near # 63 below the root
  local near=$ID near_dir=$DIR
  swolld_start
  wait_container "$near"
  trace_start one -s getppid --container "$near"
  bare_run near "$TOOLS/syscalls" moves 1 "$near_dir/cgroup.procs" 300
  trace_end one
  assert_eq "$(count_events one)" 300 "calls of the deepest that is seen"
  assert_eq "$(loss cgroupsTooDeep)" 0 "cgroups that lie too deep"
  container_at "/swoll-depth-$$$(steps 62)" far
  wait_container "$ID"
  trace_start far -s getppid --container "$ID"
  retry 20 is_told || fail "nothing tells of it: $(status_json)"
  trace_end far
}

test_new_container_that_lies_too_deep() {
  local top=/swoll-depth-$$$(steps 62)
  [[ -n $CGROUP2 ]] || skip "no cgroup v2 is mounted"
  at_exit remove_cgroups "$CGROUP2/swoll-depth-$$"
  mkdir -p "$CGROUP2$top"
  swolld_start
  trace_start all -s getppid --comm 'd*'
  mkdir "$CGROUP2$top/$(sha256sum <<<"depth $$ late" | cut -d' ' -f1)"
  retry 20 is_told || fail "nothing tells of it: $(status_json)"
  trace_end all
}

run_tests "$@"
