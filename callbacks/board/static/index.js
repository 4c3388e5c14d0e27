// What TensorBoard calls: shows at once that the page is on its way, and then loads it.

import { el, skeleton } from './dom.js';

export async function render() {
  document.documentElement.lang = 'en';
  document.documentElement.classList.toggle('dark', window.parent.document.body.classList.contains('dark-mode'));
  document.title = 'Narrowing';
  const main = el('main', { 'aria-busy': 'true' }, skeleton());
  await styled();
  document.body.append(main);
  const page = await import('./page.js');
  await page.render(main);
}

function styled() {
  return new Promise((done) => {
    const sheet = el('link', { rel: 'stylesheet', href: 'static/style.css' });
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
}
