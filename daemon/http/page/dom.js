// SPDX-License-Identifier: Apache-2.0
// Elements with text. The only way here to put anything on the page: no text is ever read as HTML.

export const byId = (id) => document.getElementById(id);

// element('td', {class: 'number', title: 'x'}, 'text', otherElement)
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function button(text, attributes, onClick) {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', onClick);
  return made;
}

// Fills a select anew only if its options are others, so that an open one is left alone.
export function fillSelect(select, options, chosen) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map(([value, text]) => element('option', { value }, text)));
    select.dataset.options = wanted;
  }
  if (select.value !== String(chosen)) select.value = String(chosen);
}

// heads and cells: strings, numbers shown to the right, or elements. `foot`: one more row, of sums.
export function table(caption, heads, rows, foot) {
  const numeric = new Set(heads.flatMap((head, i) => (head.isNumber ? [i] : [])));
  const line = (cells, first) => element('tr', {}, ...cells.map((cell, i) =>
    element(i === 0 && first ? first : 'td', { class: numeric.has(i) ? 'number' : undefined, scope: i === 0 && first ? 'row' : undefined }, cell)));
  return element('table', {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head, i) =>
      element('th', { scope: 'col', class: numeric.has(i) ? 'number' : undefined, 'aria-sort': head.sort }, head.content)))),
    element('tbody', {}, ...rows.map((row) => line(row, 'th'))),
    foot && element('tfoot', {}, line(foot, 'th')));
}
export const head = (content, isNumber = false, sort = undefined) => ({ content, isNumber, sort });
