// SPDX-License-Identifier: Apache-2.0
// The errors of each poll, kept on the page, so that "over time" needs no database. Bounded: the
// oldest go first.

import { OK } from './snapshot.js';

const MOST_POLLS = 450;
const MOST_ROWS = 100_000;

export class History {
  polls = [];
  rowCount = 0;

  // `rows`: what came to be within `seconds` before `at` (ms since 1970).
  add(at, seconds, rows) {
    const errors = rows.filter((row) => row.result !== OK)
      .map(({ container, call, result, calls }) => ({ container, call, result, calls }));
    this.polls.push({ at, seconds, rows: errors });
    this.rowCount += errors.length;
    while (this.polls.length > MOST_POLLS || (this.rowCount > MOST_ROWS && this.polls.length > 1))
      this.rowCount -= this.polls.shift().rows.length;
  }

  clear() {
    this.polls = [];
    this.rowCount = 0;
  }

  // [{at, seconds, rows}] of what the filter lets through.
  filtered(matches) {
    return this.polls.map((poll) => ({ ...poll, rows: poll.rows.filter(matches) }));
  }
}
