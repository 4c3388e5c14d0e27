// The page of the Narrowing tab: shows what the address names and keeps it up to date.

import { el, skeleton } from './dom.js';
import { Header, labelled, TITLES } from './header.js';
import * as host from './host.js';
import * as link from './link.js';
import { ask } from './server.js';
import { makeViews } from './views.js';

const EMPTY =
  'There is no search in this log directory yet. Start one with “narrows tune FILE --target COLUMN”: ' +
  'its trials appear here as they end.';
const FOLLOW_MS = 3_000;
const SILENT_MS = 30_000;
const SILENT_SECS = 600;

const header = new Header();
const message = el('p', { class: 'message', role: 'alert', hidden: true });
const waiting = skeleton();
const views = makeViews();

const opened = Date.now() / 1000;

let found = { runs: [] };
let there = null;
let main;
let before;
let turn = 0;
let stale = false;
let following;

// Makes the page around `into`, an element that has a skeleton until there is something to show.
export async function render(into) {
  main = into;
  main.before(header.root);
  host.onKey(keyed);
  link.onPlace(() => show());
  host.onDark(() => show());
  host.onReload(reload);
  host.onVisible(() => stale && reload());
  await reload();
}

// Asks which searches there are; what has changed is drawn again.
async function reload() {
  stale = !host.visible();
  if (stale) return;
  try {
    found = await ask('runs');
  } catch (fault) {
    if (!there) nothing(fault.message);
    tell(fault.message);
    follow(there?.heading, opened);
    return;
  }
  await show(true);
}

// Looks again unless the search that `heading` tells of has its answer: trials appear as they end, while
// TensorBoard's page reloads when it is told to. What has not changed is not drawn again. It looks again soon
// while something is written, and now and then where that was long ago, in seconds since 1970, or the search was
// interrupted or failed: a command may go on with it.
function follow(heading, written) {
  clearTimeout(following);
  if (heading?.answer) return;
  const silent = ['interrupted', 'failed'].includes(heading?.state) || Date.now() / 1000 - written > SILENT_SECS;
  following = setTimeout(reload, silent ? SILENT_MS : FOLLOW_MS);
}

// Shows what the address names; the latest call wins. `fresh` says that the list of searches is new.
async function show(fresh = false) {
  const dark = host.dark();
  document.documentElement.classList.toggle('dark', dark);
  if (!host.visible()) {
    stale = true;
    return;
  }
  const mine = ++turn;
  const current = () => mine === turn;
  const { run: name, view, ...rest } = link.place();
  const run = chosen(name);
  header.show(view, found.runs, run);
  if (!run && !fresh) return reload();
  if (!run) {
    nothing(found.runs.length ? `There is no search in the run “${name}”.` : EMPTY);
    return;
  }
  const { written } = run;
  busy(true);
  if (there !== views[view] && !views[view].shown) wait();
  delete main.dataset.shown;
  try {
    const others = labelled(found.runs).filter((one) => one.run !== run.run);
    const { title, version } = run;
    const place = { ...rest, run: run.run, title, version, written, others, dark };
    await views[view].show(place, current, () => put(views[view]));
    if (!current()) return;
    main.dataset.shown = view;
    follow(views[view].heading, written);
  } catch (fault) {
    if (current()) nothing(fault.message);
  } finally {
    if (current()) busy(false);
  }
}

// Without a run in the address, the search shown before, then the one that was written to last. Where there
// are several it is added to the address, so that a link leads to the same one later.
function chosen(name) {
  const called = (one) => found.runs.find(({ run }) => run === one);
  if (name !== null) return called(name);
  const newest = [...found.runs].sort((one, other) => other.written - one.written)[0];
  const run = called(before) ?? newest;
  before = run?.run;
  if (found.runs.length > 1) link.note({ run: before });
  return run;
}

// Puts a view on the page, where it was left, or where it is begun at its top.
function put(view) {
  tell('');
  header.tell(view.heading);
  if (view === there) return;
  leave();
  there = view;
  document.title = `${TITLES[view.name]} - Narrowing`;
  main.replaceChildren(message, view.root);
  window.scrollTo(0, view.scroll);
}

// Shows that a view is on its way which was not there before; what is there stays while it is drawn anew.
function wait() {
  leave();
  main.replaceChildren(message, waiting);
}

function leave() {
  if (there) there.scroll = there.fromTop ? 0 : window.scrollY;
  there = null;
}

function busy(on) {
  main.setAttribute('aria-busy', on);
  header.root.classList.toggle('busy', on);
}

function nothing(sentence) {
  leave();
  main.replaceChildren(el('h1', {}, 'Narrowing'), message);
  busy(false);
  main.dataset.shown = 'nothing';
  header.tell(null);
  tell(sentence);
  follow(null, opened);
}

function tell(sentence) {
  message.textContent = sentence;
  message.hidden = !sentence;
}

function keyed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.('select, .scroll')) return;
  if (there?.key(event.key)) event.preventDefault();
}
