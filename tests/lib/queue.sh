# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/run: programs that run side by side, as far as they bear each other.
#
# A live program says in its own file, in a line of its own, what it does not share:
#   # alone: WHY                  nothing else runs while it does
#   # alone with containerd: WHY  nothing else that sources lib/containerd.sh; likewise journald
#   # sanitized: no, WHY          it is left out where the daemon has sanitizers
#
# JOBS is how many live programs run at a time: one a processor, unless told. They mostly wait; one of the
# others computes, and counts as two.

JOBS=${JOBS:-$(nproc)}

QUEUE=()
declare -A FILE LIMIT WEIGHT ALONE USES # by the program's name
declare -A RUNNING=() BEGAN=()           # by process id: its name, when it was started

# queue_add NAME FILE LIMIT WEIGHT: LIMIT is in seconds.
queue_add() {
  QUEUE+=("$1")
  FILE[$1]=$2 LIMIT[$1]=$3 WEIGHT[$1]=$4
  ALONE[$1]=
  USES[$1]=
}

# queue_add_live NAME FILE LIMIT: with what it says of itself. One that waits for others of its kind to
# end would wait until the last of them has, so it comes before all.
queue_add_live() {
  queue_add "$@" 1
  ALONE[$1]=$(sed -nE 's/^# alone: .*/machine/p; s/^# alone with ([a-z]+): .*/\1/p' "$2")
  USES[$1]=$(sed -nE 's/^source "\$LIB\/(containerd|journald)\.sh"$/\1/p' "$2" | xargs)
  [[ ${ALONE[$1]:-machine} == machine ]] || QUEUE=("$1" "${QUEUE[@]:0:${#QUEUE[@]}-1}")
}

# bears NAME OTHER: whether NAME may run while OTHER does, as far as NAME says.
bears() { [[ ${ALONE[$1]} != machine && (-z ${ALONE[$1]} || " ${USES[$2]} " != *" ${ALONE[$1]} "*) ]]; }

# fits NAME: beside all that run.
fits() {
  local other weight=${WEIGHT[$1]}
  for other in "${RUNNING[@]}"; do
    bears "$1" "$other" && bears "$other" "$1" || return 1
    weight=$((weight + WEIGHT[$other]))
  done
  ((weight <= JOBS || ${#RUNNING[@]} == 0))
}

log_of() { echo "$LOGS/${1//\//-}.log"; }

# A background process would ignore Ctrl-C, and so would all that a test starts and ends that way.
start() {
  env --default-signal=INT,QUIT timeout --kill-after=300 "${LIMIT[$1]}" "${FILE[$1]}" \
    >"$(log_of "$1")" 2>&1 </dev/null &
  RUNNING[$!]=$1
  BEGAN[$!]=${EPOCHREALTIME/[.,]/}
}

# queue_run COMMAND: all programs; for each that has ended, COMMAND NAME STATUS MILLISECONDS. The first
# in the queue that fits is next.
queue_run() {
  local i pid name status
  while ((${#QUEUE[@]} + ${#RUNNING[@]})); do
    for i in "${!QUEUE[@]}"; do
      fits "${QUEUE[i]}" || continue
      start "${QUEUE[i]}"
      unset "QUEUE[i]"
    done
    status=0
    wait -n -p pid "${!RUNNING[@]}" || status=$?
    name=${RUNNING[$pid]}
    unset "RUNNING[$pid]"
    [[ $status != 124 ]] || echo "ended: it took longer than ${LIMIT[$name]} s" >>"$(log_of "$name")"
    "$1" "$name" "$status" $(((${EPOCHREALTIME/[.,]/} - BEGAN[$pid]) / 1000))
  done
}

# queue_end: ends those that run, each with its own clean-up.
queue_end() {
  QUEUE=()
  ((${#RUNNING[@]} == 0)) || kill -TERM "${!RUNNING[@]}" 2>/dev/null || true
  wait
}
