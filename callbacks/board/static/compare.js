// Trials or two searches side by side: what is said of them, the way to another search, and tables.

import { duration, el, mark, options, shown, whole } from './dom.js';

// Letters of a word that is kept together, such as a profile, which would else be torn apart at its hyphens.
const SHORT = 16;

export class Compare {
  // `chosen` is called with the run to compare with, null for trials of this search.
  constructor(chosen) {
    this.chosen = chosen;
    this.title = el('h1');
    const choose = () => this.chosen(this.chooser.value || null);
    this.chooser = el('select', { 'aria-label': 'compare with', on: { change: choose } });
    this.choice = el('label', { class: 'steps' }, 'Compare with', this.chooser);
    this.said = el('div');
    const heading = el('div', { class: 'heading' }, this.title, this.choice);
    this.root = el('div', { class: 'compared' }, heading, this.said);
    this.tables = el('div', { class: 'pictures' });
  }

  // Shows facts, or says in `nothing` why there are none.
  show(facts, nothing, place) {
    this.title.textContent = facts?.title ?? 'Compare';
    this.offer(place);
    const said = (facts?.sentences ?? []).map((sentence) => el('p', {}, sentence));
    const answer = facts
      ? el('section', { class: 'card answer' }, el('h2', {}, 'Which is better?'), said)
      : el('p', { class: 'message' }, nothing);
    this.said.replaceChildren(answer);
    const tables = facts ? facts.tables.map((one) => table(one, facts.columns)) : [];
    if (tables.length % 2) tables.at(-1).classList.add('wide');
    const same = facts?.equal ? [el('p', { class: 'hint wide' }, facts.equal)] : [];
    this.tables.replaceChildren(...tables, ...same);
  }

  // Offers what to compare with; there is nothing to choose where there is no other search.
  offer({ title, others, with: other }) {
    options(this.chooser, [['', `trials of ${title}`], ...others.map(({ run, label }) => [run, label])]);
    this.chooser.value = other ?? '';
    this.choice.hidden = !others.length && !other;
  }
}

function table({ title, sentence, rows }, columns) {
  const heads = columns.map(({ label, colour, mark: shape }) =>
    el('th', { scope: 'col' }, mark(colour, shape), words(label)),
  );
  const head = el('thead', {}, el('tr', {}, el('td'), heads));
  return el(
    'section',
    { class: 'card sides' },
    el('h2', {}, title),
    el('p', { class: 'sentence' }, sentence),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title },
      el('table', {}, head, el('tbody', {}, rows.map(row))),
    ),
  );
}

function words(label) {
  return label.split(/( )/).map((word) => (word === ' ' || word.length > SHORT ? word : whole(word)));
}

function row({ label, kind, cells, best }) {
  const text = kind === 'secs' ? duration : shown;
  const side = (cell, place) => el('td', { class: place === best ? 'best' : '' }, text(cell) || '–');
  return el('tr', {}, el('th', { scope: 'row' }, label), cells.map(side));
}
