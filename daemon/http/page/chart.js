// SPDX-License-Identifier: Apache-2.0
// ECharts on one element, if this swolld was built with it.

let library;
let isLoaded = false;

export async function loadCharts() {
  try {
    library = await import('./echarts.mjs');
  } catch {
    library = undefined;
  }
  isLoaded = true;
  return library !== undefined;
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

export class Chart {
  constructor(host, onClick) {
    this.host = host;
    if (!library) {
      host.hidden = isLoaded;
      return;
    }
    this.chart = library.init(host, null, { renderer: 'canvas' });
    if (onClick) this.chart.on('click', onClick);
    new ResizeObserver(() => this.chart.resize()).observe(host);
  }

  // The series of `option` take the place of those before, the rest is laid over it.
  show(option, height) {
    if (!this.chart) return;
    if (height && this.host.style.height !== `${height}px`) {
      this.host.style.height = `${height}px`;
      this.chart.resize();
    }
    this.chart.setOption({ animation: !still.matches, animationDuration: 300, animationDurationUpdate: 300, ...option },
      { replaceMerge: ['series', 'xAxis', 'yAxis', 'grid', 'graphic'] });
  }

  get isThere() {
    return this.chart !== undefined;
  }

  get width() {
    return this.host.clientWidth;
  }
}
