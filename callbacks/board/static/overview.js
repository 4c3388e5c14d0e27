// What stands on top of the view Search: what was searched and how far it is, the answer and the scores.

import { el, shown, unbroken } from './dom.js';

const FIRST = 4;
const SILENT_SECS = 600;
const HAND_OVER =
  'To hand over the best trial, give “narrows export RUN model”, where RUN is the folder of this search.';

export class Overview {
  constructor() {
    this.progress = el('p', { class: 'progress' });
    this.silent = el('p', { class: 'progress', hidden: true });
    this.asked = el('dl', { class: 'compact' });
    this.space = el('dl', { class: 'compact' });
    this.answer = el('section', { class: 'card answer' });
    const may = el('h3', {}, 'What it may choose');
    this.searched = el(
      'section',
      { class: 'card searched' },
      el('h2', {}, 'What was searched'),
      this.progress,
      this.silent,
      this.asked,
      may,
      this.space,
    );
    this.root = el('div', { class: 'pair' }, this.searched, this.answer);
  }

  show({ state, progress, unanswered, asked, space, scores }, { answer, best }) {
    this.state = state;
    this.progress.replaceChildren(...unbroken(progress));
    this.asked.replaceChildren(...asked.map(pair));
    this.space.replaceChildren(...space.map(pair));
    const said = (answer ?? unanswered).map((sentence) => el('p', {}, sentence));
    const more = answer && said.length > FIRST ? el('details', {}, el('summary', {}, 'More'), said.slice(FIRST)) : null;
    this.answer.replaceChildren(el('h2', {}, 'Answer'), ...(more ? said.slice(0, FIRST) : said));
    if (more) this.answer.append(more);
    if (best) this.answer.append(el('p', { class: 'hint' }, HAND_OVER));
    if (scores) this.answer.append(...scored(scores));
  }

  // Says that a search may have been killed: `written` is when it last wrote, in seconds since 1970.
  age(written) {
    const secs = Date.now() / 1000 - written;
    this.silent.hidden = this.state !== 'under way' || secs < SILENT_SECS;
    this.silent.textContent =
      `Nothing was written for ${shown(Math.round(secs / 60))} minutes: where no “narrows tune” is running ` +
      'any more, the same command goes on.';
  }
}

function pair({ name, value }) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, value));
}

function scored({ windows, metric, tables }) {
  const means = tables.some((one) => one.metrics.includes('OWA'));
  const note =
    `Errors on the test part, ${shown(windows)} windows that nothing was learned or chosen from, in the unit ` +
    `of the data (sMAPE in percent${means ? '; MASE, sMAPE and OWA as means over the series' : ''}). Smaller is ` +
    `better, ✓ marks the best of each column, ${metric} decides.`;
  return [el('h3', {}, 'Scores'), el('p', { class: 'sentence' }, note), table(tables)];
}

// One table for all targets, so that their columns stand below each other; of several each has a line of its own.
function table(targets) {
  const [{ target, metrics }] = targets;
  const heading = (name, place) => el('th', { scope: 'col', class: place ? 'number' : null }, name);
  const head = el('tr', {}, [targets.length > 1 ? 'target' : target, ...metrics].map(heading));
  const bodies = targets.map((one) => {
    const named = el('th', { scope: 'rowgroup', colspan: String(metrics.length + 1) }, one.target);
    const title = targets.length > 1 ? el('tr', { class: 'target' }, named) : null;
    return el('tbody', {}, title, one.rows.map(row));
  });
  return el('div', { class: 'scroll scores', tabindex: '0' }, el('table', {}, el('thead', {}, head), bodies));
}

function row({ name, ours, cells }) {
  const text = ({ value, best }) => (value === null ? '–' : `${best ? '✓ ' : ''}${shown(value)}`);
  const cell = (one) => el('td', { class: one.best ? 'number best' : 'number' }, text(one));
  return el('tr', { class: ours ? 'ours' : null }, el('th', { scope: 'row' }, name), cells.map(cell));
}
