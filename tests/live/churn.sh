#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pods by the dozen that live for a moment each, under one trace of their label: each is seen from
# its entrypoint on, exactly and under its own name, and nothing of them is left when they are gone.
#
# PODS is how many, WAVE how many at a time; what each leaves shows in one as in hundreds. A runtime has
# 3 s to name what it starts (LATE, in ms), and a wave of twice as many takes it as long on a machine that
# does nothing else. Where starting a pod took that long, its first calls may be missing, and are counted;
# of no other.
# alone: it takes all processors, and a runtime that has none names late
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

ASAN=0
! grep -q __asan_init "$SWOLLD" || ASAN=1
NS=swoll-churn-$$
PODS=${PODS:-$((ASAN ? 30 : 50))}
WAVE=${WAVE:-10}
LATE=3000
CALLS=25

# one_pod N: prints N, its pod, its container, and how many ms that took; it has ended when the pod is
# removed, or is ended by that.
one_pod() {
  local ids began=${EPOCHREALTIME/[.,]/}
  ids=$(cri_pod run --namespace "$NS" --name "pod-$1" --image "$IMAGE" --label "app=churn" \
    --label "number=$1" --mount "$TOOLS:/tools" -- /tools/syscalls getppid "$CALLS")
  echo "$1 $ids $(((${EPOCHREALTIME/[.,]/} - began) / 1000))"
}

# wave FIRST COUNT: as many pods side by side, made and removed. Appends the lines of one_pod to pods.
wave() {
  local n jobs=()
  for ((n = $1; n < $1 + $2; n++)); do
    one_pod "$n" >"$T/pod.$n" &
    jobs+=("$!")
  done
  for n in "${jobs[@]}"; do wait "$n" || fail "a pod does not start"; done
  cat "$T"/pod.* >>"$T/pods"
  retry 60 seen_to "$(($1 + $2))" || fail "calls of $1 to $(($1 + $2 - 1)) are missing: $(calls_seen)"
  # shellcheck disable=SC2046
  cri_pod rm $(cut -d' ' -f2 "$T"/pod.*) >/dev/null
  rm -f "$T"/pod.*
}
calls_seen() { grep -c '"name":"sys_getppid".*"comm":"syscalls"\|"comm":"syscalls".*"name":"sys_getppid"' "$T/churn.out" || true; }
seen_to() { (($(calls_seen) >= ($1 - 1 - $(slow_pods)) * CALLS)); }
slow_pods() { awk -v late="$LATE" '$4 >= late { n++ } END { print n + 0 }' "$T/pods"; }

# What must be as it was: of the daemon's own account, its maps, descriptors and memory.
rules() { status_json | jq .rules; }
scopes() { # entries of its maps of scopes
  local name total=0 n
  for name in cgroups pid_namespaces; do
    n=$(map_entries "$name")
    total=$((total + n))
  done
  echo "$total"
}
map_entries() {
  local id
  id=$(map_id "$1")
  [[ -n $id ]] || fail "the daemon has no map $1"
  bpftool map dump id "$id" -j | jq length
}
# The daemon's own, by its descriptors: this machine may have maps of the same name.
map_id() {
  local id
  for id in $(awk '/^map_id/ { print $2 }' "/proc/$SWOLLD_PID"/fdinfo/* 2>/dev/null); do
    [[ $(bpftool map show id "$id" -j | jq -r .name) != "$1" ]] || { echo "$id"; return; }
  done
}
newcomers_open() {
  bpftool map dump id "$(map_id probe.bss)" -j | grep -o '"newcomer_count": *[0-9]*' | grep -o '[0-9]*$' | sed -n 1p
}
no_newcomer_open() { [[ $(newcomers_open) == 0 ]]; }
descriptors() { ls "/proc/$SWOLLD_PID/fd" | wc -l; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$SWOLLD_PID/status"; }

is_back() { [[ $("$1") -le $2 ]]; }

test_pods_come_and_go() {
  swolld_start --cri "$CRI"
  need_containerd
  trace_start churn -s execve,getppid -l app=churn -n "$NS"
  pod_run "$NS" stays --label app=other
  ctl trace add stays -s getppid -l app=other -n "$NS" >/dev/null
  retry 20 trace_is stays '.containers | length == 1' || fail "the pod that stays is not known"
  (($(scopes) >= 1)) || fail "a container has no scope"
  wave 1 "$WAVE" # what it takes once and for all, it has taken then
  retry 30 nothing_there || fail "pods are left: $(trace_json churn)"
  local before_rules before_scopes before_fds before_memory n
  before_rules=$(rules) before_scopes=$(scopes) before_fds=$(descriptors) before_memory=$(memory)
  for ((n = WAVE + 1; n <= PODS; n += WAVE)); do wave "$n" "$WAVE"; done
  retry 30 nothing_there || fail "pods are left: $(trace_json churn)"

  # Newcomers that are no containers are sorted out within seconds.
  retry 20 is_back rules "$before_rules" || fail "rules: $(rules), before $before_rules"
  retry 20 is_back scopes "$before_scopes" || fail "scopes: $(scopes), before $before_scopes"
  retry 20 is_back descriptors "$before_fds" ||
    fail "descriptors: $(descriptors), before $before_fds: $(ls -l "/proc/$SWOLLD_PID/fd")"
  retry 20 no_newcomer_open || fail "newcomers that the kernel waits for: $(newcomers_open)"
  # 16 MiB for the account of containers that are gone, which is bounded, and for the allocator's.
  ((ASAN)) || retry 20 is_back memory $((before_memory + 16384)) || fail "memory: $(memory) KiB, before $before_memory"
  echo "memory: $before_memory KiB after the first wave, $(memory) KiB at the end"

  local made
  made=$(wc -l <"$T/pods")
  trace_end churn
  assert_json "$LEDGER" '.matched == .delivered'
  assert_eq "$(wc -l <"$T/churn.out")" "$(jq .delivered <<<"$LEDGER")" "events of the stream"
  # A line a container, of what was seen and of what there was: id, pod, number, entrypoints, calls.
  jq -r 'select(.payload) | .payload | [.container.id, .container.pod, .container.labels.number,
      (.syscall.name == "sys_execve" and .args.filename == "/tools/syscalls" and .return == 0),
      (.syscall.name == "sys_getppid" and .comm == "syscalls")] | @tsv' "$T/churn.out" |
    awk '{ k = $1 " " $2 " " $3; e[k] += $4 == "true"; c[k] += $5 == "true" }
      END { for (k in e) print k, e[k], c[k] }' | sort >"$T/seen"
  awk -v calls="$CALLS" '{ print $3, "pod-" $1, $1, 1, calls }' "$T/pods" | sort >"$T/made"
  # With no slow pod, both are the same, and none was unnamed. (A pod has two cgroups.)
  local slow unnamed differ
  slow=$(slow_pods) unnamed=$(loss newcomersUnnamed)
  diff "$T/made" "$T/seen" >"$T/diff" || true
  differ=$(awk '/^</ { n++ } END { print n + 0 }' "$T/diff")
  ((differ <= slow && differ <= unnamed)) || fail "made, and seen: $(sed -n 1,20p "$T/diff")"
  diff <(cut -d' ' -f1-3 "$T/made") <(cut -d' ' -f1-3 "$T/seen") >"$T/names" || true
  ! grep '^>' "$T/names" || fail "seen, and never made"
  assert_eq "$made" "$PODS" "pods"
  assert_ok "$unnamed cgroups were named late, though only $slow pods began slowly" test "$unnamed" -le $((2 * slow))
  assert_eq "$(loss newcomersLost) $(loss newcomersFull)" "0 0" "newcomers that found no room"
}
nothing_there() { trace_is churn '.containers == []'; }

containerd_start
run_tests "$@"
