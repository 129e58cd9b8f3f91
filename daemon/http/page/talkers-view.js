// SPDX-License-Identifier: Apache-2.0
// The busiest containers, as a table that is a chart: a bar stands in each line.

import { columns, placeOf } from './columns.js';
import { button, byId, element, head, table } from './dom.js';
import { count, duration, rate, share } from './format.js';
import { rank } from './ranking.js';
import { OK } from './snapshot.js';

const heads = [['rate', 'Calls a second'], ['calls', 'Calls'], ['errors', 'Errors'], ['time', 'Time in calls']];

export class TalkersView {
  constructor(choose, sortBy) {
    this.choose = choose;
    this.sortBy = sortBy;
  }

  // `rows` of the chosen span; `latest`: of the last poll, which took `seconds`.
  show(rows, latest, seconds, state) {
    const talkers = talkersOf(rows, latest, seconds);
    const ranked = rank([...talkers.values()], (one) => one.key, (one) => one[state.sort], state.top);
    const shown = ranked.kept.map(({ value }) => talkers.get(value));
    const most = Math.max(...shown.map((one) => one[state.sort]), 0);
    const lines = shown.map((one) => this.line(one, most, state));
    const names = new Set(shown.map((one) => one.key));
    const rest = [...talkers.values()].filter((one) => !names.has(one.key));
    if (rest.length) lines.push(cells(`${rest.length} others`, add(rest)));
    const focused = document.activeElement?.dataset?.key;
    const host = byId('talkers');
    host.replaceChildren(table('Containers, the busiest first',
      [head('Container'), ...heads.map(([name, title]) => this.sortHead(name, title, state))], lines, cells('All', add([...talkers.values()]))));
    // The table is made anew with each poll; who is in it by keyboard stays where they are.
    if (focused) [...host.querySelectorAll('button')].find((one) => one.dataset.key === focused)?.focus();
  }

  line(one, most, state) {
    const bar = element('span', { class: 'bar-of', 'aria-hidden': 'true' });
    bar.style.width = `${most ? (100 * one[state.sort]) / most : 0}%`;
    const name = button(one.title, { class: 'link', title: one.id, 'data-key': `one ${one.key}` }, () => this.choose('container', one.key));
    return cells(element('div', { class: 'talker' }, bar, name), one);
  }

  sortHead(name, title, state) {
    const isSorted = state.sort === name;
    return head(button(title, { class: 'link', 'data-key': `sort ${name}` }, () => this.sortBy(name)), true, isSorted ? 'descending' : undefined);
  }
}

function talkersOf(rows, latest, seconds) {
  const talkers = new Map();
  const at = (row) => {
    const key = columns.container.of(row);
    if (!talkers.has(key)) talkers.set(key, { key, title: placeOf(row), id: row.container.id, rate: 0, calls: 0, errors: 0, time: 0 });
    return talkers.get(key);
  };
  for (const row of rows) {
    const one = at(row);
    one.calls += row.calls;
    one.time += row.time;
    if (row.result !== OK) one.errors += row.calls;
  }
  for (const row of latest) at(row).rate += row.calls / seconds;
  return talkers;
}

const add = (talkers) => talkers.reduce((all, one) =>
  ({ rate: all.rate + one.rate, calls: all.calls + one.calls, errors: all.errors + one.errors, time: all.time + one.time }),
{ rate: 0, calls: 0, errors: 0, time: 0 });

const cells = (name, one) =>
  [name, rate(one.rate), count(one.calls), `${count(one.errors)} (${share(one.errors, one.calls)})`, duration(one.time)];
