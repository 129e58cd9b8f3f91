# SPDX-License-Identifier: Apache-2.0
# Sourced by every live test: a swolld of the test's own, and swollctl to talk to it.
#
# The end of a test ends its daemon, and a daemon that does not end well fails the test: that it
# stops with status 0 and that no sanitizer complained is so checked everywhere. One that the script
# keeps for its tests ends with the script, and fails that.

ctl() { "$SWOLLCTL" --no-color "$@"; }

# ---- the daemon ----

# swolld_start [ARG]...: with only what ARGs ask for; CRI, journal and HTTP are off unless they
# say else. A config file is $T/swolld.conf, if the test wrote one. Waits until it answers.
swolld_start() {
  local kept=${KEPT[$(swolld_kind "$@")]-}
  [[ -z $kept ]] || { swolld_borrow $kept; return; }
  swolld_spawn "$@"
  if ! retry 30 swolld_answers; then
    swolld_log
    fail "swolld does not answer"
  fi
}

swolld_spawn() {
  [[ -x $SWOLLD && -x $SWOLLCTL ]] || fail "not built: $SWOLLD, $SWOLLCTL"
  export SWOLL_SOCKET=$T/swolld.sock
  SWOLLD_LOG=$T/swolld.log
  # So that this machine's own files are not read.
  grep -qs '^traces-dir' "$T/swolld.conf" ||
    printf '\n[daemon]\nstate-dir = %s\ntraces-dir = %s\n' "$T/state" "$T/traces.d" >>"$T/swolld.conf"
  # Counting every call is what its own tests ask for.
  grep -qs '^\[metrics\]' "$T/swolld.conf" || printf '[metrics]\nenabled = no\n' >>"$T/swolld.conf"
  local args=(--socket "$SWOLL_SOCKET" --config "$T/swolld.conf") option
  for option in cri journal http; do
    [[ " $* " = *" --$option "* ]] || args+=("--$option" off)
  done
  RUNTIME=
  [[ " $* " != *" --cri unix"* ]] || RUNTIME=yes
  setsid "$SWOLLD" "${args[@]}" "$@" >>"$SWOLLD_LOG" 2>&1 </dev/null &
  SWOLLD_PID=$!
  at_exit swolld_stop
}

# swolld_keep [ARG]...: for a script, before its tests. Those that then start a daemon with these ARGs and
# the same $T/swolld.conf get this one, since it takes the kernel a second or more to verify the
# programs, and what one test leaves in it is there for the next to find.
CGROUP2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
declare -A KEPT=() # by kind: its process id, its folder, RUNTIME
swolld_keep() {
  T=$TMP/kept-${#KEPT[@]}
  mkdir "$T"
  [[ ! -e $TMP/swolld.conf ]] || cp "$TMP/swolld.conf" "$T/"
  local kind
  kind=$(swolld_kind "$@")
  swolld_start "$@"
  KEPT[$kind]="$SWOLLD_PID $T $RUNTIME"
  at_exit swolld_keep_no_longer "$SWOLLD_PID" "$SWOLLD_LOG"
  T=$TMP SWOLLD_PID=
}
swolld_keep_no_longer() {
  SWOLLD_PID=$1 SWOLLD_LOG=$2
  swolld_stop
}
swolld_kind() { echo "swolld $*" && cat "$T/swolld.conf" 2>/dev/null || true; }

# swolld_fresh [ARG]...: for a test that can't take one that has run before.
swolld_fresh() {
  KEPT=()
  swolld_start "$@"
}

# swolld_borrow PID FOLDER [RUNTIME]
swolld_borrow() {
  SWOLLD_PID=$1 SWOLLD_LOG=$2/swolld.log RUNTIME=${3-} SWOLLD_IS_KEPT=yes
  export SWOLL_SOCKET=$2/swolld.sock
  swolld_answers || { swolld_log; fail "swolld does not answer any more"; }
  at_exit swolld_return
}

# swolld_return: leaves it as it was for the next test.
swolld_return() {
  kill -CONT "$SWOLLD_PID" && swolld_is_well || { swolld_log; return 1; }
  ctl trace rm --all >/dev/null
  retry 60 knows_no_ended || { echo "it still knows what has ended: $(ctl containers -o json)"; return 1; }
}
knows_no_ended() {
  local known pid cgroup
  known=$(ctl containers --units -o json) || return 1
  while read -r pid cgroup; do
    [[ $pid == 0 || -d /proc/$pid ]] && [[ -z $cgroup || -d $CGROUP2$cgroup ]] || return 1
  done < <(jq -r '.[] | "\(.ref.pid // 0) \(.cgroupPath // "")"' <<<"$known")
}

# swolld_is_well: no sanitizer has complained of it.
swolld_is_well() {
  ! grep -qE 'ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:' "$SWOLLD_LOG"
}

# Fails at once, not at the end of a retry, when the daemon has ended.
swolld_answers() {
  is_running "$SWOLLD_PID" || { swolld_log; fail "swolld has ended"; }
  ctl status >/dev/null 2>&1
}

# free_port: sets PORT to one of this machine that nobody listens on. Scripts that run side by side look
# in different places, and below the ports that the kernel gives to clients.
free_port() {
  PORT=${PORT:-$((20000 + 16 * $$ % 12000))}
  while
    PORT=$((PORT < 32000 ? PORT + 1 : 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null
  do :; done
}

# swolld_stop: ends the daemon as systemd does. Returns 1 if it does not go well.
swolld_stop() {
  [[ -n ${SWOLLD_PID-} ]] || return 0
  [[ -z ${SWOLLD_IS_KEPT-} ]] || fail "who stops the daemon needs one of its own: swolld_fresh"
  local pid=$SWOLLD_PID status=0 end=$((SECONDS + 20 * PATIENCE))
  SWOLLD_PID=
  kill -CONT "$pid" 2>/dev/null
  kill -TERM "$pid" 2>/dev/null
  while is_running "$pid" && ((SECONDS < end)); do sleep 0.02; done
  if is_running "$pid"; then
    kill -KILL "$pid"
    echo "swolld did not end within $((20 * PATIENCE)) s of SIGTERM"
  fi
  wait "$pid" 2>/dev/null || status=$?
  if [[ $status != 0 ]] || ! swolld_is_well; then
    echo "swolld ended with status $status; its log:"
    swolld_log
    return 1
  fi
}

swolld_log() { tail -n 100 "$SWOLLD_LOG"; }

status_json() { ctl status -o json; }

# loss CAUSE: how many, of those that `status` counts.
loss() { status_json | jq --arg cause "$1" '.losses[] | select(.name == $cause) | .value'; }

# part_state NAME: "true DETAIL" or "false DETAIL", of one of the daemon's parts; for "cri" of the
# first runtime, whose part is named "cri unix:///PATH".
part_state() {
  status_json | jq -r --arg name "$1" 'first(.parts[] | select(.name | split(" ")[0] == $name))
    | "\(.ok) \(.detail)"'
}
part_is() { [[ $(part_state "$1") == "$2 "* || $(part_state "$1") == "$2" ]]; }

# ---- containers ----

# wait_container ID: until swolld has found it, and a pod's has its runtime's names, which may come
# after it.
wait_container() {
  local filter=true
  [[ -z $RUNTIME || ! $1 =~ ^[0-9a-f]{64}$ ]] || filter='.source == "cri"'
  retry 60 container_is "$1" "$filter" || fail "swolld does not see $1: $(ctl containers -o json)"
}
sees_container() { container_is "$1" true; }

# container_is ID FILTER: whether swolld knows the container and FILTER holds for it.
container_is() {
  ctl containers -o json | jq -e --arg id "$1" "any(.[]; .ref.id == \$id and ($2))" >/dev/null
}

# ---- traces ----

trace_json() { ctl trace show "$1" -o json; }
trace_is() { trace_json "$1" | jq -e "${@:2}" >/dev/null 2>&1; }

# What the ledger owes: matched events whose end is in no column.
LEDGER_SUM='(.delivered + .filtered + .sampled + .rateLimited + .ringFull + .clientBehind
  + .journalSkipped + .undecodable + .stateMissing)'

# wait_ledger NAME [WAITING]: until no call is under way, but for those of a waiting shell (bare.sh)
# if its reads are traced; sets LEDGER, and fails if it then does not close.
wait_ledger() {
  retry 60 ledger_settles "$1" "${2-0}" || fail "calls stay in flight: $(trace_json "$1")"
  [[ $CLOSES == true ]] || fail "the ledger of $1 does not close: $LEDGER"
}
ledger_settles() {
  local shown
  shown=$(trace_json "$1" | jq -c --argjson waiting "$2" ".ledger | select(.inFlight == \$waiting)
    | ., .matched == .inFlight + $LEDGER_SUM")
  LEDGER=${shown%$'\n'*} CLOSES=${shown##*$'\n'}
  [[ -n $shown ]]
}

# trace_start NAME ARG...: adds a trace and follows it: its events go to $T/NAME.out.
trace_start() {
  local name=$1 got
  got=$(ctl trace add "$@")
  assert_eq "$got" "$name" "the name that 'trace add' printed"
  follow_after 0 "$name" "$name" trace tail "$name" -o json
}

# follow TRACE FILE COMMAND...: runs a swollctl that prints events of TRACE to $T/FILE.out, and waits
# until the daemon knows of it.
follow() { follow_after "$(trace_json "$1" | jq .streams)" "$@"; }
declare -A FOLLOWER
follow_after() { # STREAMS, that the trace has
  local before=$1 trace=$2 file=$3
  shift 3
  spawn "$SWOLLCTL" --no-color "$@" >"$T/$file.out" 2>"$T/$file.err"
  FOLLOWER[$file]=$SPAWNED
  retry 20 trace_is "$trace" ".streams > $before" ||
    fail "no stream started: swollctl $*: $(<"$T/$file.err")"
}

# trace_end NAME [WAITING]: removes the trace; its stream must then end by itself, with status 0,
# after all that was captured. Sets LEDGER.
trace_end() {
  wait_ledger "$@"
  ctl trace rm "$1" >/dev/null
  followed "$1"
}

# traces_end NAME...: likewise, all of them in one.
traces_end() {
  retry 60 ledgers_settle "$@" || fail "calls stay in flight: $(ctl trace ls -o json)"
  [[ $CLOSES == true ]] || fail "a ledger does not close: $(ctl trace ls -o json)"
  ctl trace rm "$@" >/dev/null
  local name
  for name; do followed "$name"; done
}
ledgers_settle() {
  CLOSES=$(ctl trace ls -o json | jq "[.[] | select(.spec.name | IN(\$ARGS.positional[])) | .ledger]
    | select(length == (\$ARGS.positional | length) and all(.inFlight == 0))
    | all(.matched == .inFlight + $LEDGER_SUM)" --args "$@")
  [[ -n $CLOSES ]]
}

# followed FILE: waits for the end of a stream.
followed() {
  local pid=${FOLLOWER[$1]} status=0
  retry 60 has_ended "$pid" || fail "the stream $1 does not end"
  wait "$pid" || status=$?
  [[ $status == 0 ]] || fail "the stream $1 ended with status $status: $(<"$T/$1.err")"
}
# unfollow FILE: ends a stream that follows more than one trace, as Ctrl-C does.
unfollow() {
  local pid=${FOLLOWER[$1]} status=0
  kill -INT "$pid"
  retry 10 has_ended "$pid" || fail "Ctrl-C does not end the stream $1"
  wait "$pid" || status=$?
  [[ $status == 0 || $status == 130 ]] || fail "the stream $1 ended with status $status"
}
has_ended() { ! is_running "$1"; }

# events FILE [FILTER [JQ_OPTION]...]: the payloads for which FILTER holds, one line each.
events() {
  local file=$1 filter=${2-true}
  jq -c "${@:3}" "select(.payload) | .payload | select($filter)" "$T/$file.out"
}
# wait_events FILE COUNT FILTER...: until they are there.
wait_events() {
  retry 20 has_events "$@" || fail "events in $1: $(count_events "$1" "${@:3}"), wanted $2: ${*:3}"
}
has_events() { [[ $(count_events "$1" "${@:3}" 2>/dev/null) == "$2" ]]; }
count_events() { events "$@" | wc -l; }
