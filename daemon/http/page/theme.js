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
    ok: of('ok'), others: of('others'), marker: of('marker'),
    series: Array.from({ length: 8 }, (_, i) => of(`series-${i}`)),
    errors: Array.from({ length: 7 }, (_, i) => of(`error-${i}`)),
  };
}

// The same colour for a name each time, whatever else there is.
export function hueOf(name, palette) {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 1_000_003;
  return palette[hash % palette.length];
}
