// What TensorBoard's page tells: that data were reloaded, dark or light, and whether the tab is to be seen.

const page = window.parent;
const POLL_MS = 10_000;
const ANSWER_MS = 3_000;

export const dark = () => page.document.body.classList.contains('dark-mode');

export function onDark(then) {
  let was = dark();
  new MutationObserver(() => {
    if (was === dark()) return;
    was = dark();
    then();
  }).observe(page.document.body, { attributes: true, attributeFilter: ['class'] });
}

// Calls `then` for a key that is pressed here, or on TensorBoard's page while nothing of it has the focus: there
// it lands before anything was clicked.
export function onKey(then) {
  document.addEventListener('keydown', then);
  if (page === window) return;
  const body = page.document.body;
  page.document.addEventListener('keydown', (event) => visible() && event.target === body && then(event));
}

// TensorBoard gives a tab that is not active no height; nothing must be drawn then.
export const visible = () => window.innerWidth > 0 && window.innerHeight > 0;

// Calls `then` when the tab comes to be seen, or is given another size.
export function onVisible(then) {
  window.addEventListener('resize', () => visible() && then());
}

// Calls `then` when TensorBoard has reloaded its data, by its button or by itself. The messages are those
// of its experimental library for plugins: JSON of {type, id, payload, error, isReply} through a port, each
// to be answered. Should a TensorBoard not answer, `then` is called every ten seconds.
export function onReload(then) {
  if (page === window) return poll(then);
  const { port1: port, port2: theirs } = new MessageChannel();
  const send = (message) => port.postMessage(JSON.stringify({ payload: null, error: null, ...message }));
  const silent = setTimeout(() => poll(then), ANSWER_MS);
  port.onmessage = ({ data }) => {
    const { type, id, isReply } = JSON.parse(data);
    clearTimeout(silent);
    if (isReply) return;
    send({ type, id, isReply: true });
    if (type === 'experimental.DataReloaded') then();
  };
  page.postMessage('experimental.bootstrap', '*', [theirs]);
  send({ type: 'experimental.GetRuns', id: 0, isReply: false });
}

function poll(then) {
  setInterval(() => visible() && !document.hidden && then(), POLL_MS);
}
