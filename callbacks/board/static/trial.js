// One trial in words and numbers, and the way to its neighbours.

import { duration, el, mark, percent, shown } from './dom.js';

// Letters of a value from which on it may have to be scrolled, which a keyboard must reach.
const LONG = 160;
const BOUNDARIES =
  'For each layer: whether more units would help, and how much it hands on of what was there before it.';

export class Trial {
  // `chosen` is called with the number of the trial to go to.
  constructor(chosen) {
    this.chosen = chosen;
    this.order = 'by_rank';
    this.title = el('h1');
    this.back = this.button('previous', '‹ Previous');
    this.on = this.button('next', 'Next ›');
    this.orders = el(
      'select',
      { 'aria-label': 'order of trials', on: { change: () => this.reorder(this.orders.value) } },
      el('option', { value: 'by_rank' }, 'by rank'),
      el('option', { value: 'by_number' }, 'by number'),
    );
    this.steps = el('div', { class: 'steps' }, this.back, this.on, this.orders);
    this.told = el('div');
    this.root = el('div', { class: 'trial' }, el('div', { class: 'heading' }, this.title, this.steps), this.told);
  }

  button(which, label) {
    const props = { type: 'button', class: which, on: { click: () => this.step(which) } };
    return el('button', props, label);
  }

  show(facts) {
    this.facts = facts;
    this.title.textContent = facts.name;
    this.steps.hidden = false;
    this.orient();
    this.told.replaceChildren(el('div', { class: 'pair' }, this.numbers(), this.boundaries()));
  }

  // Says why there is no trial to show.
  tell(nothing) {
    this.facts = null;
    this.title.textContent = 'Trial';
    this.steps.hidden = true;
    this.told.replaceChildren(el('p', { class: 'message' }, nothing));
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

  orient() {
    const near = this.neighbours();
    this.back.disabled = near.previous === null;
    this.on.disabled = near.next === null;
    this.orders.disabled = this.facts.rank === null;
    this.orders.value = this.facts.rank === null ? 'by_number' : this.order;
  }

  reorder(order) {
    this.order = order;
    this.orient();
  }

  numbers() {
    const facts = this.facts;
    const loss = facts.loss === null ? 'none' : shown(facts.loss);
    const place = facts.rank === null ? '' : `, rank ${shown(facts.rank)} of ${shown(facts.ranked)}`;
    const widths = facts.layers.map(({ units, bottleneck }) => (bottleneck ? `${units} (bottleneck)` : `${units}`));
    const known = facts.layers.some(({ effective }) => effective !== null);
    const effective = known ? facts.layers.map((one) => one.effective?.toFixed(1) ?? '–') : [];
    const pairs = [
      [`validation loss (${facts.loss_name})`, loss + place],
      ['on each fold, the oldest first', facts.folds.map(shown).join(', ')],
      ['best epoch', shown(facts.best_epoch)],
      ['parameters', shown(facts.parameters)],
      ['training time', duration(facts.secs)],
      ['trained on', facts.node],
      ['status', facts.status],
      ['reason', facts.reason],
      ['note', facts.note],
      ['trained once more', facts.repeat],
      ['units of the layers', widths.join(' → ')],
      ['do different work', effective.join(' → ')],
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
  const rows = pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', { tabindex: value.length > LONG ? '0' : null }, value)));
  return el('div', {}, el('h2', {}, title), el('dl', {}, rows));
}

function verdict({ where, kind, kept, word, colour, mark: shape, sentence }) {
  const head = [where, kind, kept === null ? null : `${percent(kept)} kept`].filter(Boolean).join(', ');
  return el(
    'li',
    {},
    el('div', { class: 'word' }, mark(colour, shape), word),
    el('div', {}, el('div', { class: 'where' }, head), el('div', {}, sentence)),
  );
}
