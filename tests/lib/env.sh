# SPDX-License-Identifier: Apache-2.0
# Sourced by every live test: where things are, a temporary directory, processes that end with the
# shell that started them.
#
# TMP belongs to the script, T to the test that runs (to the script before the first test).

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=${B:-build}
[[ $B = /* ]] || B=$ROOT/$B
SWOLLD=$B/swolld
SWOLLCTL=$B/swollctl
TOOLS=$B/tools

# ---- what must happen when a shell ends ----

AT_EXIT=()

# at_exit COMMAND [ARG]...: runs it when this shell ends, last in, first out, so that a part is
# stopped before what it stands on. A command that fails makes the test fail; it must return, not
# exit, or the ones before it are lost.
at_exit() { AT_EXIT+=("$(printf '%q ' "$@")"); }

run_at_exit() {
  local status=$? i
  trap - EXIT ERR
  trap : HUP INT TERM # a second signal must not cut the clean-up short
  set +e
  for ((i = ${#AT_EXIT[@]} - 1; i >= 0; i--)); do
    eval "${AT_EXIT[i]}" && continue
    echo "at the end: ${AT_EXIT[i]}failed"
    [[ $status != 0 ]] || status=1
  done
  exit "$status"
}

# A shell that has children of its own calls this first: traps are not handed down.
own_exit() {
  AT_EXIT=()
  trap run_at_exit EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# ---- processes ----

# spawn COMMAND [ARG]...: starts it in the background and sets SPAWNED to its process id; redirect
# its output at the call. A session of its own keeps Ctrl-C and the test's timeout from ending it
# before the clean-up does, in order. bash makes background processes ignore SIGINT; env undoes it.
spawn() {
  setsid env --default-signal=INT,QUIT "$@" </dev/null &
  SPAWNED=$!
  at_exit end_process "$SPAWNED"
}

# end_process PID: ends a child of this shell, stopped or not, and reaps it.
end_process() {
  local i
  kill -TERM "$1" 2>/dev/null || { wait "$1" 2>/dev/null || true; return 0; }
  kill -CONT "$1" 2>/dev/null || true
  for ((i = 0; i < 400; i++)); do
    is_running "$1" || break
    sleep 0.05
  done
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# A zombie has ended, though its number still answers to signals.
is_running() {
  local stat
  [[ -n $1 ]] || return 1
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  [[ ${stat##*) } != Z* ]]
}

# ---- the temporary directory ----

make_tmp() {
  mkdir -p "$B/live"
  TMP=$(mktemp -d "$B/live/XXXXXX")
  # A Unix socket's path holds 107 bytes, and the sockets lie some 30 below; one that is seen below
  # another root has TMP twice.
  if ((${#TMP} > 45)); then
    rmdir "$TMP"
    TMP=$(mktemp -d /tmp/swoll-live.XXXXXX)
  fi
  chmod 755 "$TMP" # so that a test can show what another user may not do
  T=$TMP
  at_exit remove_tmp
}

remove_tmp() {
  local left
  left=$(awk -v under="$TMP/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts)
  if [[ -n $left ]]; then
    printf 'still mounted, %s is not removed:\n%s\n' "$TMP" "$left"
    return 1
  fi
  rm -rf "$TMP"
  rmdir "$B/live" 2>/dev/null || true
}

own_exit
make_tmp
