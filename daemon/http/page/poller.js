// SPDX-License-Identifier: Apache-2.0
// Asks the server again and again, one question at a time; not while paused or out of sight.

import { decode } from './snapshot.js';

const PATIENCE = 15_000; // ms

export class Poller {
  // `take(snapshot)`, `fail(why)`; `wait()`: ms to the next, or undefined while paused.
  constructor({ take, fail, wait }) {
    Object.assign(this, { take, fail, wait });
    document.addEventListener('visibilitychange', () => this.plan());
  }

  async ask() {
    clearTimeout(this.timer);
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      this.take(await fetchSnapshot());
    } catch (error) {
      this.fail(error.message);
    }
    this.isAsking = false;
    this.asked = performance.now();
    this.plan();
  }

  // Anew, after a choice has changed.
  plan() {
    clearTimeout(this.timer);
    const wait = this.wait();
    if (this.isAsking || wait === undefined || document.hidden) return;
    this.timer = setTimeout(() => this.ask(), Math.max(0, (this.asked ?? 0) + wait - performance.now()));
  }
}

async function fetchSnapshot() {
  const reply = await fetch(new URL('./data', import.meta.url), { signal: AbortSignal.timeout(PATIENCE), cache: 'no-store' });
  if (!reply.ok) throw new Error(`the server says ${reply.status}`);
  return decode(await reply.json());
}
