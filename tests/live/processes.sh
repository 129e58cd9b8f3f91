#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What happens to processes: one event for each that begins, runs a program, ends or is ended, with
# who did it; and none more.
# sanitized: no, the kernel tells of processes; what is made of that is shown in core/process-test
set -euo pipefail
source "${0%/*}/../lib/live.sh"

P=$TOOLS/processes

# start ARG...: a daemon, a namespace w and a trace "life" of all that happens to processes there.
start() {
  swolld_start
  bare_start w
  trace_start life --pidns "${BARE_PIDNS[w]}" "$@"
}
# event TYPE [FILTER]: of life.
event() { events life ".process.event == \"$1\" and (${2-true})" "${@:3}"; }
count_of() { event "$@" | wc -l; }
# counts: how many of each, as "exec 1 exit 2".
counts() { jq -r '.payload.process.event' "$T/${1-life}.out" | sort | uniq -c | awk '{ print $2, $1 }' | xargs; }

test_life_of_a_process() {
  start --processes
  bare_run w /bin/sh -c 'exec /bin/sleep 0.2'
  trace_end life
  assert_json "$LEDGER" '.matched == 4 and .delivered == 4'
  assert_eq "$(counts)" "exec 2 exit 1 fork 1"
  local shell=${BARE_PID[w]} pid
  pid=$(event fork | jq .pid)
  assert_eq "$(events life ".pid != $pid")" "" "events of others"
  assert_json "$(event fork)" '.process.parent == $shell and .process.exe == $sh and .tid == .pid and .comm == "sh"' \
    --argjson shell "$shell" --arg sh "$(realpath /bin/sh)"
  assert_json "$(event exec '.process.filename == "/bin/sh"')" \
    '.process.exe == $sh and .process.argv == ["/bin/sh", "-c", "exec /bin/sleep 0.2"]' --arg sh "$(realpath /bin/sh)"
  assert_json "$(event exec '.process.filename == "/bin/sleep"')" \
    '.process.exe == $exe and .process.argv == ["/bin/sleep", "0.2"] and .comm == "sleep"' --arg exe "$(realpath /bin/sleep)"
  assert_json "$(event exit)" '.process.exe == $exe and .process.status == 0 and .process.parent == $shell
    and (.process | has("signal") | not) and .process.age >= 200000000 and .process.age < 60000000000
    and (has("syscall") or has("return") or has("error") or has("args") | not)
    and .pid_ns == $ns and .container.id == "pidns:\($ns)" and .start > 0 and .start == .finish' \
    --argjson shell "$shell" --arg exe "$(realpath /bin/sleep)" --argjson ns "${BARE_PIDNS[w]}"
}

test_status() {
  start --processes=exit
  bare_run w eval '/bin/sh -c "exit 3" || true'
  bare_run w eval '/bin/sh -c "exit 255" || true'
  trace_end life
  assert_eq "$(event exit | jq -c '[.process.status, .process.signal]' | xargs)" "[3,null] [255,null]"
}

# Whatever threads it has, and in whatever order they end.
test_threads_are_no_processes() {
  start --processes
  bare_run w "$P" threads 100 exit
  bare_run w eval "$P threads 50 last || true"
  bare_run w eval "$P threads 50 race || true"
  trace_end life
  # Of `last`, a child that ends it.
  assert_eq "$(counts)" "exec 3 exit 4 fork 4 kill 1"
  assert_json "$(event kill)" '.process.signal == "SIGKILL" and .process.cause == "process"'
}

# The last threads of a process may end at the same time; one tells it.
test_threads_that_end_at_once() {
  start --processes=exit,fork
  bare_run w "$P" races 400 8
  trace_end life
  assert_json "$LEDGER" '.matched == 802 and .delivered == 802'
  assert_eq "$(counts)" "exit 401 fork 401"
  assert_eq "$(event exit | jq .pid | sort -u | wc -l)" 401 "processes"
  # As wait(2) has told it.
  assert_eq "$(event exit '.process.status == 3 and .process.exe == $exe' --arg exe "$P" | wc -l)" 400 "ends"
}

test_program_that_a_thread_runs() {
  start --processes
  bare_run w "$P" exec /bin/sleep 0.01
  trace_end life
  assert_eq "$(counts)" "exec 2 exit 1 fork 1"
  assert_eq "$(events life | jq .pid | sort -u | wc -l)" 1 "numbers"
  assert_json "$(event exec '.process.filename == "/bin/sleep"')" '.tid == .pid and .process.argv[1] == "0.01"'
}

# end_by SIGNAL: of a process in w that waits for it, by this shell.
end_by() {
  local pid
  bare_send w eval "/bin/sleep 1000000 || true"
  retry 20 child_of w sleep || fail "no sleep"
  pid=$CHILD
  kill "-$1" "$pid"
  bare_wait w
}
child_of() { CHILD=$(pgrep -x -P "${BARE_PID[$1]}" "$2"); }

test_who_killed_it() {
  start --processes=kill,exit
  local signal
  for signal in TERM KILL HUP USR1 RTMIN; do end_by "$signal"; done
  trace_end life
  assert_eq "$(event kill | jq -r .process.signal | xargs)" "SIGTERM SIGKILL SIGHUP SIGUSR1 SIGRT_2"
  assert_eq "$(event exit | jq -r .process.signal | xargs)" "SIGTERM SIGKILL SIGHUP SIGUSR1 SIGRT_2"
  local us=$BASHPID
  assert_eq "$(event kill '.process.cause == "process" and .process.code == "SI_USER" and .process.core_dumped == 0
    and .process.sender == {pid: $pid, uid: 0, comm: "processes.sh"} and .process.exe == $exe' \
    --argjson pid "$us" --arg exe "$(realpath /bin/sleep)" | wc -l)" 5 "$(event kill)"
}

# A signal that is handled ends nobody; and who sent it is not who ends the process later.
test_signal_that_is_handled() {
  start --processes=kill,exit
  bare_send w eval "$P handle 15 || true"
  retry 20 child_of w processes || fail "no process"
  retry 20 handles "$CHILD" || fail "it handles nothing"
  bash -c "kill -TERM $CHILD"
  retry 20 handles_no_more "$CHILD" || fail "it has not handled it"
  local us=$BASHPID
  kill -TERM "$CHILD"
  bare_wait w
  trace_end life
  assert_eq "$(counts)" "exit 1 kill 1"
  assert_json "$(event kill)" '.process.sender.pid == $pid' --argjson pid "$us"
}
handles_no_more() { ! handles "$1"; }
handles() { [[ $(sed -n 's/^SigCgt:\t//p' "/proc/$1/status") != 0000000000000000 ]]; }

test_what_the_kernel_ends() {
  start --processes=kill
  bare_run w eval "$P crash || true"
  bare_run w eval "$P die 6 || true"
  trace_end life
  assert_json "$(event kill '.process.signal == "SIGSEGV"')" \
    '.process.cause == "kernel" and .process.code == "SEGV_MAPERR" and (.process | has("sender") | not)'
  assert_json "$(event kill '.process.signal == "SIGABRT"')" \
    '.process.cause == "process" and .process.code == "SI_TKILL" and .process.sender.pid == .pid and .process.sender.comm == "processes"'
}

test_out_of_memory() {
  local group limit
  if grep -qw memory "$CGROUP2/cgroup.controllers"; then
    group=$CGROUP2/swoll-oom-$$ limit=memory.max
    echo +memory >"$CGROUP2/cgroup.subtree_control"
  else
    group=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/self/mounts)/swoll-oom-$$
    limit=memory.limit_in_bytes
  fi
  mkdir "$group"
  at_exit retry 5 rmdir "$group"
  echo 16M >"$group/$limit"
  # Nothing of it goes to a swap space.
  if [[ $limit == memory.max ]]; then
    [[ ! -e $group/memory.swap.max ]] || echo 0 >"$group/memory.swap.max"
  else
    echo 0 >"$group/memory.swappiness"
  fi
  start --processes=kill,exit
  bare_run w eval "/bin/sh -c 'echo 0 >$group/cgroup.procs && exec $P fill 67108864' || true"
  trace_end life
  assert_json "$(event kill)" '.process.signal == "SIGKILL" and .process.cause == "oom" and .process.exe == $exe
    and (.process | has("sender") | not)' --arg exe "$P"
  assert_eq "$(counts)" "exit 1 kill 1"
}

# Its program was there before the hooks came; and it may have changed while they were off.
test_that_was_there_before() {
  swolld_start
  cp "$P" "$T/one" && cp "$P" "$T/go.next"
  bare_start w
  bare_send w eval "$T/one wait $T/go || true"
  retry 20 child_of w one || fail "no process"
  trace_start life --processes --pidns "${BARE_PIDNS[w]}"
  trace_end life
  assert_eq "$(counts)" ""
  retry 20 are_processes_off || fail "the hooks stay on"
  : >"$T/go"
  retry 20 child_of w go.next || fail "it runs nothing else"
  trace_start again --processes --pidns "${BARE_PIDNS[w]}"
  kill -TERM "$CHILD"
  bare_wait w
  trace_end again
  assert_eq "$(counts again)" "exit 1 kill 1"
  assert_json "$(events again '.process.event == "kill"')" '.process.exe == $exe and .process.cause == "process"
    and .process.sender.comm == "processes.sh"' --arg exe "$T/go.next"
  assert_json "$(events again '.process.event == "exit"')" '.process.exe == $exe' --arg exe "$T/go.next"
}
are_processes_off() { part_is processes true && [[ $(part_detail processes) == *"not attached"* ]]; }
part_detail() { status_json | jq -r --arg name "$1" '.parts[] | select(.name == $name) | .detail'; }

# Calls cost nothing while nobody wants them, and processes neither.
test_hooks_of_one_kind() {
  start --processes
  assert_json "$(status_json)" '.attached | not'
  assert_eq "$(part_detail processes)" "attached to processes"
  trace_start calls -s getppid --pidns "${BARE_PIDNS[w]}"
  assert_json "$(status_json)" '.attached'
  assert_eq "$(part_detail probe)" "attached to system calls"
  bare_run w "$TOOLS/syscalls" getppid 100
  trace_end life
  retry 20 are_processes_off || fail "the hooks stay on"
  bare_run w "$TOOLS/syscalls" getppid 100
  trace_end calls
  assert_json "$LEDGER" '.delivered == 200'
  assert_eq "$(counts)" "exec 1 exit 1 fork 1"
}

# What loads the programs fails here for want of descriptors: traces of processes do, and no others, until
# there are some.
test_programs_that_can_not_be_loaded() {
  swolld_fresh
  bare_start w
  local most few
  most=$(prlimit --pid "$SWOLLD_PID" --nofile --noheadings -o SOFT)
  # Up to the sixth number that is free.
  few=$(find "/proc/$SWOLLD_PID/fd" -mindepth 1 -printf '%f\n' | sort -n |
    awk '{ while (at < $1 && free < 6) { free++; at++ } if (free < 6) at = $1 + 1 } END { print at + 6 - free }')
  prlimit --pid "$SWOLLD_PID" --nofile="$few":
  ctl trace add life --processes --pidns "${BARE_PIDNS[w]}" >/dev/null
  ctl trace add calls -s getppid --pidns "${BARE_PIDNS[w]}" >/dev/null
  assert_json "$(trace_json life)" '.state == "failed" and (.reason | startswith("loading the programs of processes: "))'
  assert_json "$(trace_json calls)" '.state == "running"'
  part_is processes "false loading the programs of processes: Too many open files" || fail "$(part_state processes)"
  part_is probe "true attached to system calls" || fail "$(part_state probe)"
  ctl trace rm life >/dev/null
  ctl trace add again --processes=exit --pidns "${BARE_PIDNS[w]}" >/dev/null
  assert_json "$(trace_json again)" '.state == "failed"'
  prlimit --pid "$SWOLLD_PID" --nofile="$most":
  retry 60 trace_is again '.state == "running"' || fail "$(trace_json again)"
  bare_run w /bin/true
  wait_ledger again
  assert_json "$LEDGER" '.matched == 1'
}

# With calls in one trace: each by itself, in order.
test_beside_calls() {
  start -s execve,exit_group --processes=exec,exit
  bare_run w /bin/true
  trace_end life
  assert_eq "$(jq -r '.payload | .process.event // .syscall.name' "$T/life.out" | xargs)" \
    "exec sys_execve sys_exit_group exit"
}

# As many as a core makes, and on each: every one is told, or counted.
storm() {
  local n=$1 each=$2 word=$3
  start --processes
  bare_start v
  trace_start other --processes=exit --pidns "${BARE_PIDNS[v]}"
  bare_send w "$P" "$word" "$n"
  bare_send v "$P" "$word" "$n"
  bare_wait w
  bare_wait v
  trace_end life
  assert_json "$LEDGER" ".matched == $((n * each + 3)) and .delivered + .ringFull + .clientBehind == .matched"
  assert_eq "$(jq -s 'map(select(.payload)) | length' "$T/life.out")" "$(jq .delivered <<<"$LEDGER")" "events"
  trace_end other
  assert_json "$LEDGER" ".matched == $((n + 1)) and .delivered + .ringFull + .clientBehind == .matched"
  assert_eq "$(jq -c 'select(.payload) | [.payload.pid, .payload.process.event, .payload.process.argv]' "$T/life.out" |
    sort | uniq -d)" "" "events that came twice"
}
test_storm_of_forks() { storm 3000 2 forks; }
test_storm_of_programs() { storm 1500 3 vforks; }

test_filters() {
  swolld_start
  bare_start w
  local shell=${BARE_PID[w]} ns=${BARE_PIDNS[w]}
  trace_start made --processes=fork --pid "$shell"
  trace_start named --processes --pidns "$ns" --comm true
  trace_start ended --processes=exit --pidns "$ns" --arg 'exe=*/true'
  trace_start sampled --processes=exit --pidns "$ns" --sample 2
  trace_start user --processes --pidns "$ns" --uid 12345
  trace_start rest --processes='!fork,!exit' --pidns "$ns"
  bare_run w /bin/true
  bare_run w /bin/sleep 0
  bare_run w setpriv --reuid 12345 --clear-groups /bin/true
  local trace
  for trace in made named ended sampled user rest; do trace_end "$trace"; done
  assert_eq "$(counts made)" "fork 3"
  assert_eq "$(counts named)" "exec 2 exit 2"
  assert_eq "$(counts ended)" "exit 2"
  assert_eq "$(counts sampled)" "exit 2"
  assert_eq "$(counts user)" "exec 1 exit 1"
  assert_eq "$(counts rest)" "exec 4"
}

# Of the process as a whole, whichever thread ends last.
test_name_of_a_process() {
  start --processes=exit --comm processes
  bare_run w "$P" races 20 8
  trace_end life
  assert_json "$LEDGER" '.matched == 21 and .delivered == 21'
}

# Paths that are long, gone or were never there, and arguments that find no room.
test_programs_of_all_sorts() {
  start --processes=exec,exit
  local deep=$T i
  for i in 1 2 3 4; do deep+=/$(printf "%0200d" "$i"); done
  mkdir -p "$deep" && cp "$P" "$deep/long"
  cp "$P" "$T/gone"
  bare_run w "$deep/long" nothing
  bare_send w eval "$T/gone handle 1 || true"
  retry 20 child_of w gone || fail "no process"
  retry 20 handles "$CHILD" || fail "it handles nothing"
  rm "$T/gone"
  kill -TERM "$CHILD"
  bare_wait w
  trace_end life
  assert_json "$(event exec '.comm == "long"')" '.process.exe == $exe' --arg exe "$deep/long"
  # Of a path that is too long to be kept, the lower part, and a mark.
  assert_json "$(event exit '.comm == "long"')" '(.process.exe | startswith(".../") and endswith("/long"))
    and .arg_notes.exe.truncated'
  assert_json "$(event exit '.comm == "gone"')" '.process.exe == $exe' --arg exe "$T/gone"
}

test_arguments_that_are_long() {
  start --processes=exec
  bare_run w eval '/bin/true $(seq 1 3000)'
  trace_end life
  assert_json "$(event exec)" '.process.argv[:3] == ["/bin/true", "1", "2"] and (.process.argv | length) > 800
    and .arg_notes.argv.truncated and .process.filename == "/bin/true" and (.arg_notes | has("filename") | not)'
}

test_text_and_strace() {
  swolld_start
  bare_start w
  ctl trace add life --processes --pidns "${BARE_PIDNS[w]}" >/dev/null
  follow life text trace tail life
  follow life strace trace tail life -o strace
  follow life path tail '*/*/*/process:exec'
  bare_run w /bin/true
  end_by TERM
  wait_ledger life
  ctl trace rm life >/dev/null
  followed text
  followed strace
  assert_match "$(grep -F 'process:exec' "$T/text.out" | sed -n 1p)" \
    'process:exec\(parent=[0-9]+, exe="/.*/true", filename="/bin/true", argv=\["/bin/true"\]\)$'
  assert_match "$(grep -F 'process:exit' "$T/text.out" | sed -n 1p)" 'status=0, age=[0-9.]+[mun]?s\)$'
  assert_match "$(grep -F 'process:kill' "$T/text.out")" \
    'signal=SIGTERM, core_dumped=0, cause=process, code=SI_USER, sender=\{pid=[0-9]+, uid=0, comm="processes.sh"\}'
  assert_match "$(grep -F 'execve' "$T/strace.out" | sed -n 1p)" ' execve\("/bin/true", \["/bin/true"\]\) = 0$'
  assert_match "$(<"$T/strace.out")" '\+\+\+ exited with 0 \+\+\+'
  assert_match "$(<"$T/strace.out")" '--- SIGTERM \{si_signo=SIGTERM, si_code=SI_USER, si_pid=[0-9]+, si_uid=0\} ---'
  assert_match "$(<"$T/strace.out")" '\+\+\+ killed by SIGTERM \+\+\+'
  retry 20 has_lines path 2 || fail "tail: $(<"$T/path.out")"
  unfollow path
}
has_lines() { [[ $(wc -l <"$T/$1.out") == "$2" ]]; }

# wrong EXPECTED ARG...: swollctl refuses it, and says so.
wrong() {
  local expected=$1
  shift
  if ctl "$@" >"$T/out" 2>&1; then fail "taken: $*: $(<"$T/out")"; fi
  assert_match "$(<"$T/out")" "$expected"
}
test_what_is_wrong() {
  local head=$'apiVersion: tools.swoll.criticalstack.com/v1alpha1\nkind: Trace\nmetadata: {name: x}'
  swolld_start
  wrong "unknown event of processes 'exce'; did you mean 'exec'" trace add --processes=exce
  wrong "leaves none" trace add --processes='exec,!exec'
  wrong "names no call" trace add
  wrong "no result and take no time" trace add --processes --errno any
  wrong "no result and take no time" trace add -s openat --processes --min-latency 1s
  wrong "unknown argument of these events 'argc'; did you mean 'argv'" trace add --processes=exec --arg argc=1
  wrong "unknown event of processes 'process:exce'; did you mean 'process:exec'" tail 'a/b/c/process:exce'
  wrong "unknown event of processes 'process:all'" tail 'a/b/c/process:all'
  printf '%s\nspec: {syscalls: openat, processes: ","}\n' "$head" >"$T/x.yaml"
  wrong "processes names no event" trace apply -f "$T/x.yaml"
  assert_eq "$(ctl trace ls -o json | jq length)" 0 "traces"
  printf '%s\nspec: {processes: [exec, exit]}\n' "$head" >"$T/x.yaml"
  ctl trace apply -f "$T/x.yaml" >/dev/null
  assert_match "$(ctl trace show x -o yaml)" 'processes: \[exec, exit\]'
  assert_json "$(trace_json x)" '.spec.processes == ["exec", "exit"]'
  assert_match "$(ctl trace ls)" 'processes=exec,exit'
  assert_eq "$("$SWOLLCTL" complete trace add --processes ex | xargs)" "exec exit"
  assert_eq "$("$SWOLLCTL" complete trace add --processes = exec,f | xargs)" "exec,fork"
}

swolld_keep
run_tests "$@"
