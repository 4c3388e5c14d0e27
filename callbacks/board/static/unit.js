// What one unit of a trial does: the choosers above its picture. What is chosen holds for one trial of one
// search; the server says what there is to choose, and what it is like.

import { el, options } from './dom.js';
import { ask } from './server.js';

export class Unit {
  // `draw` is called with a figure, and what its zoom belongs to, when something else was chosen.
  constructor(draw) {
    this.draw = draw;
    this.of = null;
    this.turn = 0;
    const number = (name) => (event) => this.choose({ [name]: Number(event.target.value) });
    const select = (name, change) => el('select', { 'aria-label': name, on: { change } });
    this.layer = select('layer', (event) => this.choose({ layer: Number(event.target.value), unit: null }));
    this.unit = select('unit', number('unit'));
    this.other = select('unit drawn over it', (event) => this.choose({ other: event.target.value }));
    this.window = select('window', number('window'));
    const step = (by, label) =>
      el('button', { type: 'button', on: { click: () => this.step(by) } }, label);
    this.back = step(-1, '‹ Earlier window');
    this.on = step(1, 'Later window ›');
    this.gates = this.check('gates and memory', 'gates');
    this.whole = this.check('of the whole layer', 'whole');
    this.like = el('p', {});
    this.again = el('div', { class: 'choices' });
    this.fault = el('p', { role: 'alert' });
    const over = el('label', {}, 'over it ', this.other);
    this.root = el(
      'div',
      { class: 'unit', hidden: true },
      el('p', { class: 'hint' }, 'Choose a unit here, or click on one in the other pictures of units.'),
      el('div', { class: 'choices' }, this.layer, this.unit, over, this.gates.label),
      el('div', { class: 'choices' }, this.window, this.back, this.on),
      el('div', { class: 'choices' }, this.like, this.whole.label),
      this.again,
      this.fault,
    );
  }

  check(label, name) {
    const box = el('input', {
      type: 'checkbox',
      on: { change: () => this.choose({ [name]: box.checked ? 1 : 0 }) },
    });
    return { box, label: el('label', {}, box, ` ${label}`) };
  }

  // Returns what the server tells of the unit at `place`: of the chosen one, where that is the same trial.
  ask({ run, version, trial, dark }) {
    const of = JSON.stringify([run, version, trial]);
    if (of !== this.of) this.chosen = {};
    this.of = of;
    this.query = { run, dark: dark ? 1 : 0, ...(trial === null ? {} : { trial }) };
    return this.fetch();
  }

  fetch() {
    this.turn += 1;
    const known = Object.entries(this.chosen).filter(([, value]) => Number.isInteger(value));
    return ask('unit', { ...this.query, ...Object.fromEntries(known) });
  }

  // Chooses something else and draws it; the latest choice wins.
  async choose(change) {
    this.chosen = { ...this.chosen, ...change };
    if (this.chosen.other === '') this.chosen.other = null;
    else if (this.chosen.other !== null) this.chosen.other = Number(this.chosen.other);
    const asked = this.fetch();
    const mine = this.turn;
    try {
      const found = await asked;
      if (mine !== this.turn) return;
      this.show(found);
      if (found.figure) await this.draw(found.figure, this.zoom);
    } catch (fault) {
      if (mine !== this.turn) return;
      this.show(this.told);
      this.fault.textContent = fault.message;
    }
  }

  step(by) {
    const window = this.chosen.window + by;
    if (this.told.windows[window] !== undefined) this.choose({ window });
  }

  // What the zoom of the picture belongs to.
  get zoom() {
    return JSON.stringify([this.of, this.chosen.window, this.chosen.gates]);
  }

  // Shows what there is to choose; hidden where there is no unit to look at.
  show(told) {
    this.told = told;
    const { figure, chosen, layers, others, windows, moment, again } = told;
    this.root.hidden = !figure;
    this.fault.textContent = '';
    if (!figure) return;
    this.chosen = { ...chosen, gates: Number(chosen.gates), whole: Number(chosen.whole) };
    const { layer, unit, other, window } = chosen;
    const named = (count, name) => Array.from({ length: count }, (_, place) => [place, name(place)]);
    fill(this.layer, layers.map((units, place) => [place + 1, `layer ${place + 1}`]), layer);
    fill(this.unit, named(layers[layer - 1], (place) => `unit ${place}`), unit);
    fill(this.other, [['', 'no other unit'], ...others.map((one) => [one.unit, one.label])], other ?? '');
    fill(this.window, windows.map((label, place) => [place, label]), window);
    this.back.disabled = window === 0;
    this.on.disabled = window === windows.length - 1;
    this.gates.box.checked = chosen.gates;
    this.whole.box.checked = chosen.whole;
    this.like.textContent = again.length
      ? `Where else is the state as it is at ${moment}? Click into the picture to choose another time.`
      : 'There is no other time in what is kept to compare the state with.';
    while (this.again.childElementCount < again.length) this.again.append(el('button', { type: 'button' }));
    for (const [place, button] of [...this.again.children].entries()) {
      const one = again[place];
      button.hidden = !one;
      if (!one) continue;
      button.textContent = one.label;
      button.onclick = () => this.choose({ window: one.window, step: one.step });
    }
  }
}

function fill(select, pairs, value) {
  options(select, pairs);
  select.value = value;
}
