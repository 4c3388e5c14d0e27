// Brushes and highlight of the picture “All hyperparameters”: dragging along an axis keeps in colour the
// lines that cross it there, on several axes those that cross all; pointing at a line draws it thick.
//
// The picture tells in `meta.brush` its axes and the points from one to the next; its first trace is for the
// lines that are not kept. All lines of a trace have the same points, each followed by a gap.

import { el } from './dom.js';

const NEAR = 14;
const LEAST = 4;
const SVG = 'http://www.w3.org/2000/svg';
const HINT = 'Drag along an axis to keep the lines that cross it there; a click on the axis lets go.';

export class Brush {
  // `chosen` is called with the number of a trial whose line was clicked on an axis.
  constructor(chosen) {
    this.chosen = chosen;
    this.said = el('span', {}, HINT);
    const click = () => this.set(new Map());
    this.clear = el('button', { type: 'button', hidden: true, on: { click } }, 'Let go');
    this.root = el('div', { class: 'choices brushes' }, this.said, this.clear);
    this.brushes = new Map();
    this.over = document.createElementNS(SVG, 'svg');
    this.over.classList.add('over');
  }

  // Takes over a picture that was drawn anew; what was brushed stays while its axes do.
  async take(plot) {
    const { meta, xaxis } = plot.layout;
    const axes = JSON.stringify(xaxis.ticktext);
    if (axes !== this.axes) this.brushes = new Map();
    this.axes = axes;
    this.steps = meta.brush.steps;
    this.count = meta.brush.axes;
    this.moved = false;
    // Below the names that plotly shows at the mark one points at.
    [...plot.querySelectorAll('.svg-container > .main-svg')].at(-1).before(this.over);
    this.lines = plot._fullData.map(({ x, y, customdata }) => ({ x, y, customdata }));
    if (this.plot !== plot) this.listen(plot);
    await this.apply();
  }

  listen(plot) {
    this.plot = plot;
    plot.addEventListener('mousedown', (event) => this.begin(event), true);
    plot.on('plotly_afterplot', () => this.draw());
    plot.on('plotly_hover', ({ points }) => this.draw(points[0]));
    plot.on('plotly_unhover', () => this.draw());
  }

  // Pixels of the plot: of an axis across, of a height upwards and back.
  at(axis) {
    const { xaxis } = this.plot._fullLayout;
    return xaxis._offset + xaxis.d2p(axis);
  }

  up(height) {
    const { yaxis } = this.plot._fullLayout;
    return yaxis._offset + yaxis.d2p(height);
  }

  height(pixel) {
    const { yaxis } = this.plot._fullLayout;
    return yaxis.p2d(pixel - yaxis._offset);
  }

  begin(event) {
    const box = this.plot.getBoundingClientRect();
    const across = event.clientX - box.left;
    const axis = [...Array(this.count).keys()].find((one) => Math.abs(this.at(one) - across) < NEAR);
    if (axis === undefined || event.button || !event.target.closest('.nsewdrag')) return;
    // Plotly would take the end of a drag for a click.
    event.stopPropagation();
    const from = event.clientY - box.top;
    let moved = false;
    const move = ({ clientY }) => {
      const to = clientY - box.top;
      moved ||= Math.abs(to - from) > LEAST;
      if (!moved) return;
      const ends = [this.height(from), this.height(to)].sort((a, b) => a - b);
      this.brushes.set(axis, ends);
      this.draw();
    };
    const end = () => {
      window.removeEventListener('mousemove', move);
      window.removeEventListener('mouseup', end);
      if (moved || this.brushes.delete(axis)) this.apply();
      else if (this.pointed !== undefined) this.chosen(this.pointed);
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', end);
  }

  async set(brushes) {
    this.brushes = brushes;
    await this.apply();
  }

  // Moves the points of lines that are not kept to the first trace.
  async apply() {
    const { lines, steps, count } = this;
    const size = (count - 1) * steps + 2;
    const tests = [...this.brushes].map(([axis, ends]) => [axis * steps, ...ends]);
    const rest = { x: [], y: [] };
    const [numbers, all, ys, places] = [new Set(), new Set(), [], []];
    for (const [place, { x, y, customdata }] of lines.entries()) {
      if (!place || !customdata?.length) continue;
      const shown = Array.from(y);
      for (let start = 0; start < y.length; start += size) {
        all.add(customdata[start]);
        const crosses = ([offset, low, high]) => y[start + offset] >= low && y[start + offset] <= high;
        const kept = tests.every(crosses);
        if (kept) {
          numbers.add(customdata[start]);
        } else {
          rest.x.push(...x.slice(start, start + size));
          rest.y.push(...shown.slice(start, start + size));
          shown.fill(NaN, start, start + size);
        }
      }
      ys.push(shown);
      places.push(place);
    }
    const some = tests.length > 0;
    this.clear.hidden = !some;
    this.said.textContent = some ? `${numbers.size} of ${all.size} trials are kept.` : HINT;
    if (!some && !this.moved) return;
    this.moved = some;
    const first = lines[0];
    const x = [some ? rest.x : first.x, ...places.map((one) => lines[one].x)];
    const y = [some ? rest.y : first.y, ...ys];
    await Plotly.restyle(this.plot, { x, y }, [0, ...places]);
  }

  // Draws the brushes, and the line that is pointed at.
  draw(point) {
    const shapes = [...this.brushes].map(([axis, [low, high]]) => {
      const [top, foot] = [this.up(high), this.up(low)];
      return shape('rect', { x: this.at(axis) - 7, y: top, width: 14, height: Math.max(foot - top, 1) });
    });
    this.pointed = Number.isInteger(point?.customdata) ? point.customdata : undefined;
    if (this.pointed !== undefined) shapes.push(shape('polyline', { points: this.line(point) }));
    this.over.replaceChildren(...shapes);
  }

  line({ curveNumber, pointNumber }) {
    const { x, y } = this.lines[curveNumber];
    const size = (this.count - 1) * this.steps + 2;
    const start = pointNumber - (pointNumber % size);
    const points = [...Array(this.count).keys()].map((axis) => start + axis * this.steps);
    return points.map((one) => `${this.at(x[one])},${this.up(y[one])}`).join(' ');
  }
}

function shape(name, props) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  return made;
}
