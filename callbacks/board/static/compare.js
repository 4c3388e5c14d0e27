// Trials or two searches side by side: what is said of them, the way to another search, and tables.

import { duration, el, shown } from './dom.js';

export class Compare {
  // `chosen` is called with the run to compare with, null for trials of this search.
  constructor(chosen) {
    this.chosen = chosen;
    this.root = el('div', { class: 'compared' });
    this.tables = el('div', { class: 'pictures' });
  }

  // Shows facts, or says in `nothing` why there are none.
  show(facts, nothing, place) {
    const title = el('h1', {}, facts?.title ?? 'Compare');
    const heading = el('div', { class: 'heading' }, title, this.chooser(place));
    const said = (facts?.sentences ?? []).map((sentence) => el('p', {}, sentence));
    const answer = facts
      ? el('section', { class: 'card answer' }, el('h2', {}, 'Which is better?'), said)
      : el('p', { class: 'message' }, nothing);
    this.root.replaceChildren(heading, answer);
    const tables = facts ? facts.tables.map((one) => table(one, facts.columns)) : [];
    if (tables.length % 2) tables.at(-1).classList.add('wide');
    const same = facts?.equal ? [el('p', { class: 'hint wide' }, facts.equal)] : [];
    this.tables.replaceChildren(...tables, ...same);
  }

  // Chooses what to compare with; there is nothing to choose where there is no other search.
  chooser({ title, others, with: other }) {
    const choose = () => this.chosen(chooser.value || null);
    const chooser = el(
      'select',
      { 'aria-label': 'compare with', on: { change: choose } },
      el('option', { value: '' }, `trials of ${title}`),
      others.map(({ run, label }) => el('option', { value: run }, label)),
    );
    chooser.value = other ?? '';
    return others.length || other ? el('label', { class: 'steps' }, 'Compare with', chooser) : null;
  }
}

function table({ title, sentence, rows }, columns) {
  const heads = columns.map(({ label, colour }) => {
    const dot = el('span', { class: 'dot' });
    dot.style.background = colour;
    return el('th', { scope: 'col' }, dot, label);
  });
  const head = el('thead', {}, el('tr', {}, el('td'), heads));
  return el(
    'section',
    { class: 'card sides' },
    el('h2', {}, title),
    el('p', { class: 'sentence' }, sentence),
    el('div', { class: 'scroll', tabindex: '0' }, el('table', {}, head, el('tbody', {}, rows.map(row)))),
  );
}

function row({ label, kind, cells, best }) {
  const text = kind === 'secs' ? duration : shown;
  const side = (cell, place) => el('td', { class: place === best ? 'best' : '' }, text(cell) || '–');
  return el('tr', {}, el('th', { scope: 'row' }, label), cells.map(side));
}
