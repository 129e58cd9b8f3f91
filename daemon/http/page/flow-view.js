// SPDX-License-Identifier: Apache-2.0
// The Sankey diagram and its table.

import { Chart } from './chart.js';
import { columns } from './columns.js';
import { byId, head, table } from './dom.js';
import { flowOf } from './flow.js';
import { measured, share } from './format.js';
import { measures, OK } from './snapshot.js';
import { classColour } from './theme.js';
import { tooltipOf, tooltipStyle } from './tooltip.js';

const MOST_LINES = 300;
const NODE_ROOM = 30;   // px, from one to the next
const COLUMN_ROOM = 80; // px, the least: more columns than fit are scrolled
const LAST_ROOM = 114;  // px, for the names of the last column

export class FlowView {
  // `choose(column, value)`: what a click on a node asks for.
  constructor(choose) {
    this.host = byId('flow');
    this.chart = new Chart(this.host, ({ dataType, data }) => {
      if (dataType === 'node' && !data.isOthers) choose(data.column, data.value);
    });
  }

  show(rows, state, colours) {
    const flow = flowOf(rows, state.by, state.measure, state.top);
    this.host.style.minWidth = `${(state.by.length - 1) * COLUMN_ROOM + LAST_ROOM}px`;
    const tallest = Math.max(1, ...state.by.map((_, depth) => flow.nodes.filter((node) => node.depth === depth).length));
    this.chart.show(optionOf(flow, state, colours, this.chart.width), Math.max(300, tallest * NODE_ROOM + 40));
    byId('flow-note').textContent = flow.total
      ? `${measured(state.measure, flow.total)}${state.measure === 'time' ? '' : ` ${measures[state.measure].label}`} in all.${this.chart.isThere ? ' A click on a name filters by it.' : ''}`
      : `No ${measures[state.measure].label} here.`;
    if (byId('flow-details').open) byId('flow-table').replaceChildren(tableOf(flow, state));
    return flow;
  }
}

function colourOf(node, colours) {
  if (node.isOthers) return colours.others;
  if (['class', 'group', 'call'].includes(node.column)) return classColour(node.class, colours);
  if (node.column === 'result') return isError(node) ? colours.errors[0] : colours.ok;
  return colours.place;
}

const isError = (node) => node.column === 'result' && node.value !== OK;

function optionOf(flow, state, colours, width) {
  const room = (width - LAST_ROOM) / (state.by.length - 1);
  const last = state.by.length - 1;
  const data = flow.nodes.sort((a, b) => a.isOthers - b.isOthers || b.weight - a.weight).map((node) => ({
    ...node,
    name: node.key,
    itemStyle: { color: colourOf(node, colours), borderWidth: 0 },
    label: { width: (node.depth === last ? LAST_ROOM : room) - 18 },
  }));
  const links = flow.links.map(({ source, target, weight }) => ({
    source: source.key, target: target.key, value: weight, from: source, to: target,
    lineStyle: { color: isError(target) ? 'target' : 'source' },
  }));
  return {
    tooltip: { ...tooltipStyle(colours), trigger: 'item', formatter: ({ dataType, data }) => tipOf(dataType, data, flow, state) },
    series: [{
      id: 'flow', type: 'sankey', data, links,
      left: 4, right: LAST_ROOM - 12, top: 24, bottom: 8, nodeWidth: 10, nodeGap: 14, draggable: false, layoutIterations: 0,
      emphasis: { focus: 'trajectory' }, blur: { itemStyle: { opacity: 0.25 }, lineStyle: { opacity: 0.05 } },
      lineStyle: { opacity: 0.28, curveness: 0.5 },
      label: {
        color: colours.text, fontSize: 12, formatter: ({ data }) => data.title, textBorderColor: colours.panel, textBorderWidth: 3,
        overflow: 'truncate',
      },
    }],
    graphic: state.by.map((column, depth) => ({
      id: `head-${depth}`, type: 'text', top: 4, silent: true,
      left: 4 + depth * room,
      style: { text: columns[column].label, fill: colours.muted, fontSize: 11 },
    })),
  };
}

function tipOf(dataType, data, flow, state) {
  const weight = dataType === 'node' ? data.weight : data.value;
  const title = dataType === 'node' ? `${columns[data.column].label}: ${data.title}` : `${data.from.title} → ${data.to.title}`;
  return tooltipOf(title, [[measures[state.measure].label, measured(state.measure, weight)], ['of all', share(weight, flow.total)]]);
}

const numbers = [['calls', 'Calls'], ['errors', 'Errors'], ['time', 'Time in calls']];

function tableOf(flow, state) {
  const sorted = flow.paths.sort((a, b) => b[state.measure] - a[state.measure]);
  const lines = sorted.slice(0, MOST_LINES);
  // Where errors are shown, rows are errors alone: calls would be the same number again.
  const shown = numbers.filter(([name]) => name !== 'calls' || state.measure !== 'errors');
  const cells = (titles, path) => [...titles, ...shown.map(([name]) => measured(name, path[name]))];
  const add = (paths) => paths.reduce((all, path) => ({ calls: all.calls + path.calls, errors: all.errors + path.errors, time: all.time + path.time }),
    { calls: 0, errors: 0, time: 0 });
  const rows = lines.map((path) => cells(path.titles, path));
  const blank = state.by.slice(1).map(() => '');
  if (sorted.length > lines.length) rows.push(cells([`${sorted.length - lines.length} more rows`, ...blank], add(sorted.slice(MOST_LINES))));
  return table(`Calls by ${state.by.map((name) => columns[name].label.toLowerCase()).join(', ')}`,
    [...state.by.map((name) => head(columns[name].label)), ...shown.map(([, title]) => head(title, true))],
    rows, cells(['All', ...blank], add(sorted)));
}
