// Plotly, which draws the pictures: 4 MB, so that it is asked for before all else, and once.

import { el } from './dom.js';

let version;
let loading;

// Says which version is there; it stands in the address because browsers keep it.
export function loadFirst(installed) {
  version = installed;
  loadPlotly().catch(() => {}); // who needs it asks again and is told
}

export function loadPlotly() {
  loading ??= new Promise((done, failed) => {
    const script = el('script', { src: `static/plotly.min.js?v=${encodeURIComponent(version)}` });
    script.onload = done;
    script.onerror = () => {
      loading = undefined;
      failed(new Error('TensorBoard did not send plotly.min.js, which draws the pictures.'));
    };
    document.head.append(script);
  });
  return loading;
}
