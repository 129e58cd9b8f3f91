#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real Prometheus that scrapes swolld: the queries that swoll's users have, the dashboard's and the
# alerts run as they are shipped, and give what the containers did.
# sanitized: no, it tests Prometheus and what is shipped for it; metrics.sh serves the same page
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

NS=swoll-prom-$$
DOCS=$ROOT/docs
DASHBOARD=$DOCS/grafana/swoll.json
# What a healthy daemon has none of: queries that then answer nothing.
NO_DATA='^(Events lost, by cause and trace|Lost by the daemon|swolld restarts)$'

# Metrics that the kernel has only while kernel.bpf_stats_enabled is 1, which slows the whole machine.
NOT_COUNTED='swoll_probe_runs?_(seconds_)?total'
[[ $(sysctl -n kernel.bpf_stats_enabled 2>/dev/null) != 1 ]] || NOT_COUNTED='^$'

# ---- the two servers ----

# servers_keep: a swolld that counts and serves, on HTTP, the two pods, and a Prometheus, for the tests
# that leave them as they are.
servers_keep() {
  [[ -z ${NO_CONTAINERD-} ]] || return 0
  free_port
  HTTP=127.0.0.1:$PORT
  echo "$COUNTING" >"$TMP/swolld.conf"
  swolld_keep --cri "$CRI" --http "$HTTP"
  pods_of_two
  prometheus_start
}
COUNTING=$'[metrics]\nenabled = yes'
daemon_start() {
  need_containerd
  echo "$COUNTING" >"$T/swolld.conf"
  swolld_start --cri "$CRI" --http "$HTTP"
}
# daemon_start_own: one that may be ended, and two pods that may go on; sets HTTP and NS.
daemon_start_own() {
  KEPT=() NS=$NS-own
  free_port
  HTTP=127.0.0.1:$PORT
  daemon_start
  pods_of_two
}
metrics() { curl -fsS --max-time 30 "http://$HTTP/metrics"; }

# prometheus_start [RULES]: the configuration that is shipped, with this test's address, files and
# pace; sets PROM.
prometheus_start() {
  free_port
  PROM=127.0.0.1:$PORT
  {
    printf 'global: {evaluation_interval: 1s}\n'
    sed -e "s|127.0.0.1:9095|$HTTP|" -e 's|scrape_interval: 15s|scrape_interval: 1s|' \
      -e "s|^  - swoll-\(.*\).yml|  - ${1-$DOCS/prometheus}/swoll-\1.yml|" "$DOCS/prometheus/prometheus.yml"
  } >"$T/prometheus.yml"
  promtool check config "$T/prometheus.yml" >"$T/promtool.log" 2>&1 ||
    fail "the configuration that is shipped: $(<"$T/promtool.log")"
  spawn prometheus --config.file="$T/prometheus.yml" --storage.tsdb.path="$T/tsdb" \
    --web.listen-address="$PROM" --log.level=warn >"$T/prometheus.log" 2>&1
  retry 60 curl -fs "http://$PROM/-/ready" >/dev/null || fail "no Prometheus: $(<"$T/prometheus.log")"
  retry 60 query_is 'up{job="swolld"}' '.[0].value[1] == "1"' || fail "not scraped: $(curl -s "http://$PROM/api/v1/targets")"
}

# query EXPR [TIME]: its result, as JSON.
query() {
  local answer
  answer=$(curl -sS --max-time 60 -G "http://$PROM/api/v1/query" --data-urlencode "query=$1" ${2:+--data-urlencode "time=$2"})
  jq -ce 'select(.status == "success") | .data.result' <<<"$answer" || fail "query fails: $1: $answer"
}
query_is() { query "$1" | jq -e "$2" >/dev/null; }

# ---- workloads ----

# pods_of_two: the pods `many` and `few`, which open what is no folder, in a known proportion; few is
# idle before and after. Sets POD_MANY and POD_FEW, their containers' ids.
pods_of_two() {
  pod_run "$NS" many --container web
  POD_MANY=$CONTAINER_ID
  pod_run "$NS" few --container web
  POD_FEW=$CONTAINER_ID
  wait_container "$POD_MANY"
  wait_container "$POD_FEW"
  container_exec "$POD_MANY" /tools/syscalls openat /etc/motd/x 6000 >/dev/null
  container_exec "$POD_FEW" /tools/syscalls openat /etc/motd/x 2000 >/dev/null
  container_exec "$POD_FEW" /tools/syscalls getppid 300 >/dev/null
}

# until_scraped: Prometheus has all that the two pods did.
until_scraped() {
  retry 60 query_is "sum by (pod) (swoll_node_metrics_syscall_count{namespace=\"$NS\",err=\"ENOTDIR\"})" \
    '[.[] | {(.metric.pod): .value[1]}] | add == {many: "6000", few: "2000"}' || fail "counts do not come: $(metrics | grep "$NS")"
}

# counted LABEL FILTER...: from the page itself, sums of the counts by LABEL, of lines with all FILTERs.
counted() {
  local label=$1 lines filter
  lines=$(metrics | grep '^swoll_node_metrics_syscall_count{')
  shift
  for filter in "$@"; do lines=$(grep -F "$filter" <<<"$lines"); done
  sed -E "s/.*[{,]$label=\"([^\"]*)\".* ([0-9.e+]+)\$/\1 \2/" <<<"$lines" |
    awk '{ sum[$1] += $2 } END { for (key in sum) printf "%s %d\n", key, sum[key] }' | sort -k2nr -k1
}
# told LABEL: of a query's result, likewise.
told() { jq -r --arg of "$1" '.[] | "\(.metric[$of]) \(.value[1])"' | sort -k2nr -k1; }

# ---- the queries that swoll's users have ----

test_calls_by_result() {
  daemon_start
  until_scraped
  local result
  result=$(query "
  sort_desc(
   sum(
    swoll_node_metrics_syscall_count{
     namespace=\"$NS\"
    }) by (err))")
  assert_json "$result" 'map(.value[1] | tonumber) | . == (sort | reverse)'
  assert_json "$result" 'any(.[]; .metric == {err: "ENOTDIR"} and .value[1] == "8000")'
  assert_json "$result" 'any(.[]; .metric == {err: "OK"} and (.value[1] | tonumber) > 300)'
  assert_eq "$(told err <<<"$result")" "$(counted err "namespace=\"$NS\"")" "what the page says"
}

test_openat_by_pod() {
  daemon_start
  until_scraped
  local result
  result=$(query "
  sort_desc(
   sum(
    swoll_node_metrics_syscall_count{
     namespace=\"$NS\",
     syscall=\"sys_openat\"
    }) by (namespace,pod))")
  assert_json "$result" '(map(.metric) == [{namespace: $ns, pod: "many"}, {namespace: $ns, pod: "few"}])
    and (.[0].value[1] | tonumber) >= 6000 and (.[1].value[1] | tonumber) >= 2000' --arg ns "$NS"
  assert_eq "$(told pod <<<"$result")" "$(counted pod "namespace=\"$NS\"" 'syscall="sys_openat"')" "what the page says"
}

# history NOW: ten minutes of the scraped series of errors, a sample each 15 s, that end with their
# real values: of many 10 a second for five minutes, then 5; of few 2 a second all the time.
history() {
  metrics | grep '^# TYPE swoll_node_metrics_syscall_count '
  metrics | grep '^swoll_node_metrics_syscall_count{' | grep -F 'err="ENOTDIR"' | grep -F "namespace=\"$NS\"" |
    awk -v now="$1" '{
      value = $NF; sub(/ [^ ]*$/, "")
      for (ago = 600; ago >= 0; ago -= 15) {
        if ($0 ~ /pod="many"/) back = ago <= 300 ? 5 * ago : 1500 + 10 * (ago - 300)
        else back = 2 * ago
        printf "%s %.17g %d\n", $0, value - back, now - ago
      }
    }'
  echo "# EOF"
}

# The query compares what lies ten minutes apart, so that time is given to Prometheus beforehand.
test_change_of_the_rate_of_errors() {
  daemon_start
  local now result
  now=$(date +%s)
  history "$now" | sed 's/^\(# TYPE [a-z_]*\) counter/\1 unknown/' >"$T/history"
  promtool tsdb create-blocks-from openmetrics "$T/history" "$T/tsdb" || fail "the history: $(head -3 "$T/history")"
  prometheus_start
  result=$(query '
  sort_desc(
   avg by (container, pod, namespace, syscall) (
    rate(
     swoll_node_metrics_syscall_count { err != "OK" }[5m]
     offset 5m
    )) /
   avg by (container, pod, namespace, syscall) (
    rate(
     swoll_node_metrics_syscall_count{ err != "OK" }[5m]
    )
   ))' "$now")
  # Near to it: rate() reaches out to the ends of its window.
  assert_json "$result" '(map(.metric) == [
      {container: "web", namespace: $ns, pod: "many", syscall: "sys_openat"},
      {container: "web", namespace: $ns, pod: "few", syscall: "sys_openat"}])
    and (map(.value[1] | tonumber * 10 | round) == [20, 10])' --arg ns "$NS"
}

# ---- the dashboard ----

# expand TEXT: with the dashboard's variables, as Grafana sets them when all is chosen.
expand() {
  local text=$1 name value
  while IFS=$'\t' read -r name value; do
    text=${text//"\$$name"/$value}
  done < <(
    printf '__rate_interval\t10s\n__range\t1m\n__interval\t10s\n'
    jq -r '.templating.list[] | select(.type == "query") | [.name, ".*"] | @tsv' "$DASHBOARD"
    jq -r '.templating.list[] | select(.type == "textbox") | [.name, .query] | @tsv' "$DASHBOARD"
  )
  [[ $text != *'$'* ]] || fail "a variable is not known: $text"
  echo "$text"
}

test_dashboard() {
  daemon_start
  ctl trace add seen -s getppid -n "$NS" >/dev/null
  # So that rates are not 0.
  container_exec "$POD_MANY" /tools/syscalls loop openat /etc/motd/x 600 >/dev/null &
  at_exit end_process "$!"
  local title expr queries=0
  while IFS=$'\t' read -r title expr; do
    queries=$((queries + 1))
    expr=$(expand "$expr")
    [[ $title =~ $NO_DATA || $expr =~ $NOT_COUNTED ]] && query "$expr" >/dev/null && continue
    retry 40 query_is "$expr" 'length > 0' || fail "the panel '$title' shows nothing: $expr"
  done < <(jq -r '(.panels[] | .title as $title | .targets[]? | [$title, .expr]),
    (.annotations.list[] | select(.expr) | [.name, .expr]) | @tsv' "$DASHBOARD")
  ((queries > 30)) || fail "only $queries queries were found"

  # What the variables can be set to.
  local name label selector
  while IFS=$'\t' read -r name label selector; do
    selector=$(expand "$selector")
    retry 10 query_is "count by ($label) ($selector)" "any(.[]; .metric.$label)" ||
      fail "nothing to choose a $name from: $selector"
  done < <(jq -r '.templating.list[] | select(.type == "query")
    | [.name] + (.definition | capture("^label_values\\((?<of>.*), (?<label>[a-z]+)\\)$") | [.label, .of]) | @tsv' "$DASHBOARD")
}

test_dashboard_is_whole() {
  assert_json "$(<"$DASHBOARD")" '
    (.schemaVersion >= 36) and (.uid | length) > 0
    and ([.panels[].id] | length == (unique | length))
    and all(.panels[] | select(.type != "row"); (.title | length) > 0
      and ([.targets[].refId] | length == (unique | length))
      and all(.targets[]; .datasource.uid == "${datasource}")
      and .gridPos.x + .gridPos.w <= 24)
    and ([.panels[].gridPos as $p | range($p.y; $p.y + $p.h) as $y | range($p.x; $p.x + $p.w) as $x | [$x, $y]]
      | length == (unique | length))'
}

# Names of metrics that the shipped files and the man page speak of are those that are served.
test_metrics_are_those_that_are_told_of() {
  daemon_start
  ctl trace add seen -s getppid -n "$NS" >/dev/null
  {
    metrics | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p'
    printf '%s\n' swoll_probe_run_seconds_total swoll_probe_runs_total | grep -xE "$NOT_COUNTED" || true
  } | sort -u >"$T/served"
  local said name
  said=$( { jq -r '.. | .expr?, .definition? | select(type == "string")' "$DASHBOARD"; cat "$DOCS"/prometheus/swoll-*.yml; } |
    grep -oE '\b(swoll_[a-z_]+|process_[a-z_]+)\b' | grep -vE '^swoll_(calls|errors|seconds_in_calls|call_seconds)$' |
    sed -E 's/^(swoll_syscall_duration_seconds)_(bucket|count|sum)$/\1/' | sort -u)
  for name in $said; do
    grep -qx "$name" "$T/served" || fail "$name is not served"
  done
  while read -r name; do
    grep -qE "^\.It Li $name\b" "$DOCS/man/swolld.8" || fail "swolld(8) does not tell of $name"
  done < <(grep '^swoll_' "$T/served")
  while read -r name; do
    grep -qx "$name" "$T/served" || fail "swolld(8) tells of $name, which is not served"
  done < <(sed -n 's/^\.It Li \(swoll_[a-z_]*\).*/\1/p' "$DOCS/man/swolld.8")
}

test_promtool_takes_the_metrics() {
  daemon_start
  metrics >"$T/page"
  local complaints
  complaints=$(promtool check metrics <"$T/page" 2>&1 | grep -v '^swoll_node_metrics_syscall_\(count\|time\) ' || true)
  assert_eq "$complaints" "" "what promtool says, but for the two names that are swoll's"
}

# ---- the alerts ----

test_rules_are_right() {
  promtool check rules "$DOCS"/prometheus/swoll-*.yml || fail "the rules"
  promtool test rules "$ROOT/tests/prometheus/alerts.yml" || fail "the tests of the rules"
  local name
  for name in $(sed -n 's/^ *- alert: //p' "$DOCS/prometheus/swoll-alerts.yml"); do
    grep -q "alertname=\"$name\"" "$ROOT/tests/prometheus/alerts.yml" || fail "no test has $name fire"
  done
  assert_eq "$(grep -c '^ *- alert:' "$DOCS/prometheus/swoll-alerts.yml")" \
    "$(grep -c '^ *action: >-' "$DOCS/prometheus/swoll-alerts.yml")" "alerts that say what to do"
}

# firing NAME FILTER: whether the alert fires, for labels and annotations for which FILTER holds.
firing() {
  curl -fsS "http://$PROM/api/v1/alerts" | jq -e --arg name "$1" --arg ns "$NS" \
    "any(.data.alerts[]; .labels.alertname == \$name and .state == \"firing\" and ($2))" >/dev/null
}

# The rules as they are, only that minutes are seconds.
test_alerts_fire() {
  daemon_start_own
  mkdir "$T/rules"
  local file
  for file in "$DOCS"/prometheus/swoll-*.yml; do
    sed -E -e 's/\[[0-9]+[mh]\]/[10s]/g' -e 's/offset 1h/offset 20s/' -e 's/for: [0-9]+m/for: 1s/' "$file" >"$T/rules/${file##*/}"
  done
  prometheus_start "$T/rules"
  until_scraped
  ! firing SwollCallsFail '.labels.namespace == $ns' || fail "it fires without a fault"
  ! firing SwollDown true || fail "it fires without a fault"

  local exec
  container_exec "$POD_MANY" /tools/syscalls loop openat /etc/motd/x 300 /tmp/enough >/dev/null &
  exec=$!
  retry 90 firing SwollCallsFail '.labels.pod == "many" and .labels.namespace == $ns
    and (.annotations.summary | test("^" + $ns + "/many/web: [0-9.]+% of its system calls fail$"))
    and (.annotations.action | contains("-n " + $ns + " --pod many "))' ||
    fail "no alert: $(curl -s "http://$PROM/api/v1/alerts")"
  ! firing SwollCallsFail '.labels.pod == "few"' || fail "it fires for another pod"
  retry 30 query_is "namespace_pod_container:swoll_errors:rate5m{namespace=\"$NS\",pod=\"many\"}" \
    'length == 1 and (.[0].value[1] | tonumber) > 1' || fail "the recording rules record nothing"
  container_exec "$POD_MANY" /bin/sh -c ': >/tmp/enough'
  wait "$exec"

  swolld_stop || fail "it does not end well"
  retry 60 firing SwollDown '.labels.instance == "'"$HTTP"'"' || fail "no alert of a daemon that is gone"
}

containerd_start
servers_keep
run_tests "$@"
