// What of the table is shown: trials by their layers, their status, the machine that trained them and a text, and
// which columns. The link keeps it, as layers, status, node, text and hide, the names of hidden columns.

import { el } from './dom.js';

// Columns that are always there.
export const FIXED = ['trial', 'profile'];

export class Filters {
  // `changed` is called with what the link is to say.
  constructor(changed) {
    this.changed = changed;
    const on = { change: () => this.tell() };
    this.layers = el('select', { 'aria-label': 'layers', on });
    this.status = el('select', { 'aria-label': 'status', on });
    this.node = el('select', { 'aria-label': 'trained on', on });
    const props = { type: 'search', placeholder: 'Find a text', 'aria-label': 'find a text in the table' };
    this.text = el('input', { ...props, on: { input: () => this.tell() } });
    this.boxes = el('div', { class: 'boxes' });
    const menu = el('details', { class: 'menu' }, el('summary', {}, 'Columns'), this.boxes);
    this.root = el('div', { class: 'choices' }, this.text, this.layers, this.status, this.node, menu);
    this.hidden = new Set();
    this.texts = new Map();
  }

  // Takes over what the link says.
  set({ layers, status, node, text, hide }) {
    this.wanted = { layers: layers ?? '', status: status ?? '', node: node ?? '' };
    this.text.value = text ?? '';
    this.hidden = new Set((hide ?? '').split(',').filter(Boolean).map(decodeURIComponent));
  }

  // Offers what there is in these columns and rows.
  offer(columns, rows) {
    this.names = columns.map(({ name }) => name);
    this.texts.clear();
    const depths = [...new Set(rows.map((row) => depth(row[this.place('profile')])))].sort((a, b) => a - b);
    const layers = (count) => `${count} ${count === 1 ? 'layer' : 'layers'}`;
    const labels = depths.filter(Boolean).map((count) => [count, layers(count)]);
    choices(this.layers, 'Any layers', labels, this.wanted.layers);
    choices(this.status, 'Any status', this.found('status', rows), this.wanted.status);
    const nodes = this.found('node', rows);
    choices(this.node, 'Any machine', nodes, this.wanted.node);
    this.node.hidden = !nodes.length && !this.wanted.node;
    const free = columns.filter(({ name }) => !FIXED.includes(name));
    this.boxes.replaceChildren(...free.map((column) => this.box(column)));
  }

  // What a column says anywhere.
  found(column, rows) {
    const place = this.place(column);
    return [...new Set(rows.map((row) => row[place]))].filter(Boolean).sort().map((one) => [one, one]);
  }

  box({ name, label }) {
    const change = () => {
      if (box.checked) this.hidden.delete(name);
      else this.hidden.add(name);
      this.tell();
    };
    const box = el('input', { type: 'checkbox', on: { change } });
    box.checked = !this.hidden.has(name);
    return el('label', {}, box, label);
  }

  tell() {
    const { layers, status, node, text, hidden } = this;
    this.wanted = { layers: layers.value, status: status.value, node: node.value };
    this.changed({
      layers: layers.value || null,
      status: status.value || null,
      node: node.value || null,
      text: text.value || null,
      hide: [...hidden].map(encodeURIComponent).join() || null,
    });
  }

  // Whether a column is shown, by its name.
  shows(name) {
    return !this.hidden.has(name) || FIXED.includes(name);
  }

  // Whether a row is shown.
  keeps(row) {
    const { layers, status, node } = this.wanted;
    if (layers && depth(row[this.place('profile')]) !== Number(layers)) return false;
    if (status && row[this.place('status')] !== status) return false;
    if (node && row[this.place('node')] !== node) return false;
    const text = this.text.value.trim().toLowerCase();
    if (!text) return true;
    if (!this.texts.has(row)) this.texts.set(row, row.join('\n').toLowerCase());
    return this.texts.get(row).includes(text);
  }

  place(name) {
    return this.names.indexOf(name);
  }
}

const depth = (profile) => (profile ? profile.split('-').length : 0);

// A choice that no trial has any more stays, and shows that there is none.
function choices(select, any, found, value) {
  const known = found.map(([one]) => String(one));
  const gone = value && !known.includes(value) ? [[value, value]] : [];
  const options = [['', any], ...found, ...gone];
  select.replaceChildren(...options.map(([one, label]) => el('option', { value: one }, label)));
  select.value = value;
}
