// SPDX-License-Identifier: Apache-2.0
// What the viewer chooses with. Each control reads from the state and hands a change to `change`.

import { columnNames, columns } from './columns.js';
import { button, byId, element, fillSelect } from './dom.js';
import { duration } from './format.js';
import { ANY_ERROR, optionsOf } from './selection.js';
import { measures } from './snapshot.js';
import { choices, filterNames } from './state.js';

const spanText = (seconds) => (seconds ? `last ${duration(seconds * 1e9)}` : 'since counting began');

// Selects whose options are always the same: id, name in the state, options.
const selects = [
  ['every', 'every', choices.every.map((s) => [s, `${s} s`])],
  ['theme', 'theme', choices.theme.map((theme) => [theme, theme])],
  ['measure', 'measure', Object.entries(measures).map(([name, { label }]) => [name, label])],
  ['top', 'top', choices.top.map((n) => [n, String(n)])],
];

export class Controls {
  constructor(change) {
    this.change = change;
    this.makeFilters();
    for (const [id, name] of selects)
      byId(id).addEventListener('change', ({ target }) => change({ [name]: typed(name, target.value) }));
    byId('pause').addEventListener('click', () => change((state) => ({ paused: !state.paused })));
  }

  makeFilters() {
    const form = byId('filters');
    form.addEventListener('submit', (event) => event.preventDefault());
    this.span = select('Time', (value) => this.change({ span: Number(value) }));
    this.filters = filterNames.map((name) => [name, select(columns[name].label, (value) =>
      this.change({ [name]: value === 'all' ? undefined : value.slice(1) }))]);
    this.clear = button('Clear filters', {}, () => this.change(Object.fromEntries(filterNames.map((name) => [name, undefined]))));
    form.append(...[this.span, ...this.filters.map(([, one]) => one)].map((one) => one.label), this.clear);
  }

  // `rows`: all of the span, for what there is to choose from.
  show(rows, state) {
    for (const [id, name, options] of selects) fillSelect(byId(id), options, state[name]);
    fillSelect(this.span.select, choices.span.map((seconds) => [seconds, spanText(seconds)]), state.span);
    for (const [name, { select }] of this.filters) {
      const known = optionsOf(rows, state, name);
      const values = name === 'result' ? [[ANY_ERROR, ANY_ERROR], ...known] : known;
      // A value can be any text, 'all' and the empty one too.
      fillSelect(select, [['all', 'all'], ...values.map(([value, text]) => [`=${value}`, text])], state[name] === undefined ? 'all' : `=${state[name]}`);
      select.parentElement.classList.toggle('active', state[name] !== undefined);
    }
    this.clear.disabled = filterNames.every((name) => state[name] === undefined);
    byId('pause').textContent = state.paused ? 'Resume' : 'Pause';
    byId('pause').setAttribute('aria-pressed', String(state.paused));
    this.showColumns(state.by);
  }

  showColumns(by) {
    if (this.shownColumns === by.join()) return;
    this.shownColumns = by.join();
    const focused = document.activeElement?.getAttribute('aria-label');
    const set = (next) => this.change({ by: next });
    const swap = (i, j) => set(by.map((name, at) => (at === i ? by[j] : at === j ? by[i] : name)));
    const host = byId('columns');
    host.replaceChildren(
      ...by.map((name, i) => chip(columns[name].label, [
        ['‹', 'Move LABEL left', i === 0, () => swap(i, i - 1)],
        ['›', 'Move LABEL right', i === by.length - 1, () => swap(i, i + 1)],
        ['×', 'Leave out LABEL', by.length <= 2, () => set(by.filter((other) => other !== name))],
      ])),
      ...columnNames.filter((name) => !by.includes(name)).map((name) =>
        button(`+ ${columns[name].label}`, { class: 'chip add', 'aria-label': `Add ${columns[name].label}` }, () => set(insert(by, name)))));
    [...host.querySelectorAll('button')].find((one) => one.getAttribute('aria-label') === focused && !one.disabled)?.focus();
  }
}

const typed = (name, text) => (typeof choices[name]?.[0] === 'number' ? Number(text) : text);

// Where it stands in the usual order, before the first that comes later there.
function insert(by, name) {
  const at = by.findIndex((other) => columnNames.indexOf(other) > columnNames.indexOf(name));
  return at < 0 ? [...by, name] : by.toSpliced(at, 0, name);
}

function select(title, onChange) {
  const made = element('select');
  made.addEventListener('change', () => onChange(made.value));
  return { select: made, label: element('label', {}, title, ' ', made) };
}

const chip = (label, actions) => element('span', { class: 'chip' }, element('span', {}, label),
  ...actions.map(([sign, says, disabled, act]) => button(sign, { 'aria-label': says.replace('LABEL', label), disabled }, act)));
