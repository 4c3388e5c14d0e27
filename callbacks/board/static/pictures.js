// Pictures: title, sentence, the figure or why there is none, and a note that opens.

import { el, painted } from './dom.js';
import { Menus } from './menus.js';

// Plotly's button to share a chart would send it to another server. Its WebGL pictures have twice the pixels
// of the screen each way, which takes up to twice the time without a graphics card.
const CONFIG = {
  showSendToCloud: false,
  plotlyServerURL: '',
  displaylogo: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'toggleSpikelines'],
  responsive: false,
  plotGlPixelRatio: Math.max(1, window.devicePixelRatio),
};
const MODEBAR = { bgcolor: 'rgba(0,0,0,0)', color: '#8a9097', activecolor: '#3a8fc7' };
const HEIGHT = 380;
// Pictures are drawn for so long before the page is painted, and hears clicks, in between.
const BUSY_MS = 150;

// The pictures of one view, drawn again in place when their data change.
export class Pictures {
  // `clicked` has what to call for a mark of each kind, `trial`, `unit` or `step`, with its numbers; `choosers`
  // has an element that stands above the plot of a picture, by its name, and `drawn` what to call with the
  // plot of a picture whenever it was drawn.
  constructor(clicked, choosers = {}, drawn = {}) {
    this.root = el('div', { class: 'pictures' });
    this.clicked = clicked;
    this.choosers = choosers;
    this.drawn = drawn;
    this.cards = new Map();
    this.resized = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
  }

  // Draws all pictures while `current` says so; `revision` is what zoom and selection belong to.
  async draw(pictures, revision, current) {
    const spans = widths(pictures);
    for (const [place, picture] of pictures.entries()) {
      const card = this.cards.get(picture.name) ?? this.add(picture);
      card.root.style.order = place;
      card.root.classList.toggle('wide', spans[place]);
      card.nothing.textContent = picture.nothing;
      card.plot.hidden = !picture.figure;
      if (!picture.figure) card.menus.root.hidden = true;
      if (this.choosers[picture.name]) this.choosers[picture.name].hidden = !picture.figure;
      card.plot.style.flexBasis = height(picture.figure?.layout);
      const least = picture.figure?.layout.meta?.least ?? 0;
      card.plot.style.minWidth = `${least}px`;
      card.root.classList.toggle('scrolls', least > 0);
    }
    let rested = performance.now();
    for (const picture of pictures.filter(({ figure }) => figure)) {
      if (!current()) return;
      await this.plot(this.cards.get(picture.name), picture, picture.zoom ?? revision);
      if (performance.now() - rested < BUSY_MS) continue;
      await painted();
      rested = performance.now();
    }
    await painted();
  }

  // Draws one picture that is there already with another figure.
  async redraw(name, figure, revision) {
    const card = this.cards.get(name);
    card.plot.style.flexBasis = height(figure.layout);
    await this.plot(card, { name, figure }, revision);
    fit(card.plot);
  }

  // Brings a picture into sight.
  reveal(name) {
    this.cards.get(name)?.root.scrollIntoView({ block: 'start' });
  }

  add(picture) {
    const label = `${picture.title}. ${picture.sentence}`;
    const plot = el('div', { class: 'plot', role: 'figure', 'aria-label': label });
    const menus = new Menus((method, args) => Plotly[method](plot, ...args));
    const nothing = el('p', { class: 'nothing' });
    const root = el(
      'section',
      { class: 'card picture', 'data-picture': picture.name },
      el('h2', {}, picture.title),
      el('p', { class: 'sentence' }, picture.sentence),
      this.choosers[picture.name],
      menus.root,
      plot,
      nothing,
      el('details', {}, el('summary', {}, 'What is this?'), el('p', {}, picture.note)),
    );
    this.root.append(root);
    const card = { root, plot, menus, nothing };
    this.cards.set(picture.name, card);
    return card;
  }

  async plot(card, picture, revision) {
    const { data, layout } = picture.figure;
    const own = { ...layout, autosize: true, uirevision: revision, modebar: MODEBAR };
    delete own.width;
    delete own.height;
    const again = card.revision === revision;
    card.menus.take(own, again);
    if (again) keepZoom(card, own);
    const toImageButtonOptions = { filename: picture.name, scale: 2 };
    const first = !card.plot.matches('.js-plotly-plot');
    try {
      await Plotly.react(card.plot, data, own, { ...CONFIG, toImageButtonOptions });
      if (again) await card.menus.again();
      await this.drawn[picture.name]?.(card.plot);
    } catch (fault) {
      card.nothing.textContent = `This picture could not be drawn: ${fault.message ?? fault}`;
      return;
    }
    card.revision = revision;
    card.ranges = ranges(card.plot._fullLayout);
    if (!first) return;
    this.resized.observe(card.plot);
    card.plot.on('plotly_click', (event) => this.follow(event));
    const over = (on) => card.plot.classList.toggle('over-mark', on);
    card.plot.on('plotly_hover', (event) => over(markOf(event) !== null));
    card.plot.on('plotly_unhover', () => over(false));
  }

  follow(event) {
    const [kind, ...numbers] = markOf(event) ?? [];
    this.clicked[kind]?.(...numbers);
  }
}

// Draws a picture at its new size: its height changes alone where its neighbour is another, or where the picture
// of the next trial has fewer rows. Plotly's own way would also draw at no size, in a tab that is not active, and
// once more for nothing when a view is put back; and it leaves a legend that now takes fewer rows where it was, over
// the marks.
async function fit(plot) {
  const { clientWidth: width, clientHeight: height } = plot;
  const { width: across = 0, height: up = 0 } = plot._fullLayout ?? {};
  if (!width || (width === across && Math.abs(height - up) < 1)) return;
  await Plotly.Plots.resize(plot);
  const { showlegend, legend } = plot._fullLayout ?? {};
  if (showlegend) await Plotly.relayout(plot, { 'legend.y': legend.y });
}

// Plotly keeps a zoom only where the new data come with the range of the old ones.
function keepZoom(card, layout) {
  const now = ranges(card.plot._fullLayout);
  for (const [name, axis] of Object.entries(layout)) {
    const zoomed = axis?.range && now[name] !== card.ranges[name];
    if (zoomed) layout[name] = { ...axis, range: JSON.parse(now[name]) };
  }
}

// Returns the ranges of the axes that a user can zoom, by name, as JSON.
function ranges(layout) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name));
  const free = axes.filter(([, { fixedrange, scaleanchor }]) => !fixedrange && !scaleanchor);
  return Object.fromEntries(free.map(([name, { range }]) => [name, JSON.stringify(range)]));
}

// Returns what a mark stands for, ['trial', number], ['unit', layer, unit, other] or ['step', place]; null where
// it is nothing. Of a trial it carries the number, alone or first in a list, of others a text, unit/1/7; a map
// of units has its layer in `meta` and the units on its axes.
function markOf({ points }) {
  for (const { customdata, data, x, y } of points ?? []) {
    if (Number.isInteger(data.meta?.layer)) return ['unit', data.meta.layer, Number(x), Number(y)];
    if (/^(unit|step)(\/\d+)+$/.test(customdata)) {
      const [kind, ...numbers] = customdata.split('/');
      return [kind, ...numbers.map(Number)];
    }
    const number = customdata && typeof customdata === 'object' ? customdata[0] : customdata;
    if (Number.isInteger(number)) return ['trial', number];
  }
  return null;
}

// Returns the height of a picture as CSS. One of square maps needs less of it in a narrow card: so much of
// the width, without what is beside the maps, and what is above and below them.
function height({ height: most = HEIGHT, meta } = {}) {
  if (!meta?.height) return `${most}px`;
  const [share, beside, above] = meta.height;
  return `min(${most}px, (max(100cqi, ${meta.least ?? 0}px) - ${beside}px) * ${share} + ${above}px)`;
}

// Which pictures take the whole width: those that ask for it, and those without a neighbour. One with nothing to
// show is none for a picture, since it would be as high and empty.
function widths(pictures) {
  const found = pictures.map(({ figure }) => Boolean(figure?.layout.meta?.wide));
  let alone = false;
  for (const [place, whole] of [...found, true].entries()) {
    const empty = (at) => !pictures[at]?.figure;
    if (alone && (whole || empty(place) !== empty(place - 1))) {
      found[place - 1] = true;
      alone = false;
    }
    alone = !whole && !alone;
  }
  return found;
}

