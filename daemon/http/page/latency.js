// SPDX-License-Identifier: Apache-2.0
// Buckets of times by powers of two, and what they say of all calls in them.

import { sum } from './snapshot.js';

export function addBuckets(rows) {
  const all = rows.length ? new Array(rows[0].buckets.length).fill(0) : [];
  for (const row of rows) row.buckets.forEach((count, i) => (all[i] += count));
  return all;
}

// The time that the share `q` of the calls stayed below, in ns; within a bucket, calls are taken to
// be spread evenly over its logarithm. `isOver`: it is in the last bucket, so it is more than that.
export function quantile(buckets, ends, q) {
  const all = sum(buckets);
  if (!all) return null;
  let left = q * all;
  let i = 0;
  while (i + 1 < buckets.length && left > buckets[i]) left -= buckets[i++];
  if (ends[i] === null) return { ns: ends[i - 1], isOver: true };
  const begin = ends[i] / 2;
  return { ns: begin * 2 ** (buckets[i] ? left / buckets[i] : 1), isOver: false };
}

// Where a time lies when each bucket is one wide, and what time lies there.
export const position = (ns, ends) => Math.log2(ns / ends[0]) + 1;
export const timeAt = (place, ends) => ends[0] * 2 ** (place - 1);

// The first used bucket and the one behind the last.
export function usedRange(buckets) {
  const first = buckets.findIndex((count) => count > 0);
  return first < 0 ? [0, 1] : [first, buckets.findLastIndex((count) => count > 0) + 1];
}
