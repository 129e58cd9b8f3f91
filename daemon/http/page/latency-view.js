// SPDX-License-Identifier: Apache-2.0
// On top the histogram of all calls that the filters leave, below a line for each of the most
// frequent ones; both by the same axis of time.

import { Chart } from './chart.js';
import { byId, head, table } from './dom.js';
import { count, duration, quantileText, share } from './format.js';
import { addBuckets, position, quantile, timeAt, usedRange } from './latency.js';
import { OTHERS, rank } from './ranking.js';
import { sum } from './snapshot.js';
import { tooltipOf, tooltipStyle } from './tooltip.js';

const TOP = 140;   // px, of the histogram
const LINE = 24;   // px, of a call
const MOST_LINES = 12;

export class LatencyView {
  constructor(choose) {
    this.chart = new Chart(byId('latency'), ({ seriesId, data }) => {
      if (seriesId === 'cells' && !data.isOthers) choose('call', data.call);
    });
  }

  height(calls) {
    return TOP + 60 + LINE * calls;
  }

  // Returns how high it is.
  show(rows, ends, state, colours) {
    const calls = callsOf(rows, ends, Math.min(state.top, MOST_LINES));
    const all = lineOf('all calls', rows, ends);
    if (rows.length)
      this.chart.show(optionOf(all, calls, ends, colours), this.height(calls.length));
    else
      this.chart.show({ series: [], xAxis: [], yAxis: [], grid: [] }, TOP);
    byId('latency-note').textContent = rows.length
      ? `Half of all calls: ${withinText(all.p50)}; 99%: ${withinText(all.p99)} (● p50, ◆ p99, read from buckets by powers of two).`
      : 'No calls here.';
    if (byId('latency-details').open) byId('latency-table').replaceChildren(tableOf(all, calls));
    return this.height(calls.length);
  }
}

const withinText = (quantile) => (quantile.isOver ? `some ${quantileText(quantile)}` : `within ${quantileText(quantile)}`);

function lineOf(title, rows, ends) {
  const buckets = addBuckets(rows);
  return { title, buckets, calls: sum(buckets), p50: quantile(buckets, ends, 0.5), p99: quantile(buckets, ends, 0.99) };
}

function callsOf(rows, ends, most) {
  const nameOf = (row) => row.call.name;
  const ranked = rank(rows, nameOf, (row) => row.calls, most);
  const grouped = new Map([...ranked.kept.map(({ value }) => [value, []]), [OTHERS, []]]);
  for (const row of rows) grouped.get(ranked.nameOf(nameOf(row))).push(row);
  return [...grouped].filter(([, group]) => group.length).map(([name, group]) =>
    ({ ...lineOf(name === OTHERS ? `${ranked.others} others` : name, group, ends), isOthers: name === OTHERS }));
}

function optionOf(all, calls, ends, colours) {
  const [first, end] = usedRange(all.buckets);
  const time = (place) => duration(timeAt(place, ends));
  const axis = {
    type: 'value', min: first, max: end, interval: Math.max(1, Math.ceil((end - first) / 7)),
    axisLine: { show: false }, axisTick: { show: false },
    axisLabel: { color: colours.muted, formatter: time, hideOverlap: true },
  };
  const bottom = TOP + 26;
  return {
    tooltip: { ...tooltipStyle(colours), trigger: 'item', formatter: ({ data }) => data.tip?.() },
    grid: [{ left: 128, right: 20, top: 24, height: TOP - 40 }, { left: 128, right: 20, top: bottom, height: LINE * calls.length }],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false }, splitLine: { show: false } },
      { ...axis, gridIndex: 1, splitLine: { lineStyle: { color: colours.line } } },
    ],
    yAxis: [
      { gridIndex: 0, type: 'value', axisLine: { show: false }, axisTick: { show: false }, axisLabel: { show: false }, splitLine: { show: false } },
      {
        gridIndex: 1, type: 'category', inverse: true, data: calls.map(({ title }) => title),
        axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: colours.text, width: 116, overflow: 'truncate' },
      },
    ],
    series: [
      barsOf(all, ends, time, colours),
      cellsOf(calls, time, colours),
      marksOf('p50', 'circle', calls, ends, colours),
      marksOf('p99', 'diamond', calls, ends, colours),
    ],
  };
}

const rangeText = (i, time, last) => (i === last ? `over ${time(i)}` : `${i ? time(i) : '0'} to ${time(i + 1)}`);

function barsOf(all, ends, time, colours) {
  const last = all.buckets.length - 1;
  const data = all.buckets.flatMap((calls, i) => (calls ? [{
    value: [i, calls],
    tip: () => tooltipOf(`All calls, ${rangeText(i, time, last)}`, [['calls', count(calls)], ['of all', share(calls, all.calls)]]),
  }] : []));
  const line = (name, { ns }) => ({ xAxis: position(ns, ends), label: { formatter: `${name} ${quantileText(all[name])}` } });
  return {
    id: 'bars', type: 'custom', xAxisIndex: 0, yAxisIndex: 0, data, clip: true,
    renderItem: (_, api) => {
      const [left, top] = api.coord([api.value(0), api.value(1)]);
      const [right, foot] = api.coord([api.value(0) + 1, 0]);
      const height = Math.max(1, foot - top);
      return { type: 'rect', shape: { x: left + 1, y: foot - height, width: Math.max(1, right - left - 2), height, r: [2, 2, 0, 0] }, style: { fill: colours.accent } };
    },
    markLine: {
      symbol: 'none', silent: true, animation: false, lineStyle: { color: colours.marker, type: 'dashed' },
      label: { color: colours.text, position: 'end', fontSize: 11 },
      data: [line('p50', all.p50), { ...line('p99', all.p99) }],
    },
  };
}

// The darker, the more of that call's calls took so long.
function cellsOf(calls, time, colours) {
  const data = calls.flatMap((call, y) => call.buckets.flatMap((n, i) => (n ? [{
    value: [i, y, n / call.calls], call: call.title, isOthers: call.isOthers,
    tip: () => tooltipOf(`${call.title}, ${rangeText(i, time, call.buckets.length - 1)}`, [['calls', count(n)], ['of them', share(n, call.calls)]]),
  }] : [])));
  return {
    id: 'cells', type: 'custom', xAxisIndex: 1, yAxisIndex: 1, data, clip: true,
    renderItem: (_, api) => {
      const [left, middle] = api.coord([api.value(0), api.value(1)]);
      const [right] = api.coord([api.value(0) + 1, api.value(1)]);
      return {
        type: 'rect', shape: { x: left + 1, y: middle - LINE / 2 + 2, width: Math.max(1, right - left - 2), height: LINE - 4, r: 2 },
        style: { fill: colours.accent, opacity: 0.12 + 0.78 * Math.sqrt(api.value(2)) },
      };
    },
  };
}

function marksOf(name, symbol, calls, ends, colours) {
  return {
    id: name, type: 'scatter', xAxisIndex: 1, yAxisIndex: 1, symbol, symbolSize: 9, z: 5,
    itemStyle: { color: colours.marker, borderColor: colours.panel, borderWidth: 1.5 },
    data: calls.map((call, y) => ({
      value: [position(call[name].ns, ends), y],
      tip: () => tooltipOf(call.title, [['p50', quantileText(call.p50)], ['p99', quantileText(call.p99)], ['calls', count(call.calls)]]),
    })),
  };
}

function tableOf(all, calls) {
  const cells = (line) => [line.title, count(line.calls), quantileText(line.p50), quantileText(line.p99)];
  return table('Time by call', [head('Call'), head('Calls', true), head('p50', true), head('p99', true)], calls.map(cells), cells(all));
}
