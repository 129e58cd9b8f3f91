// SPDX-License-Identifier: Apache-2.0
// Errors in a second, by their name, as far back as this page has been open.

import { Chart } from './chart.js';
import { byId, head, table } from './dom.js';
import { clock, count, rate } from './format.js';
import { OTHERS, rank } from './ranking.js';
import { tooltipOf, tooltipStyle } from './tooltip.js';

const MOST_NAMES = 6;
const LEAST_HEIGHT = 280;

export class ErrorsView {
  constructor() {
    this.chart = new Chart(byId('errors'));
  }

  // `polls`: of History.filtered().
  show(polls, colours, height) {
    const lines = linesOf(polls);
    const errors = lines.reduce((all, line) => all + line.errors, 0);
    this.chart.show(optionOf(lines, polls, colours), Math.max(LEAST_HEIGHT, height));
    byId('errors-note').textContent = polls.length
      ? `${count(errors)} errors since ${clock(polls[0].at)}, when this page began to look.`
      : 'Waiting for the second look: a rate takes two.';
    if (byId('errors-details').open) byId('errors-table').replaceChildren(tableOf(lines, errors));
  }
}

function linesOf(polls) {
  const rows = polls.flatMap((poll) => poll.rows);
  const ranked = rank(rows, (row) => row.result, (row) => row.calls, MOST_NAMES);
  const names = ranked.kept.map(({ value }) => value);
  if (ranked.others) names.push(OTHERS);
  return names.map((name) => {
    const perPoll = polls.map((poll) => poll.rows.reduce((all, row) => all + (ranked.nameOf(row.result) === name ? row.calls : 0), 0));
    return {
      isOthers: name === OTHERS,
      title: name === OTHERS ? `${ranked.others} others` : name,
      errors: perPoll.reduce((all, n) => all + n, 0),
      points: polls.map((poll, i) => [poll.at, perPoll[i] / poll.seconds]),
    };
  });
}

function optionOf(lines, polls, colours) {
  return {
    color: lines.map((line, i) => (line.isOthers ? colours.others : colours.errors[i])),
    tooltip: {
      ...tooltipStyle(colours), trigger: 'axis',
      formatter: (points) => tooltipOf(clock(points[0].value[0]), points.filter((p) => p.value[1] > 0).map((p) => [p.seriesName, rate(p.value[1])])),
    },
    legend: { show: lines.length > 0, top: 0, left: 0, type: 'scroll', icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: { color: colours.text } },
    grid: [{ left: 8, right: 12, top: 40, bottom: 8, containLabel: true }],
    xAxis: [{
      type: 'time', axisLine: { lineStyle: { color: colours.line } }, axisLabel: { color: colours.muted, hideOverlap: true, formatter: (ms) => clock(ms) },
      min: polls[0]?.at, max: polls.at(-1)?.at, splitNumber: 4,
    }],
    yAxis: [{
      type: 'value', min: 0, axisLabel: { color: colours.muted, formatter: (n) => rate(n) }, splitLine: { lineStyle: { color: colours.line } }, splitNumber: 4,
    }],
    series: lines.map((line) => ({
      id: line.title, name: line.title, type: 'line', stack: 'errors', data: line.points, animation: false,
      showSymbol: polls.length < 3, symbolSize: 5, lineStyle: { width: 1 }, areaStyle: { opacity: 0.55 }, emphasis: { focus: 'series' },
    })),
  };
}

function tableOf(lines, errors) {
  const last = (line) => rate(line.points.at(-1)?.[1] ?? 0);
  return table('Errors since this page began to look', [head('Error'), head('Now', true), head('Calls', true)],
    lines.map((line) => [line.title, last(line), count(line.errors)]), ['All', '', count(errors)]);
}
