# SPDX-License-Identifier: Apache-2.0
# Sourced by what tests share because a machine has it once: the first script that comes makes it, the
# last that goes takes it away, whichever these are.
#
# $SHARED/NAME has a file for each script that uses it, named by its process id, and what else the two
# commands leave each other there.

SHARED=/run/swoll-test

# shared_enter NAME FIRST LAST: commands for the first and the last, each run while nobody else is
# here. (A folder that is always there is the lock, so none is left behind.)
shared_enter() {
  local name=$1 first=$2
  {
    flock 8
    shared_is_used "$name" || { mkdir -p "$SHARED/$name" && "$first" 8>&-; }
    : >"$SHARED/$name/$$"
    at_exit shared_leave "$name" "$3"
  } 8</run
}

shared_leave() {
  local name=$1 last=$2 status=0
  {
    flock 8
    rm -f "$SHARED/$name/$$"
    if ! shared_is_used "$name"; then
      "$last" 8>&- || status=1
      rm -rf "${SHARED:?}/$name"
      rmdir "$SHARED" 2>/dev/null || true
    fi
  } 8</run
  return "$status"
}

# shared_is_used NAME: by a script that still runs.
shared_is_used() {
  local user
  for user in "$SHARED/$1"/[0-9]*; do
    [[ ! -d /proc/${user##*/} ]] || return 0
    rm -f "$user"
  done
  return 1
}
