// SPDX-License-Identifier: Apache-2.0
// What the server counted up to one moment, as rows with names. Rows are values: none is changed.

export const OK = 'OK';

// Of the JSON of daemon/http/charts-data.h. Calls that only differ by their ABI are one.
export function decode(json) {
  const containers = json.containers.map((container) => ({ ...container, handle: String(container.handle) }));
  const rows = new Map();
  for (const [at, callAt, resultAt, time, first, ...calls] of json.rows) {
    const container = containers[at];
    const call = json.calls[callAt];
    const result = json.results[resultAt];
    const key = `${container.handle} ${call.name} ${result}`;
    const buckets = new Array(json.bucketEnds.length).fill(0);
    calls.forEach((count, i) => (buckets[first + i] = Number(count)));
    const row = { key, container, call, result, time: Number(time), buckets, calls: sum(buckets) };
    const same = rows.get(key);
    rows.set(key, same ? plus(same, row, 1) : row);
  }
  return {
    started: json.started,
    seconds: Number(json.now) / 1e9,
    counting: json.counting,
    uncounted: Number(json.uncounted),
    bucketEnds: json.bucketEnds,
    rows,
  };
}

// What came to be between two snapshots, as rows. A container that began in between has all of its.
export function between(before, after) {
  const rows = [];
  for (const row of after.rows.values()) {
    const old = before.rows.get(row.key);
    const grown = old ? plus(row, old, -1) : row;
    if (grown.calls > 0) rows.push(grown);
  }
  return rows;
}

function plus(row, other, sign) {
  return {
    ...row,
    time: Math.max(0, row.time + sign * other.time),
    calls: Math.max(0, row.calls + sign * other.calls),
    buckets: row.buckets.map((count, i) => Math.max(0, count + sign * other.buckets[i])),
  };
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// What the width of a flow, or a rank, can stand for.
export const measures = {
  calls: { label: 'calls', of: (row) => row.calls },
  errors: { label: 'errors', of: (row) => (row.result === OK ? 0 : row.calls) },
  time: { label: 'time in calls', of: (row) => row.time },
};

export const total = (rows, measure) => rows.reduce((all, row) => all + measures[measure].of(row), 0);
