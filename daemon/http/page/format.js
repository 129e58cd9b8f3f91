// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.

const exact = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
// The English of the USA writes a million as M; that of Britain m, which is a thousandth as well.
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const small = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 2 });

export const count = (number) => exact.format(number);
export const compact = (number) => (number < 10 ? small : short).format(number);
export const rate = (number) => `${compact(number)}/s`;

export function share(part, all) {
  if (!all || !part) return '0%';
  const percent = (100 * part) / all;
  return percent < 0.01 ? '<0.01%' : `${small.format(percent)}%`;
}

const units = [
  ['ns', 1, 1000], ['µs', 1e3, 1000], ['ms', 1e6, 1000], ['s', 1e9, 60], ['min', 6e10, 60], ['h', 3.6e12, 24], ['d', 8.64e13, Infinity],
];

export function duration(ns) {
  const [unit, size] = units.find(([, size, most]) => ns / size < most * 0.9995);
  const value = ns / size;
  return `${value < 10 ? small.format(value) : exact.format(value)} ${unit}`;
}

export const quantileText = (quantile) =>
  quantile ? `${quantile.isOver ? 'over' : '≈'} ${duration(quantile.ns)}` : '–';

export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

export const measured = (measure, number) => (measure === 'time' ? duration(number) : count(number));
