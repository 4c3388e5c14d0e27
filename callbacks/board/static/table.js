// The table of trials: sorted by any column, rows lead to their trial. Rows are added as the user scrolls.
// Two to four rows that are ticked can be compared.

import { save } from './csv.js';
import { el, percent, shown } from './dom.js';
import { Filters } from './filters.js';
import { elsewhere } from './link.js';

const MORE = 100;
const PICKED = 4;
const LONG = 24;
const SAID =
  'All trials that have ended; a click on a heading sorts by it. Tick two to four trials to compare them. ' +
  'A note on one of them stays in the run: narrows note RUN NUMBER "text".';
const TEXTS = { worst_kept: percent, secs: (secs) => secs?.toFixed(1) ?? '' };
const words = new Intl.Collator('en', { numeric: true });

export class Table {
  // `address` gives the address of a trial, `chosen` is called with the number of one that was clicked,
  // `picking` with the numbers of those that are ticked, `comparing` when they are to be compared, `filtering`
  // with what the link is to say of the filters.
  constructor(address, { chosen, picking, comparing, filtering }) {
    Object.assign(this, { address, chosen, picking });
    this.picked = [];
    this.filters = new Filters((change) => {
      filtering(change);
      this.refill();
    });
    this.csv = el('button', { type: 'button', on: { click: () => this.save() } }, 'CSV');
    this.compare = el('button', { type: 'button', class: 'compare', on: { click: comparing } });
    this.clear = el('button', { type: 'button', on: { click: () => this.pickOnly([]) } }, 'Clear');
    this.sort = { name: 'loss', down: false };
    this.head = el('tr');
    this.body = el('tbody');
    this.count = el('p', { class: 'count' });
    this.scroll = el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'trials', on: { scroll: () => this.scrolled() } },
      el('table', {}, el('thead', {}, this.head), this.body),
    );
    this.root = el(
      'section',
      { class: 'card trials' },
      el(
        'div',
        { class: 'heading' },
        el('h2', {}, 'Trials'),
        el('div', { class: 'steps' }, this.compare, this.clear, this.csv),
      ),
      el('p', { class: 'sentence' }, SAID),
      this.filters.root,
      this.scroll,
      this.count,
    );
  }

  // Shows the data of the server, sorted as before; `title` is that of the search.
  show({ columns, rows }, title) {
    Object.assign(this, { columns, rows, title });
    this.filters.offer(columns, rows);
    if (!columns.some(({ name }) => name === this.sort.name)) this.sort = { name: 'loss', down: false };
    this.fill(Math.max(MORE, this.body.childElementCount));
  }

  // Shows what the link says.
  filter(place) {
    const wanted = JSON.stringify([place.layers, place.status, place.node, place.text, place.hide]);
    if (wanted === this.filtered) return;
    this.filtered = wanted;
    this.filters.set(place);
    if (!this.rows) return;
    this.filters.offer(this.columns, this.rows);
    this.refill();
  }

  // Marks the trial that was looked at last; null marks none.
  mark(number) {
    this.marked = number;
    for (const row of this.body.children) mark(row, row.dataset.trial === String(number));
  }

  // Ticks these trials, and no others.
  pick(numbers) {
    this.picked = numbers;
    const count = numbers.length;
    this.compare.textContent = count > 1 ? `Compare ${count} trials` : 'Compare';
    this.compare.disabled = count < 2 || count > PICKED;
    this.clear.hidden = !count;
    for (const row of this.body.children) tick(row, numbers);
  }

  pickOnly(numbers) {
    this.pick(numbers);
    this.picking(numbers);
  }

  sortBy(name) {
    this.sort = { name, down: this.sort.name === name && !this.sort.down };
    this.refill();
  }

  refill() {
    this.fill(MORE);
    this.scroll.scrollTop = 0;
  }

  fill(count) {
    const every = this.columns.map(({ name }, place) => [name, place]);
    this.places = every.filter(([name]) => this.filters.shows(name)).map(([, place]) => place);
    this.head.replaceChildren(...this.places.map((place) => this.heading(this.columns[place])));
    this.sorted = this.inOrder(this.rows.filter((row) => this.filters.keeps(row)));
    this.body.replaceChildren();
    this.append(count);
  }

  heading({ name, label, numeric, hint }) {
    const { name: by, down } = this.sort;
    const order = by !== name ? 'none' : down ? 'descending' : 'ascending';
    const props = { type: 'button', title: hint ?? label, on: { click: () => this.sortBy(name) } };
    const side = numeric ? 'number' : '';
    return el('th', { scope: 'col', 'aria-sort': order, class: side }, el('button', props, label));
  }

  // What is not known comes last, whichever way the rest is sorted.
  inOrder(rows) {
    const place = this.columns.findIndex(({ name }) => name === this.sort.name);
    const { numeric } = this.columns[place];
    const sign = this.sort.down ? -1 : 1;
    const known = (value) => value !== null && value !== '';
    const compare = numeric ? (a, b) => a - b : (a, b) => words.compare(a, b);
    return rows.sort((one, other) => {
      const [a, b] = [one[place], other[place]];
      if (known(a) && known(b)) return sign * compare(a, b) || one[0] - other[0];
      return known(b) - known(a) || one[0] - other[0];
    });
  }

  append(count) {
    const from = this.body.childElementCount;
    this.body.append(...this.sorted.slice(from, from + count).map((row) => this.row(row)));
    const [there, kept, all] = [this.body.childElementCount, this.sorted.length, this.rows.length];
    const trials = `${shown(all)} ${all === 1 ? 'trial' : 'trials'}`;
    const some = kept < all ? `${shown(kept)} of ${trials} fit the choice` : trials;
    const more = kept < all ? `${some}, the first ${shown(there)} are shown` : `${shown(there)} of ${trials}`;
    this.count.textContent = there < kept ? `${more}; scroll for more` : some;
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    const more = this.body.childElementCount < this.sorted.length;
    if (more && scrollTop + clientHeight > scrollHeight - 200) this.append(MORE);
  }

  // Saves what is shown, all rows of it.
  save() {
    const cells = (row) => this.places.map((place) => row[place]);
    const names = this.columns.map(({ name }) => name);
    save(`${this.title} trials.csv`, [cells(names), ...this.sorted.map(cells)]);
  }

  box(number) {
    const others = () => this.picked.filter((one) => one !== number);
    const changed = () => this.pickOnly(box.checked ? [...others(), number].sort((a, b) => a - b) : others());
    const props = { type: 'checkbox', 'aria-label': `compare trial ${number}`, on: { change: changed } };
    const box = el('input', props);
    // A click beside the box is meant for it, and not for the row.
    return el('label', { class: 'pick', on: { click: (event) => event.stopPropagation() } }, box);
  }

  row(values) {
    const number = values[0];
    const follow = (event) => {
      if (elsewhere(event)) return;
      event.preventDefault();
      this.chosen(number);
    };
    const cells = this.places.map((place) => {
      const [value, { name, numeric }] = [values[place], this.columns[place]];
      const text = (TEXTS[name] ?? shown)(value);
      const link = () => [this.box(number), el('a', { href: this.address(number), target: '_top' }, text)];
      const title = text.length > LONG ? text : null;
      return el('td', { class: numeric ? 'number' : '', title }, place ? text : link());
    });
    const row = el('tr', { 'data-trial': number, on: { click: follow } }, cells);
    return tick(mark(row, number === this.marked), this.picked);
  }
}

function tick(row, picked) {
  const box = row.querySelector('input');
  box.checked = picked.includes(Number(row.dataset.trial));
  box.disabled = !box.checked && picked.length >= PICKED;
  return row;
}

function mark(row, on) {
  if (on) row.setAttribute('aria-current', 'true');
  else row.removeAttribute('aria-current');
  return row;
}
