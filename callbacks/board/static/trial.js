// One trial in words and numbers, and the way to its neighbours.

import { duration, el, percent, shown } from './dom.js';

const BOUNDARIES =
  'For each layer: whether more units would help, and how much it hands on of what was there before it.';

export class Trial {
  // `chosen` is called with the number of the trial to go to.
  constructor(chosen) {
    this.chosen = chosen;
    this.order = 'by_rank';
    this.root = el('div', { class: 'trial' });
  }

  show(facts) {
    this.facts = facts;
    const pair = el('div', { class: 'pair' }, this.numbers(), this.boundaries());
    this.root.replaceChildren(this.heading(), pair);
  }

  // Says why there is no trial to show.
  tell(nothing) {
    this.facts = null;
    this.root.replaceChildren(el('p', { class: 'message' }, nothing));
  }

  // Goes to the `previous` or `next` trial, when there is one.
  step(which) {
    const to = this.facts && this.neighbours()[which];
    if (Number.isInteger(to)) this.chosen(to);
  }

  // A trial without a rank has neighbours by number only.
  neighbours() {
    return this.facts[this.facts.rank === null ? 'by_number' : this.order];
  }

  heading() {
    const { name, rank } = this.facts;
    const near = this.neighbours();
    const step = (which, title, label) => {
      const props = { type: 'button', class: which, title, disabled: near[which] === null };
      return el('button', { ...props, on: { click: () => this.step(which) } }, label);
    };
    const order = el(
      'select',
      { 'aria-label': 'order', disabled: rank === null, on: { change: () => this.reorder(order.value) } },
      el('option', { value: 'by_rank' }, 'by rank'),
      el('option', { value: 'by_number' }, 'by number'),
    );
    order.value = rank === null ? 'by_number' : this.order;
    const back = step('previous', 'left arrow key', '‹ Previous');
    const on = step('next', 'right arrow key', 'Next ›');
    const steps = el('div', { class: 'steps' }, back, on, order);
    return el('div', { class: 'heading' }, el('h1', {}, name), steps);
  }

  reorder(order) {
    this.order = order;
    this.show(this.facts);
  }

  numbers() {
    const facts = this.facts;
    const loss = facts.loss === null ? 'none' : shown(facts.loss);
    const place = facts.rank === null ? '' : `, rank ${shown(facts.rank)} of ${shown(facts.ranked)}`;
    const widths = facts.layers.map(({ units, effective }) =>
      effective === null ? `${units}` : `${units} (${effective.toFixed(1)} do different work)`,
    );
    const pairs = [
      [`validation loss (${facts.loss_name})`, loss + place],
      ['on each fold, the oldest first', facts.folds.map(shown).join(', ')],
      ['best epoch', shown(facts.best_epoch)],
      ['parameters', shown(facts.parameters)],
      ['training time', duration(facts.secs)],
      ['status', facts.status],
      ['reason', facts.reason],
      ['trained once more', facts.repeat],
      ['units of the layers', widths.join(' → ')],
    ];
    return el(
      'section',
      { class: 'card facts' },
      list('How it went', pairs.filter(([, value]) => value)),
      list('Hyperparameters', facts.values.map(({ name, value }) => [name, shown(value)])),
    );
  }

  boundaries() {
    const { boundaries, unmeasured } = this.facts;
    return el(
      'section',
      { class: 'card verdicts' },
      el('h2', {}, 'Is each layer wide enough?'),
      el('p', { class: 'sentence' }, BOUNDARIES),
      unmeasured ? el('p', { class: 'nothing' }, unmeasured) : el('ul', {}, boundaries.map(verdict)),
    );
  }
}

function list(title, pairs) {
  const rows = pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  return el('div', {}, el('h2', {}, title), el('dl', {}, rows));
}

function verdict({ where, kind, kept, word, colour, sentence }) {
  const dot = el('span', { class: 'dot' });
  dot.style.background = colour;
  const head = [where, kind, kept === null ? null : `${percent(kept)} kept`].filter(Boolean).join(', ');
  return el(
    'li',
    {},
    el('div', { class: 'word' }, dot, word),
    el('div', {}, el('div', { class: 'where' }, head), el('div', {}, sentence)),
  );
}
