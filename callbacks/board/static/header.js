// The bar above all views: the views, the searches when there are several, and how the search stands.

import { el, options, shown } from './dom.js';
import * as link from './link.js';

const UNFILTERED = { layers: null, status: null, text: null };
export const TITLES = { search: 'Search', shapes: 'Shapes', trial: 'Trial', study: 'Study', compare: 'Compare' };

export class Header {
  constructor() {
    this.tabs = el('nav', { 'aria-label': 'views' });
    this.chooser = el('select', { 'aria-label': 'search', on: { change: () => this.choose() } });
    this.status = el('p', { class: 'status', role: 'status' });
    this.views = Object.fromEntries(Object.keys(TITLES).map((view) => [view, tab(view)]));
    this.tabs.append(...Object.values(this.views));
    this.root = el('header', {}, this.tabs, this.chooser, this.status);
    // What is scrolled to would else lie below the bar, which takes more lines in a narrow window.
    const below = () => (document.documentElement.style.scrollPaddingTop = `${this.root.offsetHeight + 12}px`);
    new ResizeObserver(below).observe(this.root);
  }

  // Shows where the user is: `view` of the search `current`, which is one of `runs` or undefined.
  show(view, runs, current) {
    for (const [one, tab] of Object.entries(this.views)) {
      tab.href = link.address({ view: one });
      if (one === view) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
    options(this.chooser, labelled(runs).map(({ run, label }) => [run, label]));
    this.chooser.value = current?.run ?? '';
    this.chooser.hidden = runs.length < (current ? 2 : 1);
  }

  choose() {
    link.go({ run: this.chooser.value, trial: null, study: null, compare: null, with: null, ...UNFILTERED });
  }

  // Shows how the search stands; without it, nothing.
  tell(heading) {
    this.status.textContent = heading ? this.sentence(heading) : '';
  }

  sentence({ title, ended, asked, state, failed, best }) {
    const named = this.chooser.hidden ? `${title}: ` : '';
    const lost = failed ? `, ${shown(failed)} failed` : '';
    const found = best ? `; best ${best.name} with a validation loss of ${shown(best.loss)}` : '';
    const count = asked ? `${shown(ended)} of ${shown(Math.max(asked, ended))}` : shown(ended);
    const stands = state === 'under way' || state === 'interrupted' ? `, ${state}` : '';
    return `${named}${count} ${count === '1' ? 'trial' : 'trials'}${stands}${lost}${found}`;
  }
}

// Returns the searches with a label each, which names the run where titles are not enough.
export function labelled(runs) {
  const titles = runs.map(({ title }) => title);
  const twice = (title) => titles.indexOf(title) !== titles.lastIndexOf(title);
  return runs.map((one) => ({ ...one, label: twice(one.title) ? `${one.title} (${one.run})` : one.title }));
}

function tab(view) {
  const follow = (event) => {
    if (link.elsewhere(event)) return;
    event.preventDefault();
    link.go({ view });
  };
  return el('a', { href: link.address({ view }), target: '_top', on: { click: follow } }, TITLES[view]);
}
