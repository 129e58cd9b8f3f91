// SPDX-License-Identifier: Apache-2.0
// What the viewer has chosen. It is all in the address behind '#', so that a view can be shared; what
// stands there is checked, since anybody can have written it.

import { columnNames } from './columns.js';
import { measures } from './snapshot.js';

const numbers = (...allowed) => (text) => (allowed.includes(Number(text)) ? Number(text) : undefined);
const words = (...allowed) => (text) => (allowed.includes(text) ? text : undefined);

export const choices = {
  span: [0, 10, 60, 300],
  top: [5, 10, 20, 50],
  every: [1, 2, 5, 10, 30],
  theme: ['auto', 'light', 'dark'],
  sort: ['rate', 'calls', 'errors', 'time'],
};
export const filterNames = ['namespace', 'pod', 'container', 'class', 'call', 'result'];

// Names of the address, with how a value is read. What is as in `defaults` is not written.
const readers = {
  by: (text) => {
    const by = [...new Set(text.split(','))].filter((name) => columnNames.includes(name));
    return by.length >= 2 ? by : undefined;
  },
  measure: words(...Object.keys(measures)),
  span: numbers(...choices.span),
  top: numbers(...choices.top),
  every: numbers(...choices.every),
  theme: words(...choices.theme),
  sort: words(...choices.sort),
  paused: (text) => (text === '1' ? true : undefined),
  table: (text) => (text === '1' ? true : undefined),
  ...Object.fromEntries(filterNames.map((name) => [name, (text) => text])),
};

const isNarrow = () => matchMedia('(max-width: 640px)').matches;

const defaults = () => ({
  by: isNarrow() ? ['class', 'pod', 'call', 'result'] : ['class', 'group', 'namespace', 'pod', 'call', 'result'],
  measure: 'calls', span: 0, top: 10, every: 2, theme: 'auto', sort: 'rate', paused: false, table: false,
});

export function readState(hash) {
  const state = defaults();
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    const value = Object.hasOwn(readers, name) ? readers[name](text) : undefined;
    if (value !== undefined) state[name] = value;
  }
  return state;
}

export function writeState(state) {
  const usual = defaults();
  const params = new URLSearchParams();
  for (const name of Object.keys(readers)) {
    const value = state[name];
    if (value === undefined || String(value) === String(usual[name])) continue;
    params.set(name, value === true ? '1' : String(value));
  }
  const text = params.toString();
  return text ? `#${text.replaceAll('%2C', ',').replaceAll('%2F', '/')}` : '';
}
