// SPDX-License-Identifier: Apache-2.0
// What a row can be asked for: `of` tells values apart, `title` is what people read. Names come from
// containers' runtimes, so anything can be in them: they are only ever shown as text.

const or = (text, instead) => text || instead;
const pod = ({ container }) => `${container.namespace}/${container.pod}`;
const name = ({ container }) => or(container.name, container.id);
// Of a runtime's 64 digits, those that its own tools show.
const shortId = (id) => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

export const columns = {
  class: { label: 'Class', of: (row) => row.call.class },
  group: { label: 'Group', of: (row) => row.call.group },
  namespace: { label: 'Namespace', of: (row) => row.container.namespace, title: (row) => or(row.container.namespace, 'no namespace') },
  pod: { label: 'Pod', of: pod, title: (row) => or(row.container.pod, 'no pod') },
  container: { label: 'Container', of: (row) => `${pod(row)}/${name(row)}`, title: ({ container }) => or(container.name, shortId(container.id)) },
  call: { label: 'Call', of: (row) => row.call.name },
  result: { label: 'Result', of: (row) => row.result },
};

export const columnNames = Object.keys(columns);
export const titleOf = (column, row) => (columns[column].title ?? columns[column].of)(row);

// "shop / web-1 / nginx", of what there is.
export const placeOf = ({ container }) => {
  const parts = [container.namespace, container.pod, container.name].filter(Boolean);
  return parts.length ? parts.join(' / ') : shortId(container.id);
};
