// SPDX-License-Identifier: Apache-2.0
// Light or dark, and the colours that a canvas can't take from the style sheet by itself.

const dark = matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(theme) {
  const chosen = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = chosen;
}

export const onSystemTheme = (act) => dark.addEventListener('change', act);

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'), muted: of('muted'), line: of('line'), panel: of('panel'), accent: of('accent'),
    ok: of('ok'), place: of('place'), others: of('others'), marker: of('marker'),
    series: Array.from({ length: 8 }, (_, i) => of(`series-${i}`)),
    errors: Array.from({ length: 7 }, (_, i) => of(`error-${i}`)),
  };
}

// Classes of the table of calls, in the order of their colours; any other gets the last.
const classes = ['FileSystem', 'Network', 'ProcessManagement', 'Time', 'IPC', 'Signals', 'System'];
export const classColour = (name, { series }) => series[classes.includes(name) ? classes.indexOf(name) : classes.length];
