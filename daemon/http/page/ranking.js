// SPDX-License-Identifier: Apache-2.0
// The largest few by name, and one for all others, so that sums stay what they were.

export const OTHERS = '\u0000others';

// rank(rows, of, weigh, most): Map of value -> {weight, row}, largest first; a function that says for
// a value under which name it is counted; and how many others there are.
export function rank(rows, of, weigh, most) {
  const weights = new Map();
  for (const row of rows) {
    const value = of(row);
    const seen = weights.get(value);
    if (seen) seen.weight += weigh(row);
    else weights.set(value, { value, weight: weigh(row), row });
  }
  const sorted = [...weights.values()].sort((a, b) => b.weight - a.weight || (a.value < b.value ? -1 : 1));
  // One that would be alone among the others is shown.
  const kept = sorted.length <= most + 1 ? sorted : sorted.slice(0, most);
  const names = new Set(kept.map((entry) => entry.value));
  return {
    kept,
    others: sorted.length - kept.length,
    nameOf: (value) => (names.has(value) ? value : OTHERS),
  };
}
