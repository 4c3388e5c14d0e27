// One study: what came out of it in words, the way to the others, and the table of its arms.

import { el } from './dom.js';

export class Study {
  // `chosen` is called with the name of the study to go to.
  constructor(chosen) {
    this.chosen = chosen;
    this.root = el('div', { class: 'study' });
    this.table = el('section', { class: 'card arms' });
  }

  show({ name, title, names, sentences, about, columns, rows }) {
    const chooser = el(
      'select',
      { 'aria-label': 'study', on: { change: () => this.chosen(chooser.value) } },
      names.map((one) => el('option', { value: one }, one)),
    );
    chooser.value = name;
    chooser.hidden = names.length < 2;
    const said = sentences.map((sentence) => el('p', {}, sentence));
    const answer = el('section', { class: 'card answer' }, el('h2', {}, 'What came out'), said);
    this.root.replaceChildren(el('div', { class: 'heading' }, el('h1', {}, title), chooser), answer);
    this.table.hidden = false;
    this.table.replaceChildren(
      el('h2', {}, 'The networks that were compared'),
      el('p', { class: 'sentence' }, about),
      el('div', { class: 'scroll', tabindex: '0' }, arms(columns, rows)),
    );
  }

  // Says why there is no study to show.
  tell(nothing) {
    this.root.replaceChildren(el('p', { class: 'message' }, nothing));
    this.table.hidden = true;
  }
}

function arms(columns, rows) {
  const side = (place) => (columns[place].numeric ? 'number' : '');
  const head = columns.map(({ label }, place) => el('th', { scope: 'col', class: side(place) }, label));
  return el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows.map(row)));

  function row({ cells: [label, word, ...rest], colour, more }) {
    const dot = el('span', { class: 'dot' });
    dot.style.background = colour;
    const told = more && el('span', { class: 'where' }, `: ${more}`);
    const verdict = el('td', {}, dot, word, told || null);
    const others = rest.map((cell, place) => el('td', { class: side(place + 2) }, cell));
    return el('tr', {}, el('td', {}, label), verdict, others);
  }
}
