// What TensorBoard calls: shows at once that the page is on its way, and then loads it.

import { el, skeleton } from './dom.js';
import { loadFirst } from './plotly.js';

export async function render() {
  document.documentElement.lang = 'en';
  document.documentElement.classList.toggle('dark', window.parent.document.body.classList.contains('dark-mode'));
  document.title = 'Narrowing';
  const main = el('main', { 'aria-busy': 'true' }, skeleton());
  const loading = import('./page.js');
  await styled();
  document.body.append(main);
  loadFirst(new URL(import.meta.url).searchParams.get('plotly'));
  const page = await loading;
  await page.render(main);
}

function styled() {
  return new Promise((done) => {
    const sheet = el('link', { rel: 'stylesheet', href: 'static/style.css' });
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
}
