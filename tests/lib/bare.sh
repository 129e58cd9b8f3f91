# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that count calls exactly: pid namespaces that hold nothing but a workload.
#
# A container's runtime makes calls of its own in the container (runc's init opens files before
# it executes the command). Here a shell waits in the namespace and runs what it is told, so that
# a trace can be in place before the workload's first call, and the workload alone is counted.
# The shell itself only ever reads, writes, forks and executes.

declare -A BARE_PIDNS BARE_PID BARE_JOB BARE_TO BARE_FROM

# bare_start NAME [UNSHARE_OPTION]...: BARE_PIDNS[NAME] is the namespace's inode number,
# BARE_PID[NAME] the shell's process id on this host.
bare_start() {
  local name=$1 to from pid
  shift
  mkfifo "$T/$name.to" "$T/$name.from"
  setsid unshare --pid --fork --kill-child "$@" /bin/sh -c \
    'while read -r line; do eval "$line"; echo "$?" >&3; done' \
    <"$T/$name.to" 3>"$T/$name.from" >>"$T/$name.out" 2>&1 &
  BARE_JOB[$name]=$!
  exec {to}>"$T/$name.to" {from}<"$T/$name.from"
  BARE_TO[$name]=$to
  BARE_FROM[$name]=$from
  at_exit bare_stop "$name"
  bare_run "$name" true
  pid=$(<"/proc/${BARE_JOB[$name]}/task/${BARE_JOB[$name]}/children")
  BARE_PID[$name]=${pid%% *}
  BARE_PIDNS[$name]=$(stat -L -c %i "/proc/${BARE_PID[$name]}/ns/pid")
  [[ -z ${SWOLLD_PID-} ]] || retry 60 bare_is_itself "$name" ||
    fail "the namespace $name is taken for another: $(ctl containers -o json)"
}

# The kernel gives the number of a namespace that has ended to the next one. Until swolld has seen that
# end, what it knows under the number is the other.
bare_is_itself() {
  ctl containers -o json | jq -e --argjson pidns "${BARE_PIDNS[$1]}" --argjson pid "${BARE_PID[$1]}" \
    'all(.[]; .ref.pidns != $pidns or .ref.pid == $pid)' >/dev/null
}

# bare_rename NAME COMM: of the first process, after which swolld names the container: by one that no
# other has, for what is told by names.
bare_rename() {
  bare_run "$1" eval "printf %s $2 >/proc/self/comm"
  retry 60 container_is "pidns:${BARE_PIDNS[$1]}" ".ref.name == \"$2\"" || fail "no $2: $(ctl containers)"
}

bare_stop() {
  local job=${BARE_JOB[$1]} to=${BARE_TO[$1]} from=${BARE_FROM[$1]}
  exec {to}>&- {from}<&-
  # unshare blocks SIGTERM while it waits; --kill-child takes the shell with it.
  kill -KILL "$job" 2>/dev/null
  wait "$job" 2>/dev/null
  return 0
}

# bare_run NAME COMMAND...: runs it in the namespace, to its end; what it printed is bare_out NAME.
bare_run() {
  bare_send "$@"
  bare_wait "$1"
}

# The two halves, for a workload that goes on while the test does something else.
bare_send() {
  local name=$1
  shift
  : >"$T/$name.out"
  printf '%q ' "$@" >&"${BARE_TO[$name]}"
  echo >&"${BARE_TO[$name]}"
}
bare_wait() {
  local status
  read -r -t $((60 * PATIENCE)) status <&"${BARE_FROM[$1]}" || fail "a workload in $1 does not end"
  [[ $status == 0 ]] || fail "a workload in $1 ended with status $status: $(<"$T/$1.out")"
}
bare_out() { cat "$T/$1.out"; }
