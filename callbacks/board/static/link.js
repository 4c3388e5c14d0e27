// Where the user is: run, view, trial, study, the trials that are picked to be compared (`compare`, 3,7,9),
// the search to compare with (`with`), and what of the table is shown (`filters`). It is kept in the address
// of TensorBoard's page, as #narrowing&p.narrowing.view=trial&p.narrowing.trial=7, so a link can be shared and
// Back goes back. TensorBoard keeps what it does not know in there, also while another tab is shown.

const TAB = 'narrowing';
const PREFIX = `p.${TAB}.`;
const VIEWS = ['search', 'shapes', 'trial', 'study', 'compare'];

// Opened by itself, the page has no TensorBoard around it; then it is its own.
const page = window.parent;

function items() {
  return page.location.hash.slice(1).split('&').filter(Boolean);
}

function own() {
  const found = {};
  for (const item of items()) {
    const [name, value] = item.split('=').map(decodeURIComponent);
    if (name.startsWith(PREFIX)) found[name.slice(PREFIX.length)] = value ?? '';
  }
  return found;
}

// Returns {run, view, trial, study, compare, with, layers, status, node, text, hide}; all but the view are null
// when the address does not say.
export function place() {
  const { run = null, view, trial, study = null, compare = null, with: other = null, ...more } = own();
  const { layers = null, status = null, node = null, text = null, hide = null } = more;
  return {
    run,
    view: VIEWS.includes(view) ? view : 'search',
    trial: /^\d{1,9}$/.test(trial) ? Number(trial) : null,
    study,
    compare,
    with: other,
    layers,
    status,
    node,
    text,
    hide,
  };
}

// The numbers of the trials that are picked; none where the address holds something else.
export function picked() {
  const parts = (place().compare ?? '').split(',');
  return parts.filter((text) => /^\d{1,9}$/.test(text)).map(Number);
}

// Returns the address of a place; what `change` does not name stays.
export function address(change) {
  const to = { ...place(), ...change };
  const others = items().filter((item) => !decodeURIComponent(item).startsWith(PREFIX));
  const parts = Object.entries(to)
    .filter(([name, value]) => value !== null && !(name === 'view' && value === 'search'))
    .map(([name, value]) => encodeURIComponent(PREFIX + name) + '=' + encodeURIComponent(value));
  const url = new URL(page.location.href);
  url.hash = [...(others.length ? others : [TAB]), ...parts].join('&');
  return url.href;
}

let heard = () => {};

// Goes to a place; Back comes back from there.
export function go(change) {
  if (address(change) !== page.location.href) page.history.pushState(page.history.state, '', address(change));
  heard();
}

// Goes to a place that takes the place of this one.
export function move(change) {
  note(change);
  heard();
}

// Completes the address of this place.
export function note(change) {
  page.history.replaceState(page.history.state, '', address(change));
}

// Calls `then` whenever the place may have changed.
export function onPlace(then) {
  heard = then;
  page.addEventListener('popstate', () => then());
}

// Whether a click asks for a new tab or window, which is the browser's to open.
export const elsewhere = ({ ctrlKey, metaKey, shiftKey }) => ctrlKey || metaKey || shiftKey;
