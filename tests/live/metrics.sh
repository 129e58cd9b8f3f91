#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# /metrics: every call of every container, exactly, traced or not; and a server that nobody who
# behaves badly can take from others.
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-metrics-$$

# metrics_start [LINE...]: a daemon that counts, with more lines for [metrics]; HTTP on a Unix socket.
metrics_start() {
  { echo '[metrics]'; printf '%s\n' "$@"; } >"$T/swolld.conf"
  HTTP=$T/http.sock
  swolld_start --http "unix:$HTTP" "${START[@]}"
  retry 20 part_is http true || fail "http: $(part_state http)"
}
START=()

# page PATH [CURL_OPTION]...
page() { curl --silent --show-error --fail --max-time 60 --unix-socket "$HTTP" "${@:2}" "http://localhost$1"; }

# value NAME [LABEL="VALUE"]...: the sum of the samples of that name with all these labels.
value() {
  page /metrics | awk -v wanted="$*" '
    BEGIN { n = split(wanted, want, " ") }
    /^#/ { next }
    { split($1, name, "{"); good = name[1] == want[1]
      for (i = 2; i <= n; i++) good = good && index($1, want[i])
      if (good) { sum += $NF; found++ } }
    END { printf "%.17g\n", found ? sum : -1 }'
}
value_is() { [[ $(value "${@:2}") == "$1" ]]; }
# wants VALUE NAME [LABEL]...: until it is so.
wants() { retry 20 value_is "$@" || fail "${*:2}: got $(value "${@:2}"), wanted $1"; }

COUNT=swoll_node_metrics_syscall_count

# calls_of CONTAINER CALL [ERR]: labels of a call that succeeded, or failed so.
calls_of() { echo "container=\"$1\" syscall=\"sys_$2\" err=\"${3-OK}\""; }

# bare_named NAME: a bare namespace (bare.sh) of which swolld knows. A container that nobody has named
# goes by its first process: here by one that no other test has. Sets BARE.
bare_named() {
  bare_start "$1"
  BARE=m$$-$1
  bare_rename "$1" "$BARE"
}

# lines PATTERN [FILE]: how many match; none is fine.
lines() { grep -c "$@" || true; }

test_counts_exactly() {
  metrics_start
  bare_named w
  # perf counts as well, from outside, where it can.
  local perf= end=$((SECONDS + 20))
  if perf stat -e syscalls:sys_enter_getppid true >/dev/null 2>&1; then
    spawn perf stat -x, -o "$T/perf" -e syscalls:sys_enter_getppid -p "${BARE_PID[w]}"
    perf=$SPAWNED
    # It has begun when the shell's task has an event of perf's.
    until ls -l "/proc/$perf/fd" 2>/dev/null | grep perf_event >/dev/null; do
      ((SECONDS < end)) || fail "perf does not begin"
    done
    sleep 1 # it opens them all, and then enables them
  fi
  bare_run w "$TOOLS/syscalls" threads 16 62500
  if [[ -n $perf ]]; then
    kill -INT "$perf"
    retry 20 has_ended "$perf" || fail "perf does not end"
  fi
  # shellcheck disable=SC2046
  wants 1000000 $COUNT $(calls_of $BARE getppid)
  [[ -z $perf ]] || assert_eq "$(awk -F, '/getppid/ { print $1 }' "$T/perf")" 1000000 "perf's count"
  bare_run w "$TOOLS/syscalls" openat /absent 700
  bare_run w "$TOOLS/syscalls" openat /etc/passwd/below 30
  # shellcheck disable=SC2046
  wants 700 $COUNT $(calls_of $BARE openat ENOENT)
  # shellcheck disable=SC2046
  wants 30 $COUNT $(calls_of $BARE openat ENOTDIR)
  local name="container=\"$BARE\""
  wants 1000000 swoll_syscall_duration_seconds_count "$name" 'syscall="sys_getppid"'
  wants 1000000 swoll_syscall_duration_seconds_bucket "$name" 'syscall="sys_getppid"' 'le="+Inf"'
  wants 0 swoll_calls_without_cell_total
  local took
  # shellcheck disable=SC2046
  took=$(value swoll_node_metrics_syscall_time $(calls_of $BARE getppid))
  ((${took%.*} > 1000000)) || fail "a million calls took $took ns"
  [[ $(page /metrics) == *'class="'*'group="'* ]] || fail "no class or group"
}

# The format, as Prometheus checks it. Two names are the original swoll's, which it would have end
# in _total.
test_promtool() {
  [[ -n $(type -P promtool) ]] || skip_optional "promtool is missing"
  metrics_start
  bare_named w
  bare_named v
  ctl trace add one -s openat --pidns "${BARE_PIDNS[w]}" >/dev/null
  bare_run w "$TOOLS/syscalls" openat /absent 10
  bare_run v "$TOOLS/syscalls" getppid 10
  # shellcheck disable=SC2046
  wants 10 $COUNT $(calls_of $BARE getppid)
  wants 1 swoll_traces
  retry 20 value_is 10 swoll_events_seen_total 'trace="one"' || fail "events: $(page /metrics | grep trace=)"
  page /metrics >"$T/metrics"
  promtool check metrics <"$T/metrics" >"$T/lint" 2>&1 || true
  assert_eq "$(grep -vE '^swoll_node_metrics_syscall_(count|time) ' "$T/lint" || true)" "" "what promtool says"
  assert_eq "$(grep -v '^#' "$T/metrics" | sed 's/ [^ ]*$//' | sort | uniq -d)" "" "series told twice"
  local family
  for family in swoll_rules swoll_containers swoll_build_info swoll_cells swoll_cells_used \
    swoll_losses_total swoll_part_ok process_cpu_seconds_total process_resident_memory_bytes \
    process_virtual_memory_bytes process_open_fds process_max_fds process_start_time_seconds; do
    grep -q "^# HELP $family " "$T/metrics" || fail "$family has no help"
    grep -q "^$family[{ ]" "$T/metrics" || fail "no $family"
  done
  ctl trace rm one >/dev/null
  wants -1 swoll_events_seen_total 'trace="one"' # it is removed
  wants 10 swoll_events_seen_total # those that are gone, together
}

test_off() {
  metrics_start 'enabled = no'
  bare_named w
  bare_run w "$TOOLS/syscalls" getppid 10
  page /metrics >"$T/metrics"
  assert_eq "$(lines syscall "$T/metrics")" 0 "lines about calls"
  assert_eq "$(value swoll_traces)" 0 traces
  assert_json "$(status_json)" '.attached == false'
}

test_no_histogram() {
  metrics_start 'histogram = no'
  bare_named w
  bare_run w "$TOOLS/syscalls" getppid 10
  # shellcheck disable=SC2046
  wants 10 $COUNT $(calls_of $BARE getppid)
  assert_eq "$(page /metrics | lines duration_seconds)" 0 "lines of histograms"
}

# More than max-series are told as one, and all calls are still there. (Of one pod: how many of their
# series are told would depend on others, and on what they do.)
test_folds() {
  [[ -x $B/conformance/files ]] || skip_optional "no program here makes so many calls"
  need_containerd
  START=(--cri "$CRI")
  metrics_start 'histogram = no' 'max-series = 100' '[observer]' "label-selector = run=$NS"
  pod_run "$NS" folds --label "run=$NS"
  wait_container "$CONTAINER_ID"
  local pid cgroup
  pid=$(container_pid "$CONTAINER_ID")
  cgroup=$CGROUP2$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
  in_pod() { "$TOOLS/place" join "$cgroup" exec nsenter -t "$pid" -p "$@"; } # without its runtime's calls
  page /metrics >/dev/null # whose calls are older from now on
  in_pod "$TOOLS/syscalls" openat /etc/passwd/below 77
  wants 77 $COUNT "namespace=\"$NS\"" 'pod="folds"' 'syscall="sys_openat"' 'err="ENOTDIR"'
  local name
  for name in files attributes credentials signals time scheduling; do
    mkdir "$T/$name.dir"
    in_pod "$B/conformance/$name" "$T/$name.dir" || true
  done
  has_folded() { (($(value swoll_series_folded) > 0)); }
  retry 20 has_folded || fail "nothing is folded: $(page /metrics | grep swoll_series)"
  page /metrics >"$T/metrics"
  assert_ok "more series than allowed" \
    [ "$(grep -v 'syscall="other"' "$T/metrics" | lines '^swoll_node_metrics')" -le 100 ]
  grep -q "^$COUNT{syscall=\"other\",class=\"other\",group=\"other\",err=\"other\",namespace=\"other\",pod=\"other\",container=\"other\"} " \
    "$T/metrics" || fail "no other: $(grep other "$T/metrics")"
  assert_match "$(part_state metrics)" "told together" "status after $(grep ^swoll_series "$T/metrics" | xargs)"
  # Folding loses nothing, and what is told falls by nothing.
  local before after
  before=$(value $COUNT)
  in_pod "$TOOLS/syscalls" getppid 1000
  at_least() { after=$(value $COUNT); ((after >= before + 1000)); }
  retry 20 at_least || fail "all calls together: $before, then $after"
}

# A container of a pod: its first call, its names; its series stay after its end.
test_pod() {
  need_containerd
  START=(--cri "$CRI")
  metrics_start
  local ids
  ids=$(cri_pod run --namespace "$NS" --name brief --image "$IMAGE" --mount "$TOOLS:/tools" \
    -- /tools/syscalls openat /etc/passwd/below 321)
  read -r POD_ID CONTAINER_ID <<<"$ids"
  at_exit pod_rm "$POD_ID"
  local of="namespace=\"$NS\" pod=\"brief\" container=\"main\""
  # Which runc's own part of the container does not make.
  # shellcheck disable=SC2086
  wants 321 $COUNT $of 'syscall="sys_openat"' 'err="ENOTDIR"'
  # shellcheck disable=SC2086
  assert_ok "no execve of the entrypoint" [ "$(value $COUNT $of 'syscall="sys_execve"' 'err="OK"')" -ge 1 ]
  pod_rm "$POD_ID"
  gone() { ! sees_container "$CONTAINER_ID"; }
  retry 30 gone || fail "the container is still there"
  # shellcheck disable=SC2086
  assert_eq "$(value $COUNT $of 'syscall="sys_openat"' 'err="ENOTDIR"')" 321 "after its end"
}

test_health() {
  metrics_start
  assert_eq "$(page /healthz)" ok healthz
  run 22 page /absent
  run 22 page /metrics --request POST
  assert_eq "$(stat -c %a "$HTTP")" 660 "the socket's mode"
  swolld_stop
  [[ ! -e $HTTP ]] || fail "the socket is left behind"
}

# tcp_start: the daemon on a free port of 127.0.0.1, which is PORT.
tcp_start() {
  echo '[metrics]' >"$T/swolld.conf"
  free_port
  swolld_start --http "127.0.0.1:$PORT"
  retry 20 part_is http true || fail "http: $(part_state http)"
}

test_names_that_lead_here() {
  tcp_start
  assert_eq "$(curl -s "http://127.0.0.1:$PORT/healthz") $(curl -s "http://localhost:$PORT/healthz")" "ok ok" healthz
  assert_eq "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "http://127.0.0.1:$PORT/metrics")" \
    403 "another's name"
}

# A port that is in use costs that part alone, and is opened when it is free.
test_port_in_use() {
  tcp_start
  local first=$SWOLLD_PID socket=$SWOLL_SOCKET
  SWOLLD_PID=
  at_exit end_process "$first"
  mkdir "$T/second"
  T=$T/second swolld_start --http "127.0.0.1:$PORT"
  assert_match "$(part_state http)" "^false 127.0.0.1:$PORT: Address already in use" "the second's http"
  kill -TERM "$first"
  retry 30 part_is http true || fail "not opened again: $(part_state http)"
  assert_eq "$(curl -s "http://127.0.0.1:$PORT/healthz")" ok healthz
}

# 1,000 clients that say nothing, slow ones, endless ones: others are served, the API answers.
test_bad_clients() {
  tcp_start
  cat >"$T/bad.py" <<'PY'
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
port, held = int(sys.argv[1]), []
def client(data=b''):
    s = socket.create_connection(('127.0.0.1', port))
    s.setblocking(False)
    held.append(s)
    try:
        s.send(data)
    except OSError:
        pass
for _ in range(1000):
    client()
client(b'GET /metr')
client(b'GET /metrics HTTP/1.1\r\nHost: ' + b'a' * 1000000)
client(bytes(range(256)) * 100)
for _ in range(20):
    client(b'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' * 1000)
print('ready', flush=True)
time.sleep(600)
PY
  spawn python3 "$T/bad.py" "$PORT" >"$T/bad.out" 2>&1
  retry 60 grep -q ready "$T/bad.out" || fail "clients: $(<"$T/bad.out")"
  scrapes() { curl -sf --max-time 20 "http://127.0.0.1:$PORT/metrics" | grep '^swoll_traces ' >/dev/null; }
  retry 60 scrapes || fail "no scrape among idle clients"
  assert_json "$(status_json)" 'any(.losses[]; .name == "refusedHttp" and .value >= 900)'
  bare_start w
  trace_start still -s getppid --pidns "${BARE_PIDNS[w]}"
  bare_run w "$TOOLS/syscalls" getppid 100
  trace_end still
  assert_eq "$(count_events still)" 100 "events meanwhile"
}

containerd_start
run_tests "$@"
