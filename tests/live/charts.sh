#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# /metrics/charts in a real browser: its numbers are those of a known workload and of /metrics, its
# filters filter, names do no harm, and nothing is asked of any host but this.
# sanitized: no, it tests the page in Chromium; what the page asks for, rpc/charts-test does
set -euo pipefail
source "${0%/*}/../lib/live.sh"
source "$LIB/containerd.sh"

CHROMIUM=$(type -P chromium || true)
NODE=$(type -P node || true)

# What the diagram shows, and the names in it, as ECharts holds them and not as we gave them.
SERIES="import('/metrics/charts/echarts.mjs').then((e) =>
  e.getInstanceByDom(document.getElementById('flow')).getOption().series[0])"
NODES="$SERIES.then(({data}) => data.map(({depth, title, value, weight}) => ({depth, title, weight})))"
LINKS="$SERIES.then(({links}) => links.map(({from, to, value}) => ({from: from.title, to: to.title, value})))"
DRAWN='document.documentElement.dataset.polls >'
TABLE_SUM="[...document.querySelectorAll('#flow-table tfoot td')].map((cell) => cell.textContent)"

charts_start() {
  [[ -e $ROOT/build-echarts/echarts.mjs ]] || skip_optional "ECharts is not here: make deps did not get it"
  [[ -n $CHROMIUM && -n $NODE ]] || skip "chromium or node is missing"
  free_port
  PAGE=http://127.0.0.1:$PORT/metrics/charts
  printf '[metrics]\nenabled = yes\n' >"$T/swolld.conf"
  swolld_start --http "127.0.0.1:$PORT" "$@"
  retry 20 fetch "$PAGE/data" >/dev/null || fail "no answer on port $PORT"
}

# fetch URL: with node, since a build of the package needs it anyway.
fetch() { node -e "fetch(process.argv[1]).then(async (r) => {
  process.stdout.write(await r.text()); process.exitCode = r.ok ? 0 : 1; }, () => (process.exitCode = 1))" "$1"; }

# browse STEP...: sets SEEN to what charts-browser.mjs says, and wants it to have had nothing to
# complain of and to have asked only us.
browse() {
  SEEN=$(node "$ROOT/tests/tools/charts-browser.mjs" "$T/browser" "$@") || fail "the browser: $SEEN"
  assert_json "$SEEN" '.complaints == []'
  assert_json "$SEEN" 'all(.requests[]; startswith($own))' --arg own "http://127.0.0.1:$PORT/metrics/charts"
}

# calls_of ID CALL RESULT: as the data has it.
CALLS_OF='def calls($id; $call; $result): . as $d | [.rows[]
  | select($d.containers[.[0]].id == $id and $d.calls[.[1]].name == $call and $d.results[.[2]] == $result)
  | .[5:] | map(tonumber) | add] | add // 0;'
calls_of() { fetch "$PAGE/data" | jq "$CALLS_OF"' calls($id; $call; $result)' --arg id "$1" --arg call "$2" --arg result "$3"; }

workload() {
  bare_start w
  ID=pidns:${BARE_PIDNS[w]}
  bare_rename w "charts$$"
  local getppid enoent
  settled # the page may be one of before
  getppid=$(calls_of "$ID" getppid OK)
  enoent=$(calls_of "$ID" openat ENOENT)
  bare_run w "$TOOLS/syscalls" getppid 4321
  bare_run w "$TOOLS/syscalls" openat /does/not/exist 123
  # As the page tells containers apart.
  KEY=$(fetch "$PAGE/data" | jq -r --arg id "$ID" '.containers[] | select(.id == $id)
    | "\(.namespace)/\(.pod)/\(if .name == "" then .id else .name end)" | @uri')
  PAGE_OF_W="$PAGE#container=$KEY&paused=1&table=1"
  GETPPID=$((getppid + 4321)) ENOENT=$((enoent + 123))
  retry 30 has_calls getppid OK "$GETPPID" || fail "getppid in the data: $(calls_of "$ID" getppid OK), not $GETPPID"
  retry 30 has_calls openat ENOENT "$ENOENT" || fail "openat in the data: $(calls_of "$ID" openat ENOENT), not $ENOENT"
}
has_calls() { [[ $(calls_of "$ID" "$1" "$2") == "$3" ]]; }
# settled: until the data has what happened before.
settled() {
  local n
  n=$(calls_of "$ID" write OK)
  bare_run w eval 'echo here'
  retry 30 has_more_than "$n" || fail "the data stays as it was"
}
has_more_than() { (($(calls_of "$ID" write OK) > $1)); }

test_numbers_are_the_workloads() {
  charts_start
  workload
  browse "open:$PAGE_OF_W&by=container,call,result" "wait:$DRAWN 0" "eval:$NODES" "eval:$LINKS" \
    "open:about:blank" "open:$PAGE_OF_W&by=call,result&call=getppid" "wait:$DRAWN 0" "eval:$NODES" "eval:$TABLE_SUM" \
    "open:about:blank" "open:$PAGE_OF_W&by=call,result&result=ENOENT&call=openat&measure=errors" "wait:$DRAWN 0" "eval:$LINKS"
  assert_json "$SEEN" '.values[0] | any(.[]; .depth == 1 and .title == "getppid" and .weight == $n)' --argjson n "$GETPPID"
  assert_json "$SEEN" '.values[1] | any(.[]; .from == "openat" and .to == "ENOENT" and .value == $n)' --argjson n "$ENOENT"
  # What goes into a node goes out again.
  assert_json "$SEEN" '.values as [$nodes, $links] | all($nodes[] | select(.depth == 1);
    .title as $title | .weight == ([$links[] | select(.to == $title) | .value] | add)
      and .weight == ([$links[] | select(.from == $title) | .value] | add))'
  # A filter leaves that call alone, and the table says the same.
  assert_json "$SEEN" '.values[2] == [{depth: 0, title: "getppid", weight: $n}, {depth: 1, title: "OK", weight: $n}]' --argjson n "$GETPPID"
  assert_json "$SEEN" '.values[3][1] | gsub(","; "") == ($n | tostring)' --argjson n "$GETPPID"
  assert_json "$SEEN" '.values[4] == [{from: "openat", to: "ENOENT", value: $n}]' --argjson n "$ENOENT"
  # Prometheus is told the same.
  local metrics
  metrics=$(fetch "http://127.0.0.1:$PORT/metrics" |
    grep "^swoll_node_metrics_syscall_count{.*sys_getppid\".*\"OK\".*container=\"charts$$\"")
  assert_match "$metrics" " $GETPPID( |\$)" "getppid in /metrics"
}

# What grows while the page is open: rates and errors of the polls, and a pause ends the asking.
test_lives_and_pauses() {
  charts_start
  workload
  bare_send w "$TOOLS/syscalls" loop openat /does/not/exist 120
  local text='document.getElementById("errors-note").textContent' asks='performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/data")).length'
  browse "open:$PAGE#every=1&result=ENOENT&call=openat&container=$KEY" \
    "wait:parseInt($text.replaceAll(',', '')) > 100" \
    "wait:document.querySelector('#talkers tbody td').textContent !== '0/s'" \
    "eval:document.getElementById('pause').click()" "eval:new Promise((done) => setTimeout(done, 3000))" \
    "eval:$asks" "eval:new Promise((done) => setTimeout(done, 4000))" "eval:$asks" \
    "eval:document.getElementById('pause').click()" "eval:location.hash" \
    "eval:document.documentElement.dataset.polls = 0" "wait:$DRAWN 2"
  assert_json "$SEEN" '.values[2] == .values[4]'
  assert_json "$SEEN" '.values[6] | contains("every=1") and contains("call=openat") and (contains("paused") | not)'
}

# Anybody who may start a pod may choose such names.
test_names_are_text() {
  need_containerd
  charts_start --cri "$CRI"
  local name='<img src=x onerror="document.title=1">' namespace='</script><b id=hurt>{b|x}'
  pod_run "$namespace" "$name" --uid hostile
  wait_container "$CONTAINER_ID"
  container_exec "$CONTAINER_ID" /tools/syscalls getppid 50
  for id in flow latency errors; do opened+=("eval:document.getElementById('$id-details').open = true"); done
  browse "open:$PAGE#by=namespace,pod,container,call&every=1&table=1&pod=$(jq -rn --arg p "$namespace/$name" '$p | @uri')" \
    "wait:$DRAWN 0" "${opened[@]}" "wait:$DRAWN 3" "eval:$NODES" \
    "eval:[document.title, document.querySelectorAll('main img, #hurt, main script').length]" \
    "eval:document.getElementById('talkers').textContent" "eval:document.getElementById('flow-table').textContent" \
    "eval:[...document.querySelectorAll('#filters option')].map((option) => option.textContent)"
  assert_json "$SEEN" '.values[3] | any(.[]; .title == $name) and any(.[]; .title == $namespace)' --arg name "$name" --arg namespace "$namespace"
  assert_json "$SEEN" '.values[4][1] == 0 and (.values[4][0] | startswith("swoll"))'
  assert_json "$SEEN" '.values[5:7] | all(contains($name) and contains($namespace))' --arg name "$name" --arg namespace "$namespace"
  assert_json "$SEEN" '.values[7] | any(contains($name))' --arg name "$name"
}

# The parts that reckon, in the browser that runs them.
test_sums_and_quantiles() {
  charts_start
  local from="import('/metrics/charts/"
  browse "open:$PAGE#paused=1" "wait:$DRAWN 0" \
    "eval:${from}ranking.js').then(({rank, OTHERS}) => { const r = rank([5, 3, 9, 1, 1, 1].map((w, i) => ({w, v: 'n' + i})), (r) => r.v, (r) => r.w, 2);
      return [r.kept.map((k) => k.value), r.others, r.nameOf('n0') , r.nameOf('n3') === OTHERS]; })" \
    "eval:${from}latency.js').then(({quantile}) => [[100, 0, 0], [0, 100, 0], [50, 49, 1], [0, 0, 7], [0, 0, 0]].map((b) =>
      [0.5, 0.99, 0.999].map((q) => { const x = quantile(b, [512, 1024, null], q); return x && (x.isOver ? 'over ' : '') + Math.round(x.ns); })))" \
    "eval:${from}state.js').then(({readState, writeState}) => { const hash = '#by=pod,call,result&span=60&top=5&namespace=a%26b%23%2Fc&measure=time&paused=1';
      const back = readState(writeState(readState(hash))); const bad = readState('#by=nothing&span=7&__proto__=1&measure=constructor&theme=x');
      return [back.by, back.span, back.namespace, back.measure, back.paused, bad.span, bad.measure, bad.theme, bad.by.length]; })" \
    "eval:${from}snapshot.js').then(({decode, between}) => { const json = (n, time) => ({started: 1, now: 1e9, counting: true, uncounted: 0, bucketEnds: [512, null],
        containers: [{handle: 1, id: 'a'}], calls: [{name: 'x'}, {name: 'x'}], results: ['OK'], rows: [[0, 0, 0, time, 0, n], [0, 1, 0, 4, 1, n]]});
      const [row, ...more] = between(decode(json(3, 8)), decode(json(10, '18014398509481984'))); return [more.length, row.calls, row.buckets, row.time]; })"
  assert_json "$SEEN" '.values[0] == [["n2", "n0"], 4, "n0", true]'
  assert_json "$SEEN" '.values[1] == [["362", "508", "512"], ["724", "1017", "1023"], ["512", "1024", "over 1024"],
    ["over 1024", "over 1024", "over 1024"], [null, null, null]]'
  assert_json "$SEEN" '.values[2] == [["pod", "call", "result"], 60, "a&b#/c", "time", true, 0, "calls", "auto", 6]'
  assert_json "$SEEN" '.values[3] == [0, 14, [7, 7], 18014398509481976]'
}

containerd_start
run_tests "$@"
