// SPDX-License-Identifier: Apache-2.0
// Earlier snapshots to count from: a few, spread over the longest span that can be chosen.

const LONGEST = 300; // seconds
const MOST = 20;

export class Baselines {
  kept = [];

  add(snapshot) {
    const last = this.kept.at(-1);
    if (last && snapshot.seconds - last.seconds < LONGEST / MOST) return;
    this.kept.push(snapshot);
    while (this.kept.length > 2 && snapshot.seconds - this.kept[1].seconds > LONGEST) this.kept.shift();
  }

  clear() {
    this.kept = [];
  }

  // The youngest that is at least `seconds` older than `snapshot`, or the oldest there is.
  before(snapshot, seconds) {
    return this.kept.findLast((old) => snapshot.seconds - old.seconds >= seconds) ?? this.kept[0];
  }
}
