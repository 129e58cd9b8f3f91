// SPDX-License-Identifier: Apache-2.0
// The page: polls come in, choices come in, and after either all of it is drawn anew.

import { Baselines } from './baselines.js';
import { loadCharts } from './chart.js';
import { Controls } from './controls.js';
import { byId } from './dom.js';
import { ErrorsView } from './errors-view.js';
import { FlowView } from './flow-view.js';
import { clock, count } from './format.js';
import { History } from './history.js';
import { LatencyView } from './latency-view.js';
import { Poller } from './poller.js';
import { matcher } from './selection.js';
import { between } from './snapshot.js';
import { readState, writeState } from './state.js';
import { TalkersView } from './talkers-view.js';
import { applyTheme, colours, onSystemTheme } from './theme.js';
import { showTotals } from './totals-view.js';

const history = new History();
const baselines = new Baselines();
let state = readState(location.hash);
let newest;
let latest = { rows: [], seconds: 0 }; // of the last poll alone
let problem;

applyTheme(state.theme);
const hasCharts = await loadCharts();

function change(asked) {
  Object.assign(state, typeof asked === 'function' ? asked(state) : asked);
  window.history.replaceState(null, '', writeState(state) || location.pathname + location.search);
  applyTheme(state.theme);
  poller.plan();
  draw();
}
// A second click on what is chosen lets go of it.
const choose = (name, value) => change({ [name]: state[name] === value ? undefined : value });

const controls = new Controls(change);
const flow = new FlowView(choose);
const latency = new LatencyView(choose);
const errors = new ErrorsView();
const talkers = new TalkersView(choose, (sort) => change({ sort }));
const poller = new Poller({
  take: (snapshot) => { take(snapshot); draw(); },
  fail: (why) => { problem = `swolld does not answer (${why}); these numbers are of the last time it did.`; drawState(); },
  wait: () => (state.paused && newest ? undefined : state.every * 1000),
});

function take(snapshot) {
  problem = undefined;
  if (newest && newest.started !== snapshot.started) {
    newest = undefined; // another daemon, which counts from nothing
    latest = { rows: [], seconds: 0 };
    baselines.clear();
    history.clear();
  }
  if (newest && snapshot.seconds > newest.seconds) {
    latest = { rows: between(newest, snapshot), seconds: snapshot.seconds - newest.seconds };
    history.add(Date.now(), latest.seconds, latest.rows);
  }
  baselines.add(snapshot);
  newest = snapshot;
}

function draw() {
  drawState();
  if (!newest) return;
  const base = state.span ? baselines.before(newest, state.span) : undefined;
  const all = base ? between(base, newest) : [...newest.rows.values()];
  const matches = matcher(state);
  const rows = all.filter(matches);
  const now = latest.rows.filter(matches);
  const palette = colours();
  controls.show(all, state);
  showTotals(rows, base ? newest.seconds - base.seconds : 0, now, latest.seconds);
  flow.show(rows, state, palette);
  const height = latency.show(rows, newest.bucketEnds, state, palette);
  errors.show(history.filtered(matches), palette, height);
  talkers.show(rows, now, latest.seconds || 1, state);
  document.documentElement.dataset.polls = Number(document.documentElement.dataset.polls ?? 0) + 1;
}

function drawState() {
  const notices = [
    problem,
    newest && !newest.counting && 'Calls are not counted: metrics are off in swolld.conf, or this kernel does not let them be.',
    newest?.uncounted && `${count(newest.uncounted)} calls found no room to be counted and are in no number here; [metrics] in swolld.conf says how to give more.`,
    !hasCharts && 'This swolld was built without ECharts, so there are no charts; the tables have the same numbers.',
  ].filter(Boolean);
  const text = notices.join(' ');
  if (byId('problem').textContent !== text) byId('problem').textContent = text;
  byId('problem').hidden = !text;
  const kind = problem ? 'lost' : state.paused ? 'paused' : newest ? 'live' : 'waiting';
  byId('live').dataset.kind = kind;
  byId('live-text').textContent = { lost: 'no answer', paused: 'paused', live: clock(Date.now()), waiting: 'connecting' }[kind];
}

for (const name of ['flow', 'latency', 'errors']) {
  const details = byId(`${name}-details`);
  details.open = state.table || !hasCharts;
  details.addEventListener('toggle', () => {
    if (name === 'flow' && hasCharts) change({ table: details.open });
    else draw();
  });
}
byId('licence').hidden = !hasCharts;
addEventListener('hashchange', () => { state = readState(location.hash); change({}); });
addEventListener('resize', () => draw());
onSystemTheme(() => change({}));
poller.ask();
