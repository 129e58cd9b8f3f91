// SPDX-License-Identifier: Apache-2.0
// The few numbers to read from across the room.

import { columns } from './columns.js';
import { byId, element } from './dom.js';
import { compact, count, duration, rate, share } from './format.js';
import { total } from './snapshot.js';

// `span`: the seconds that the rows are of; 0: since counting began. `latest`: of the last poll, which
// took `seconds`.
export function showTotals(rows, span, latest, seconds) {
  const calls = total(rows, 'calls');
  const errors = total(rows, 'errors');
  const time = total(rows, 'time');
  const containers = new Set(rows.map(columns.container.of)).size;
  const perSecond = (measure) => (seconds ? rate(total(latest, measure) / seconds) : '–');
  const tiles = [
    ['Calls', compact(calls), span ? `${count(calls)} in ${duration(span * 1e9)}` : count(calls)],
    ['Calls a second', perSecond('calls'), 'in the last poll'],
    ['Errors', compact(errors), `${count(errors)}, ${share(errors, calls)} of calls`],
    ['Errors a second', perSecond('errors'), 'in the last poll'],
    ['Time in calls', duration(time), calls ? `${duration(time / calls)} a call` : ''],
    ['Containers', count(containers), 'with calls'],
  ];
  byId('totals').replaceChildren(...tiles.map(([name, number, more]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, element('strong', {}, number), element('span', {}, more)))));
}
