// One study: what came out of it in words, the way to the others, and the table of its arms.

import { el, mark, options } from './dom.js';

export class Study {
  // `chosen` is called with the name of the study to go to.
  constructor(chosen) {
    this.chosen = chosen;
    this.title = el('h1');
    const choose = () => this.chosen(this.chooser.value);
    this.chooser = el('select', { 'aria-label': 'study', on: { change: choose } });
    this.said = el('div');
    this.root = el('div', { class: 'study' }, el('div', { class: 'heading' }, this.title, this.chooser), this.said);
    this.table = el('section', { class: 'card arms' });
  }

  show({ name, title, names, sentences, about, columns, rows }) {
    this.title.textContent = title;
    options(this.chooser, names.map((one) => [one, one]));
    this.chooser.value = name;
    this.chooser.hidden = names.length < 2;
    const said = sentences.map((sentence) => el('p', {}, sentence));
    const answer = el('section', { class: 'card answer' }, el('h2', {}, 'What came out'), said);
    this.said.replaceChildren(answer);
    this.table.hidden = false;
    this.table.replaceChildren(
      el('h2', {}, 'The networks that were compared'),
      el('p', { class: 'sentence' }, about),
      el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': about }, arms(columns, rows)),
    );
  }

  // Says why there is no study to show.
  tell(nothing) {
    this.title.textContent = 'Study';
    this.chooser.hidden = true;
    this.said.replaceChildren(el('p', { class: 'message' }, nothing));
    this.table.hidden = true;
  }
}

function arms(columns, rows) {
  const side = (place) => (columns[place].numeric ? 'number' : '');
  const head = columns.map(({ label }, place) => el('th', { scope: 'col', class: side(place) }, label));
  return el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows.map(row)));

  function row({ cells: [label, word, ...rest], colour, mark: shape, more }) {
    const told = more && el('span', { class: 'where' }, `: ${more}`);
    const verdict = el('td', {}, mark(colour, shape), word, told || null);
    const others = rest.map((cell, place) => el('td', { class: side(place + 2) }, cell));
    return el('tr', {}, el('td', {}, label), verdict, others);
  }
}
