# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: what a call costs when there are many traces, and many containers. Each
# of the containers is a process that sleeps, in a cgroup whose name tells that it is one.

MANY_ROUNDS=3

# many_cgroups N: makes as many containers as that, besides those that are there.
many_cgroups() {
  local n path
  for ((n = MANY_MADE; n < $1; n++)); do
    path=$V2/swoll-bench-$$/$(printf '%064x' $((0xabcdef000000 + n)))
    mkdir "$path"
    sh -c 'echo 0 >"$0/cgroup.procs"; exec sleep 1000000' "$path" &
  done
  MANY_MADE=$1
}
many_remove() {
  local path
  for path in "$V2/swoll-bench-$$"/0000*; do
    [[ ! -d $path ]] || echo 1 >"$path/cgroup.kill"
  done
  for path in "$V2/swoll-bench-$$"/0000*; do
    [[ ! -d $path ]] || remove_cgroup "$path"
  done
}

# many_add N: traces of getppid that select by id; the first is that of the pod.
many_add() {
  local n
  for ((n = ${MANY_TRACES:-1}; n < $1; n++)); do
    ctl trace add "many-$n" -s getppid --container "absent-$n" --no-journal >/dev/null
  done
  MANY_TRACES=$1
}

many_sample() { # SUBJECT
  local i
  for ((i = 0; i < MANY_ROUNDS; i++)); do
    sample "$1-beside" other 2
    sample "$1-in" pod 2
    wait_ledger many
  done
}

many() {
  local n
  MANY_TRACES=1 MANY_MADE=0
  daemon_start
  on many "${POD[@]}" --no-journal
  for n in 1 100 1000; do
    many_add "$n"
    many_sample "traces-$n"
  done
  daemon_stop

  at_exit many_remove
  for n in 1 100 1000; do
    many_cgroups "$n"
    daemon_start
    on many "${POD[@]}" --no-journal
    ctl trace add wide -s getppid --container 00000000 --no-journal >/dev/null
    retry 60 many_known "$n" || fail "not all of $n containers are known"
    many_sample "containers-$n"
    daemon_stop
  done
  many_remove
}
many_known() { (($(trace_json wide | jq '.containers | length') >= $1)); }

many_rows() {
  local what n where
  printf '%-66s %8s %8s\n' "ns per call of getppid, in another and in a traced container" ns "x one"
  for what in traces containers; do
    for n in 1 100 1000; do
      for where in beside in; do
        awk -v t="${BEST[$what-$n-$where]}" -v one="${BEST[$what-1-$where]}" \
          -v text="$n $what, in $([[ $where == in ]] && echo a traced || echo another) container" \
          'BEGIN { printf "%-66s %8.0f %8.2f\n", text, t, t / one }'
      done
    done
  done
}
