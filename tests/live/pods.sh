#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Real pods, made through the CRI: a call arrives with its exact content and its pod's names, at
# every place where a user can read it; containers join and leave traces while they run.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/journald.sh"
source "$LIB/containerd.sh"

NS=swoll-live-$$
MOTD='.syscall.name == "sys_openat" and .args.pathname == "/etc/motd"'

# The call that the tests look for, among those that the runtime makes in a container.
open_motd() { container_exec "$1" /tools/syscalls openat /etc/motd 1 'O_RDONLY|O_NONBLOCK|O_CLOEXEC'; }

# assert_motd PAYLOAD RESULT: of the pod nginx-provider.
assert_motd() {
  local pid
  pid=$(container_pid "$CONTAINER_ID")
  assert_json "$1" '
    .syscall.nr == $nr and .syscall.class == "FileSystem" and .syscall.group == "Files"
    and .error == "OK" and .return == $result
    and .args.flags == ["O_RDONLY", "O_NONBLOCK", "O_CLOEXEC"]
    and (.args.dirfd == "AT_FDCWD" or .args.dirfd == -100)
    and .comm == "syscalls" and .uid == 0 and .gid == 0 and .pid > 0 and .tid == .pid
    and .finish >= .start and (.time | test("^20..-..-..T..:..:..[.][0-9]{9}"))' \
    --argjson result "$2" --argjson nr "$(openat_number)"
  assert_json "$1" '.container
    | .id == $id and .pod == "nginx-provider" and .name == "indexwriter" and .namespace == $ns
    and .labels.app == "nginx" and .labels["io.kubernetes.pod.name"] == "nginx-provider"
    and .labels["io.kubernetes.container.name"] == "indexwriter"
    and (.image | length) > 0 and .pid == $pid' \
    --arg id "$CONTAINER_ID" --arg ns "$NS" --argjson pid "$pid"
  assert_json "$1" '.pid_ns == $pidns and .mount_ns == $mntns and .uts_ns == $utsns
    and .container["pid-namespace"] == $pidns' \
    --argjson pidns "$(stat -L -c %i "/proc/$pid/ns/pid")" \
    --argjson mntns "$(stat -L -c %i "/proc/$pid/ns/mnt")" \
    --argjson utsns "$(stat -L -c %i "/proc/$pid/ns/uts")"
}
openat_number() { [[ $(uname -m) == x86_64 ]] && echo 257 || echo 56; }

test_openat_in_tail_path_and_journal() {
  need_journald
  swolld_start --cri "$CRI" --journal on
  pod_run "$NS" nginx-provider --label app=nginx --container indexwriter
  wait_container "$CONTAINER_ID"
  local trace=nginx-hosts-$$ result
  trace_start "$trace" -s openat -l app=nginx -n "$NS"
  follow "$trace" path tail "$NS/nginx-provider/*/openat" -o json
  result=$(open_motd "$CONTAINER_ID" | cut -f2)
  trace_end "$trace"
  wait_events path 1 "$MOTD"
  unfollow path

  assert_eq "$(count_events "$trace" "$MOTD")" 1 "events of the call in the trace's stream"
  assert_motd "$(events "$trace" "$MOTD")" "$result"
  assert_eq "$(count_events path "$MOTD")" 1 "events of the call in the path's stream"
  assert_motd "$(events path "$MOTD")" "$result"

  journal_has "$(wc -l <"$T/$trace.out")" "SWOLL_TRACE=$trace"
  journal_read "SWOLL_TRACE=$trace" >"$T/journal.out"
  assert_eq "$(count_events journal "$MOTD")" 1 "entries of the call in the journal"
  assert_motd "$(events journal "$MOTD")" "$result"
  assert_eq "$(jq -cS . "$T/journal.out")" "$(jq -cS . "$T/$trace.out")" "the journal and the stream"
}

test_journal_fields() {
  need_journald
  swolld_start --cri "$CRI" --journal on
  pod_run "$NS" nginx-provider --label app=nginx --container indexwriter
  wait_container "$CONTAINER_ID"
  local trace=fields-$$ entry
  ctl trace add "$trace" -s openat -l app=nginx --comm syscalls
  container_exec "$CONTAINER_ID" /tools/syscalls openat /absent/file 1
  wait_ledger "$trace"
  journal_has 1 "SWOLL_TRACE=$trace" SWOLL_POD=nginx-provider SWOLL_ERROR=ENOENT
  entry=$(journalctl --quiet -o json "SWOLL_TRACE=$trace")
  assert_json "$entry" '.SWOLL_NAMESPACE == $ns and .SWOLL_CONTAINER == "indexwriter"
    and (.SWOLL_SYSCALL | test("^(sys_)?openat$")) and .SWOLL_COMM == "syscalls"
    and (.MESSAGE | fromjson | .payload | .error == "ENOENT" and .return == -2)' --arg ns "$NS"
  assert_eq "$(jq -r .SWOLL_PID <<<"$entry")" "$(jq -r '.MESSAGE | fromjson | .payload.pid' <<<"$entry")" SWOLL_PID
}

test_no_journal_logs_nothing() {
  need_journald
  swolld_start --cri off --journal on
  bare_start w
  ctl trace add "quiet-$$" -s getppid --pidns "${BARE_PIDNS[w]}" --no-journal
  bare_run w "$TOOLS/syscalls" getppid 500
  wait_ledger "quiet-$$"
  assert_json "$LEDGER" '.delivered == 500'
  ctl trace rm "quiet-$$"
  ctl trace add "loud-$$" -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 500
  wait_ledger "loud-$$"
  assert_json "$LEDGER" '.delivered == 500'
  journal_has 500 "SWOLL_TRACE=loud-$$" # and so all that was sent before it
  assert_eq "$(journal_read "SWOLL_TRACE=quiet-$$" | wc -l)" 0 "entries of the trace that does not"
}

test_tail_path_count_ends_by_itself() {
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx-provider --label app=nginx
  wait_container "$CONTAINER_ID"
  ctl trace add all -s openat -l app=nginx
  follow all one tail "$NS/nginx-provider/*/openat" -o json --count 1
  open_motd "$CONTAINER_ID"
  followed one
  assert_eq "$(count_events one)" 1 "events printed"
  assert_json "$(events one)" '.syscall.name == "sys_openat" and .container.pod == "nginx-provider"'
}

test_tail_path_of_another_pod_stays_empty() {
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx-provider --label app=nginx
  wait_container "$CONTAINER_ID"
  ctl trace add all -s openat,close -l app=nginx
  follow all other tail "$NS/another-pod" -o json
  follow all close tail "*/*/*/close" -o json
  follow all wide tail "$NS/nginx-*" -o json
  open_motd "$CONTAINER_ID"
  wait_ledger all
  wait_events wide 1 "$MOTD" # each stream has been sent its part of these by now
  unfollow wide
  unfollow close
  unfollow other
  assert_eq "$(count_events other)" 0 "events of a pod that is not there"
  assert_eq "$(count_events close '.syscall.name != "sys_close"')" 0 "calls beside close"
  assert_eq "$(count_events wide "$MOTD")" 1 "events through a glob of the pod's name"
}

test_text_names_the_container() {
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx-provider --label app=nginx --container indexwriter
  wait_container "$CONTAINER_ID"
  ctl trace add texts -s openat -l app=nginx --comm syscalls
  follow texts texts trace tail texts
  local result line
  result=$(open_motd "$CONTAINER_ID" | cut -f2)
  trace_end texts
  line=$(<"$T/texts.out")
  # Time, container.pod.namespace, comm[pid], call, result, latency.
  assert_match "$line" '^[0-9:]{8}\.[0-9]{6} indexwriter\.nginx-provider\.'"$NS"' syscalls\[[0-9]+\] '
  assert_match "$line" 'openat\(dirfd=AT_FDCWD, pathname="/etc/motd", flags=O_RDONLY\|O_NONBLOCK\|O_CLOEXEC'
  assert_match "$line" "\\) = $result</etc/motd> <[0-9.]+(ns|us|ms|s)>\$"
}

test_pod_without_the_label_gives_nothing() {
  swolld_start --cri "$CRI"
  pod_run "$NS" plain --label app=other
  local plain=$CONTAINER_ID
  pod_run "$NS" bald
  local bald=$CONTAINER_ID
  pod_run "$NS" nginx-provider --label app=nginx
  wait_container "$plain"
  wait_container "$bald"
  wait_container "$CONTAINER_ID"
  trace_start labels -s openat -l app=nginx -n "$NS"
  assert_json "$(trace_json labels)" '.containers == [$id]' --arg id "$CONTAINER_ID"
  open_motd "$plain"
  open_motd "$bald"
  open_motd "$CONTAINER_ID" # shows that the trace was there to see the others
  trace_end labels
  assert_eq "$(count_events labels "$MOTD")" 1 "events of the labelled pod"
  assert_eq "$(count_events labels '.container.pod != "nginx-provider"')" 0 "events of other pods"
}

test_other_namespace_gives_nothing() {
  swolld_start --cri "$CRI"
  pod_run "$NS-other" nginx-provider --label app=nginx
  local other=$CONTAINER_ID
  pod_run "$NS" nginx-provider --label app=nginx
  wait_container "$other"
  wait_container "$CONTAINER_ID"
  trace_start space -s openat -l app=nginx -n "$NS"
  open_motd "$other"
  open_motd "$CONTAINER_ID"
  trace_end space
  assert_eq "$(count_events space "$MOTD")" 1 "events of the pod in the namespace"
  assert_eq "$(count_events space '.container.namespace != $ns' --arg ns "$NS")" 0 "events of others"
}

test_pods_join_and_leave() {
  swolld_start --cri "$CRI"
  trace_start joining -s openat -l app=nginx -n "$NS"
  assert_json "$(trace_json joining)" '.containers == [] and .containersEver == 0'
  pod_run "$NS" early --label app=nginx
  local early=$CONTAINER_ID early_pod=$POD_ID
  retry 20 trace_is joining --arg id "$early" '.containers == [$id]' || fail "it does not join"
  open_motd "$early"
  pod_run "$NS" late --label app=nginx
  retry 20 trace_is joining '(.containers | length) == 2 and .containersEver == 2' ||
    fail "the second does not join: $(trace_json joining)"
  pod_rm "$early_pod"
  retry 20 trace_is joining --arg id "$CONTAINER_ID" '.containers == [$id] and .containersEver == 2' ||
    fail "the first does not leave: $(trace_json joining)"
  ! sees_container "$early" || fail "a container that is gone is listed"
  open_motd "$CONTAINER_ID"
  trace_end joining
  assert_eq "$(events joining "$MOTD" | jq -r .container.pod | xargs)" "early late" "pods of the events"
}

test_host_pid_pod_is_not_the_host() {
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx-provider --label app=nginx --pid node
  wait_container "$CONTAINER_ID"
  trace_start hostpid -s openat -l app=nginx --comm syscalls
  "$TOOLS/syscalls" openat /etc/passwd 20 >/dev/null # same pid namespace, in no container
  open_motd "$CONTAINER_ID"
  trace_end hostpid
  assert_eq "$(count_events hostpid)" 1 "events"
  assert_json "$(events hostpid)" '.container.pod == "nginx-provider" and .args.pathname == "/etc/motd"'
}

test_containers_lists_the_pod() {
  swolld_start --cri "$CRI"
  pod_run "$NS" nginx-provider --label app=nginx --container indexwriter
  wait_container "$CONTAINER_ID"
  ctl trace add mine -s openat -l app=nginx
  container_is "$CONTAINER_ID" '.ref.pod == "nginx-provider" and .ref.namespace == "'"$NS"'"
    and .ref.name == "indexwriter" and .source == "cri" and .phase == "Running"
    and .traces == ["mine"] and .ref.labels.app == "nginx"' ||
    fail "$(ctl containers -o json)"
  assert_match "$(ctl containers)" "$NS +nginx-provider +indexwriter|nginx-provider.*indexwriter" "the table"
  # A pod's sandbox is no container that a user knows.
  ! sees_container "$POD_ID" || fail "the sandbox is listed"
}

test_runc_container_without_cri() {
  pod_run "$NS" nginx-provider
  swolld_start --cri off
  wait_container "$CONTAINER_ID"
  container_is "$CONTAINER_ID" '.source == "cgroup"' || fail "$(ctl containers -o json)"
  trace_start bycgroup -s openat --container "${CONTAINER_ID:0:12}"
  open_motd "$CONTAINER_ID"
  trace_end bycgroup
  assert_eq "$(count_events bycgroup "$MOTD and .container.id == \$id" --arg id "$CONTAINER_ID")" 1 events
}

test_cri_that_comes_later() {
  need_containerd
  pod_run "$NS" nginx-provider --label app=nginx
  swolld_start --cri "unix://$T/cri.sock"
  retry 10 part_is cri false || fail "a CRI that is not there counts as fine: $(part_state cri)"
  ln -s "$CONTAINERD/sock" "$T/cri.sock"
  retry 30 part_is cri true || fail "the CRI is not found again: $(part_state cri)"
  retry 20 container_is "$CONTAINER_ID" '.ref.pod == "nginx-provider"' || fail "$(ctl containers -o json)"
}

journald_start
containerd_start
swolld_keep --cri "$CRI"
run_tests "$@"
