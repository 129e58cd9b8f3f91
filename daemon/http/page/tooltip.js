// SPDX-License-Identifier: Apache-2.0
// What a chart says under the pointer, as an element and not as HTML.

import { element } from './dom.js';

// lines: [name, number] each.
export function tooltipOf(title, lines) {
  return element('div', { class: 'tip' }, element('strong', {}, title),
    ...lines.map(([name, text]) => element('div', {}, element('span', {}, name), element('b', {}, text))));
}

export const tooltipStyle = (colours) => ({
  confine: true,
  backgroundColor: colours.panel,
  borderColor: colours.line,
  textStyle: { color: colours.text },
  transitionDuration: 0,
});
