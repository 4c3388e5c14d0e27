// The buttons and lists of a picture, as those of the page: plotly's own are out of reach for a keyboard, and
// their pressed button is nearly white on any page.

import { el, options } from './dom.js';

export class Menus {
  // `act` is called with a method of Plotly and its arguments when something is chosen.
  constructor(act) {
    this.act = act;
    this.root = el('div', { class: 'menus', role: 'group', 'aria-label': 'what the picture shows', hidden: true });
    this.menus = [];
  }

  // Takes the menus out of a layout. `keep` says that what was chosen before stays chosen.
  take(layout, keep) {
    const before = this.menus;
    this.menus = (layout.updatemenus ?? []).map((menu, place) => ({
      ...menu,
      shown: menu.visible !== false,
      active: 0,
      ...(keep && before[place] ? { shown: before[place].shown, active: before[place].active } : {}),
    }));
    delete layout.updatemenus;
    this.root.hidden = !this.menus.length;
    this.root.replaceChildren(...this.menus.map((menu) => this.made(menu)));
    this.update();
  }

  // Does again what was chosen, on a picture that was drawn anew: lists first, as they decide on buttons.
  async again() {
    const chosen = this.menus.filter(({ shown, active }) => shown && active);
    chosen.sort((one, other) => (other.type === 'dropdown') - (one.type === 'dropdown'));
    for (const { buttons, active } of chosen) await this.act(buttons[active].method, own(buttons[active].args));
  }

  made(menu) {
    if (menu.type === 'dropdown') {
      const choose = () => this.choose(menu, Number(menu.root.value));
      menu.root = el('select', { 'aria-label': 'what is drawn', on: { change: choose } });
      options(menu.root, menu.buttons.map(({ label }, place) => [place, plain(label)]));
    } else {
      const press = (place) => ({ type: 'button', on: { click: () => this.choose(menu, place) } });
      const buttons = menu.buttons.map(({ label }, place) => el('button', press(place), plain(label)));
      menu.root = el('div', { class: 'buttons' }, buttons);
    }
    return menu.root;
  }

  async choose(menu, place) {
    menu.active = place;
    const { method, args } = menu.buttons[place];
    this.follow(args);
    this.update();
    await this.act(method, own(args));
  }

  // A list shows other buttons, none of them pressed yet.
  follow(args) {
    for (const [name, value] of args.flatMap((change) => Object.entries(change ?? {}))) {
      const [, place, what] = /^updatemenus\[(\d+)\]\.(\w+)$/.exec(name) ?? [];
      if (what) this.menus[place][what === 'visible' ? 'shown' : what] = value;
    }
  }

  update() {
    for (const { root, type, active, shown } of this.menus) {
      root.hidden = !shown;
      if (type === 'dropdown') root.value = active;
      else [...root.children].forEach((one, place) => one.setAttribute('aria-pressed', place === active));
    }
  }
}

// What plotly is to change, without what is said of menus.
function own(args) {
  const theirs = ([name]) => !name.startsWith('updatemenus');
  const plainly = (one) => Object.fromEntries(Object.entries(one).filter(theirs));
  return args.map((one) => (one && typeof one === 'object' && !Array.isArray(one) ? plainly(one) : one));
}

// A label without plotly's escapes.
function plain(label) {
  return new DOMParser().parseFromString(label, 'text/html').body.textContent;
}
