// SPDX-License-Identifier: Apache-2.0
// Which rows the filters leave.

import { columns, placeOf, titleOf } from './columns.js';
import { filterNames } from './state.js';
import { OK } from './snapshot.js';

export const ANY_ERROR = 'any error';

const holds = (name, wanted, row) =>
  wanted === undefined || (name === 'result' && wanted === ANY_ERROR ? row.result !== OK : columns[name].of(row) === wanted);

// `but`: a filter that is left out.
export function matcher(state, but) {
  const asked = filterNames.filter((name) => name !== but && state[name] !== undefined);
  return (row) => asked.every((name) => holds(name, state[name], row));
}

// The values of one filter that the others leave, [value, text] by text. The chosen one is always
// among them, also when nothing has it any more.
export function optionsOf(rows, state, name) {
  const texts = new Map();
  const matches = matcher(state, name);
  for (const row of rows) {
    const value = columns[name].of(row);
    if (!texts.has(value) && matches(row)) texts.set(value, textOf(name, row));
  }
  const chosen = state[name];
  if (chosen !== undefined && chosen !== ANY_ERROR && !texts.has(chosen)) texts.set(chosen, `${chosen} (none now)`);
  return [...texts].sort((a, b) => a[1].localeCompare(b[1]));
}

function textOf(name, row) {
  if (name === 'container') return placeOf(row);
  if (name === 'pod' && row.container.namespace) return `${row.container.namespace} / ${titleOf(name, row)}`;
  return titleOf(name, row);
}
