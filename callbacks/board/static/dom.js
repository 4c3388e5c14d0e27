// Making elements. Text goes in as text, so names from the user's data are shown and never run.

// Returns an element. `props`: `class`, `on` with listeners by event, all else as attributes; what is null,
// undefined or false is left out.
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') listen(made, value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined).flatMap(unbroken));
  return made;
}

// Returns a text in parts, so that an option in it, --trials, is not torn apart at the end of a line.
export function unbroken(text) {
  if (typeof text !== 'string' || !text.includes('--')) return [text];
  return text.split(/(--[a-z][a-z-]*)/).map((part, place) => (place % 2 ? whole(part) : part));
}

// Returns a text that is not torn apart at the end of a line.
export function whole(text) {
  return el('span', { class: 'whole' }, document.createTextNode(text));
}

function listen(made, listeners) {
  for (const [event, heard] of Object.entries(listeners)) made.addEventListener(event, heard);
}

// Replaces the options of a select, pairs of value and text, where they differ: an open list stays open.
export function options(select, pairs) {
  const there = JSON.stringify(pairs);
  if (select.dataset.options === there) return;
  select.dataset.options = there;
  select.replaceChildren(...pairs.map(([value, text]) => el('option', { value }, text)));
}

// A mark of a colour and a shape, which stands for the same as that symbol in the pictures.
export function mark(colour, shape) {
  const made = el('span', { class: `mark ${shape}`, 'aria-hidden': 'true' });
  made.style.background = colour;
  return made;
}

// Stands where a view will be, until it is there.
export function skeleton() {
  const cards = Array.from({ length: 4 }, () => el('div', { class: 'card' }));
  return el('div', { class: 'skeleton' }, el('p', { role: 'status' }, 'Loading the search …'), cards);
}

// Returns once the page was painted, which comes after the callbacks of its frame.
export async function painted() {
  await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done));
}

const integer = new Intl.NumberFormat('en-US');

// A number as people read it: 12,345 or 0.06123; other values as they are, nothing for null.
export function shown(value) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return integer.format(value);
  if (Math.abs(value) >= 1000) return integer.format(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

export const percent = (share) => (share === null ? '' : `${Math.round(100 * share)}%`);

// Seconds as 0.8 s, 12 s, 3 min 20 s or 2 h 5 min.
export function duration(secs) {
  if (secs === null) return '';
  if (secs < 10) return `${Number(secs.toPrecision(2))} s`;
  const all = Math.round(secs);
  if (all < 60) return `${all} s`;
  if (all < 3600) return `${Math.floor(all / 60)} min ${all % 60} s`;
  return `${Math.floor(all / 3600)} h ${Math.floor((all % 3600) / 60)} min`;
}
