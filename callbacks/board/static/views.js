// The five views. A view stays as it is while another one is shown, so that coming back costs nothing and
// keeps zoom, sorting and place. It is fetched again when the search, its data or the colours changed.

import { Brush } from './brush.js';
import { Compare } from './compare.js';
import { el, painted } from './dom.js';
import * as link from './link.js';
import { Overview } from './overview.js';
import { Pictures } from './pictures.js';
import { loadPlotly } from './plotly.js';
import { ask } from './server.js';
import { Study } from './study.js';
import { Table } from './table.js';
import { Trial } from './trial.js';
import { Unit } from './unit.js';

const SEARCH =
  'A click on a point, a line or a row of the table shows its trial; in the table the keyboard reaches all of them.';
const SHAPES = 'A click on a profile shows its trial, a click on a cell of the map the best trial in it.';
const STUDY = 'Point at a mark for its numbers; the table below the pictures has them, too.';
const TRIAL =
  'The left and right arrow keys go to the trial before and after. Point at a mark for its numbers; a click on ' +
  'a unit shows what it does.';
const COMPARE = 'Point at a mark for its numbers; the tables above have what differs.';
const openTrial = (trial) => link.go({ view: 'trial', trial });

class View {
  constructor(name, hint, before = [], after = [], pictures = new Pictures({ trial: openTrial })) {
    this.name = name;
    this.pictures = pictures;
    this.hint = el('p', { class: 'hint' }, hint);
    this.root = el('div', { class: 'view' }, before, this.hint, this.pictures.root, after);
    this.shown = '';
    this.scroll = 0;
    this.fromTop = false;
  }

  // Fetches and draws the view for `place`, that of the address with {title, version, others, dark},
  // unless that is there already. `others` are the other searches. Calls `put` before it draws, as nothing
  // can be drawn off the page; gives up once `current` says no.
  async show(place, current, put) {
    const query = this.query(place);
    const other = place.others.find(({ run }) => run === query.with);
    const wanted = JSON.stringify([query, place.version, other?.version]);
    if (wanted === this.shown) return put();
    const plotly = loadPlotly().then(() => null, (fault) => fault);
    const [page, more] = await Promise.all([ask('page', query), this.more(place)]);
    if (!current()) return;
    this.shown = '';
    this.heading = page.heading;
    this.fill(page, more, place);
    this.pictures.root.hidden = this.hint.hidden = !page.pictures.length;
    put();
    await painted(); // there is something to read before the first picture is drawn
    const fault = await plotly;
    if (!current()) return;
    if (fault) throw fault;
    const revision = [place.run, query.trial, query.study, query.compare, query.with].join('|');
    await this.pictures.draw(page.pictures, revision, current);
    if (current()) this.shown = wanted;
  }

  query({ run, dark }) {
    return { run, view: this.name, dark: dark ? 1 : 0 };
  }

  // Asks for what the view shows besides pictures, and shows it.
  async more() {}
  fill() {}

  // Does what a key asks for; returns whether it did.
  key() {
    return false;
  }
}

class SearchView extends View {
  constructor() {
    const title = el('h1');
    const overview = new Overview();
    const brush = new Brush(openTrial);
    const drawn = { parallel: (plot) => brush.take(plot) };
    const pictures = new Pictures({ trial: openTrial }, { parallel: brush.root }, drawn);
    const table = new Table((trial) => link.address({ view: 'trial', trial }), {
      chosen: openTrial,
      picking: (numbers) => link.note({ compare: numbers.join() || null }),
      filtering: (change) => link.note(change),
      comparing: () => link.go({ view: 'compare', with: null }),
    });
    super('search', SEARCH, [title, overview.root], [table.root], pictures);
    Object.assign(this, { title, overview, table });
  }

  async show(place, current, put) {
    this.table.mark(place.trial);
    this.table.pick(link.picked());
    this.table.filter(place);
    await super.show(place, current, put);
    this.overview.age(place.written);
  }

  more({ run }) {
    return ask('table', { run });
  }

  fill({ heading, facts }, table) {
    this.title.textContent = `Search: ${heading.title}`;
    this.overview.show(facts, heading);
    this.table.show(table, heading.title);
  }
}

class ShapesView extends View {
  constructor() {
    const title = el('h1');
    super('shapes', SHAPES, [title]);
    this.title = title;
  }

  fill({ heading }) {
    this.title.textContent = `Shapes: ${heading.title}`;
  }
}

class TrialView extends View {
  constructor() {
    const trial = new Trial((number) => link.move({ trial: number }));
    const unit = new Unit((figure, zoom) => pictures.redraw('unit', figure, zoom));
    const choose = (layer, one, other = one) => {
      unit.choose({ layer, unit: one, other: other === one ? null : other });
      pictures.reveal('unit');
    };
    const clicked = { trial: openTrial, unit: choose, step: (step) => unit.choose({ step }) };
    const pictures = new Pictures(clicked, { unit: unit.root });
    super('trial', TRIAL, [trial.root], [], pictures);
    Object.assign(this, { trial, unit, fromTop: true });
  }

  more(place) {
    return this.unit.ask(place);
  }

  query(place) {
    const query = super.query(place);
    return place.trial === null ? query : { ...query, trial: place.trial };
  }

  fill({ facts, nothing, pictures }, unit) {
    if (facts) this.trial.show(facts);
    else this.trial.tell(nothing);
    this.unit.show(unit);
    const own = pictures.find(({ name }) => name === 'unit');
    if (own && unit.figure) Object.assign(own, { figure: unit.figure, zoom: this.unit.zoom });
  }

  key(name) {
    const which = { ArrowLeft: 'previous', ArrowRight: 'next' }[name];
    if (!which || !this.trial.facts) return false;
    this.trial.step(which);
    return true;
  }
}

class StudyView extends View {
  constructor() {
    const study = new Study((name) => link.move({ study: name }));
    super('study', STUDY, [study.root], [study.table]);
    Object.assign(this, { study, fromTop: true });
  }

  query(place) {
    const query = super.query(place);
    return place.study === null ? query : { ...query, study: place.study };
  }

  fill({ facts, nothing }) {
    if (facts) this.study.show(facts);
    else this.study.tell(nothing);
  }
}

class CompareView extends View {
  constructor() {
    const compare = new Compare((run) => link.move({ with: run }));
    super('compare', COMPARE, [compare.root, compare.tables]);
    Object.assign(this, { compare, fromTop: true });
  }

  query(place) {
    const query = super.query(place);
    if (place.with !== null) return { ...query, with: place.with };
    return place.compare === null ? query : { ...query, compare: place.compare };
  }

  fill({ facts, nothing }, _, place) {
    this.compare.show(facts, nothing, place);
  }
}

export const makeViews = () => ({
  search: new SearchView(),
  shapes: new ShapesView(),
  trial: new TrialView(),
  study: new StudyView(),
  compare: new CompareView(),
});
