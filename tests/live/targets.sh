#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What descriptors stand for and where relative paths lead: events against what the process itself
# was told by /proc/self/fd, fstat, getsockname and getpeername, while nothing changes and while
# another thread changes it all the time.
# sanitized: no, the kernel finds what descriptors stand for; conformance.sh shows it as well
set -euo pipefail
source "${0%/*}/../lib/live.sh"

MAKERS=openat,socket,accept4,memfd_create,eventfd2,epoll_create1,inotify_init1,pidfd_open

# trace_targets CALLS MODE [ARG]...: the tool's events are in one.out, what it printed in
# $T/printed.
trace_targets() {
  local calls=$1 mode=$2
  shift 2
  mkdir "$T/dir"
  swolld_start
  bare_start w --mount
  trace_start one -s "$calls" --pidns "${BARE_PIDNS[w]}" --comm targets
  bare_run w "$TOOLS/targets" "$mode" "$T/dir" "$@"
  trace_end one
  bare_out w >"$T/printed"
}

# Prints each descriptor of which the events of its fstat, of the call that made it or of the path
# that led there say something else than the process itself.
COMPARE='
  # Of a long path the end is kept.
  def agrees($want; $got):
    if $got.truncated == 1 then
      ($got | del(.path, .truncated)) == ($want | del(.path))
      and ($got.path | startswith(".../")) and ($got.path | split("/") | length > 20)
      and ($want.path | endswith($got.path[3:])) and ($want.path | split("/") | length > 32)
    else $got == $want end;
  [$printed[] | select(.target)] as $lines
  | [$events | to_entries[] | select(.value.syscall.name == "sys_fstat") | .key] as $shown
  | if ($lines | length) != ($shown | length)
    then "\($shown | length) events of fstat, wanted \($lines | length)" else empty end,
    (range($lines | length) | . as $i | $lines[$i] as $line
      | (last($events[:$shown[$i]][] | select(.return == $line.fd and .targets.return)) // null) as $maker
      | $events[$shown[$i]].targets.fd as $got
      | if agrees($line.target; $got) then empty else "\($line)\n   got \($got)" end,
        if $line.from and ($maker.targets.pathname != {kind: "path", path: $line.from}
                           or $maker.targets.return != $line.target)
        then "\($line)\n   opened \($maker.targets)" else empty end,
        if $maker and ($maker.targets.return
                       | .inode != $line.target.inode or .kind != $line.target.kind)
        then "\($line)\n   made \($maker.targets)" else empty end)'

test_all_kinds() {
  local differ kinds
  trace_targets "fstat,close,dup3,$MAKERS" all
  differ=$(jq -nr --slurpfile printed "$T/printed" --slurpfile events <(events one) \
    '$events as $events | $printed as $printed | '"$COMPARE")
  [[ -z $differ ]] || fail "targets differ from what the process was told:
$differ"
  kinds=$(events one '.targets.fd' | jq -r .targets.fd.kind | sort -u | xargs)
  assert_eq "$kinds" "anon_inode device directory fifo file memfd namespace pidfd pipe socket symlink" kinds
  assert_eq "$(events one '.targets.return' | jq -r .syscall.name | sort -u | xargs)" \
    "$(tr , '\n' <<<"dup3,$MAKERS" | sed 's/^/sys_/' | sort | xargs)" "calls whose result has a target"
  # What a copy stands for is told when it is made and when it is closed, and no more then.
  local copy
  copy=$(jq -r 'select(.what == "copy") | .path' "$T/printed")
  assert_eq "$(events one '.args.newfd == 900' | jq -r .targets.return.path)" "$copy" "dup3's result"
  assert_eq "$(events one '.args.fd == 900' | jq -c '[.error, .targets.fd.path?]' | xargs)" \
    "[OK,$copy] [EBADF,null]" "closed twice"
  assert_json "$(events one '.syscall.name == "sys_close" and .args.fd == -1')" '.targets | not'
}

test_absolute_paths_have_none() {
  trace_targets openat all
  assert_json "$(events one '.args.pathname == "/proc/self/ns/net"')" \
    '.targets | has("return") and (has("pathname") or has("dirfd") | not)'
}

# The link leads elsewhere by the time anybody could ask; what was opened is told all the same.
test_open_of_a_changing_link() {
  trace_targets openat links 3000
  events one '.args.pathname == "link"' | jq .targets.return.path >"$T/got"
  assert_eq "$(wc -l <"$T/got")" 3000 "openat calls"
  diff "$T/printed" "$T/got" || fail "other files than those that were opened"
}

# Only paths that were there at some time: not one with a name of before a change and a folder of
# after it. Which of them are met is a matter of who runs when.
test_path_whose_folders_move() {
  local first second
  trace_targets fstat folders 50000
  first=$(<"$T/printed")
  second=${first//f/g}
  events one '.targets.fd.truncated | not' | jq -r .targets.fd.path | sort -u >"$T/paths"
  printf '%s\n' "$first" "$second" "/c${second#/a}" | sort >"$T/had"
  assert_eq "$(comm -23 "$T/paths" "$T/had")" "" "paths that it never had"
  [[ -s $T/paths ]] || fail "no path was met"
  # A path that is renamed each time that it is looked at is not told, and that is told.
  (($(count_events one '.targets.fd.truncated') < 500)) || fail "too many paths are not told"
}

# A descriptor stands for one file, the other or none, never for parts of both.
test_descriptor_that_changes() {
  local wanted
  trace_targets fstat descriptors 50000
  wanted=$(jq -s . "$T/printed")
  assert_eq "$(count_events one '.targets.fd and (.targets.fd as $t
    | any($wanted[]; .path == $t.path and .inode == $t.inode) | not)' --argjson wanted "$wanted")" \
    0 "targets that are neither file"
  # How often each is met is a matter of who runs when.
  (($(count_events one .targets.fd) > 0)) || fail "no target was met"
}

test_targets_can_be_off() {
  printf '[probe]\ntargets = no\n' >"$T/swolld.conf"
  trace_targets "fstat,openat" all
  (($(count_events one) > 20)) || fail "no events"
  assert_eq "$(count_events one .targets)" 0 "events with targets"
}

swolld_keep
run_tests "$@"
