// One study: its question, what came out, which other studies there are, and the table of what was compared.

import { el, shown } from './dom.js';

export class Study {
  // `chosen` is called with the name of the study to go to.
  constructor(chosen) {
    this.chosen = chosen;
    this.root = el('div', { class: 'study' });
    this.table = el('section', { class: 'card trials' });
  }

  show(facts) {
    const sentences = facts.sentences.map((sentence) => el('p', {}, sentence));
    const about = el('p', { class: 'sentence' }, facts.about);
    const answer = el('section', { class: 'card answer' }, el('h2', {}, 'What came out'), sentences, about);
    this.root.replaceChildren(this.heading(facts), answer);
    this.table.hidden = false;
    this.table.replaceChildren(el('h2', {}, 'What was compared'), rows(facts));
  }

  // Says why there is no study to show.
  tell(nothing) {
    this.root.replaceChildren(el('p', { class: 'message' }, nothing));
    this.table.hidden = true;
  }

  heading({ title, name, all }) {
    const options = all.map((one) => el('option', { value: one }, one));
    const chooser = el('select', { 'aria-label': 'study', on: { change: () => this.chosen(chooser.value) } }, options);
    chooser.value = name;
    chooser.hidden = all.length < 2;
    return el('div', { class: 'trial-heading' }, el('h1', {}, title), el('div', { class: 'steps' }, chooser));
  }
}

function rows({ columns, rows: all }) {
  const head = el('tr', {}, columns.map(({ label, numeric }) => el('th', { class: numeric ? 'number' : '' }, label)));
  const body = all.map(({ cells, colour }) => {
    const dot = el('span', { class: 'dot' });
    dot.style.background = colour;
    const made = cells.map((cell, place) => {
      const last = place === cells.length - 1;
      return el('td', { class: columns[place].numeric ? 'number' : '' }, last ? [dot, ' ', cell] : shown(cell));
    });
    return el('tr', {}, made);
  });
  return el('div', { class: 'scroll arms' }, el('table', {}, el('thead', {}, head), el('tbody', {}, body)));
}
