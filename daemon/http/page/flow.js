// SPDX-License-Identifier: Apache-2.0
// Rows as the nodes and links of a Sankey diagram, and as the table that says the same.

import { columns, titleOf } from './columns.js';
import { rank, OTHERS } from './ranking.js';
import { measures } from './snapshot.js';

const SEPARATOR = '\u0001';

// A node is one value of one column, or the others of that column.
export function flowOf(rows, by, measure, most) {
  const weigh = measures[measure].of;
  const counted = rows.filter((row) => weigh(row) > 0);
  const levels = by.map((column) => ({ column, ...rank(counted, columns[column].of, weigh, most) }));
  const nodes = new Map();
  const links = new Map();
  for (const row of counted) {
    const weight = weigh(row);
    let before;
    levels.forEach((level, depth) => {
      const node = nodeAt(nodes, level, depth, row);
      node.weight += weight;
      if (before) addLink(links, before, node, weight, row);
      before = node;
    });
  }
  return {
    nodes: [...nodes.values()],
    links: [...links.values()],
    paths: pathsOf(counted, levels),
    total: counted.reduce((all, row) => all + weigh(row), 0),
  };
}

function nodeAt(nodes, level, depth, row) {
  const value = level.nameOf(columns[level.column].of(row));
  const key = level.column + SEPARATOR + value;
  let node = nodes.get(key);
  if (!node) {
    const isOthers = value === OTHERS;
    node = {
      key, depth, column: level.column, value, isOthers, weight: 0,
      title: isOthers ? `${level.others} others` : titleOf(level.column, row),
      class: row.call.class,
    };
    nodes.set(key, node);
  }
  return node;
}

function addLink(links, source, target, weight) {
  const key = source.key + SEPARATOR + target.key;
  const link = links.get(key);
  if (link) link.weight += weight;
  else links.set(key, { source, target, weight });
}

// Each way from the first column to the last, with all measures.
function pathsOf(rows, levels) {
  const paths = new Map();
  for (const row of rows) {
    const values = levels.map((level) => level.nameOf(columns[level.column].of(row)));
    const key = values.join(SEPARATOR);
    let path = paths.get(key);
    if (!path) {
      const titles = levels.map((level, i) => (values[i] === OTHERS ? `${level.others} others` : titleOf(level.column, row)));
      path = { titles, calls: 0, errors: 0, time: 0 };
      paths.set(key, path);
    }
    for (const name of Object.keys(measures)) path[name] += measures[name].of(row);
  }
  return [...paths.values()];
}
