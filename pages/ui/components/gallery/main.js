// The gallery: keeps panels by key, spreads display changes over the page, and talks to Python.

const CHANGED = "second-look-display";
const REPORT_AFTER = 700; // ms after the last change, so that Python hears of a decision and not of every step
const galleries = new WeakMap();

class Gallery {
  constructor(parent) {
    this.cards = new Map();
    this.actions = new Actions();
    this.display = null;
    this.choice = new Choice(); // of the display, made here or in another gallery
    this.change = this.change.bind(this);
    this.scaleOf = this.scaleOf.bind(this);
    this.root = parent.querySelector(".gallery");
    this.grid = el("div", { class: "grid" });
    this.live = el("div", { class: "live", "aria-live": "polite" });
    this.bar = displayBar(this.change);
    this.root.append(this.bar.root, this.grid, this.live);
    this.menu = new Menu(this.root, "Settings and downloads");
    this.view = new LargerView(this.root, this);
    this.widths = new ResizeObserver(() => this.columns());
    this.widths.observe(this.grid);
    this.heard = (event) => event.detail.from !== this && this.adopt(event.detail);
    window.addEventListener(CHANGED, this.heard);
    this.root.onkeydown = (event) => this.key(event);
  }

  // Streamlit has one-letter shortcuts and keeps Escape from closing things; neither is for what happens in here.
  key(event) {
    if (event.key.length === 1) event.stopPropagation();
    if (event.key !== "Escape" || !(this.menu.open || this.view.open)) return;
    event.stopPropagation();
    event.preventDefault();
    if (this.menu.open) this.menu.close();
    else this.view.dialog.close();
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.report = (display) => setStateValue("display", display);
    this.actions.send = (action) => setTriggerValue("action", action);
    this.actions.heard(data.heard);
    this.choice.heard(data.display_heard);
    this.least = data.columns_min_px;
    setShown(this.bar.root, data.bar);
    const received = JSON.stringify(data.display);
    const news = received !== this.received;
    this.received = received;
    const redraw = news && !this.choice.waits;
    if (redraw) this.display = data.display;
    const before = this.shared;
    this.shared = sharedScale(data.panels);
    this.arrange(data.panels);
    if (data.leave_for) this.leave(data.leave_for);
    if (redraw || this.shared !== before) this.draw();
    this.columns();
  }

  act(action) {
    this.actions.act(action);
  }

  // Python has heard an action that leads to another page. The browser goes there itself: with `st.switch_page`, a look
  // at unfinished work that was on its way brings the old page's number back, and Streamlit loses both pages.
  leave(page) {
    const action = this.actions.take();
    const link = linkTo(page);
    if (link) link.click();
    else if (action) this.act({ ...action, values: { alone: true } });
  }

  arrange(panels) {
    const keys = new Set(panels.map((panel) => panel.key));
    for (const [key, card] of this.cards) {
      if (keys.has(key)) continue;
      card.forget();
      this.cards.delete(key);
    }
    panels.forEach((panel, at) => {
      let card = this.cards.get(panel.key);
      if (!card) this.cards.set(panel.key, (card = new PanelCard(this)));
      const before = card.data?.state;
      const changed = card.update(panel);
      if (this.grid.children[at] !== card.root) this.grid.insertBefore(card.root, this.grid.children[at] ?? null);
      if (before && before !== panel.state) this.announce(panel);
      if (changed && this.view.open && this.view.card === card) {
        this.view.update();
        this.view.draw();
      }
    });
    this.grid.classList.toggle("scored", panels.some((panel) => panel.score));
    this.grid.classList.toggle("badged", panels.some((panel) => panel.badge));
  }

  announce({ title, state }) {
    const words = { done: "is ready", failed: "did not work", stopped: "was stopped", blank: "gave a blank map" };
    if (words[state]) setText(this.live, `${title} ${words[state]}`);
  }

  // As many columns as fit; a panel of several maps spans several of them.
  columns() {
    const gap = 16, wide = this.grid.clientWidth;
    // on a narrow screen two small panels side by side compare better than one large one
    const least = this.least > 300 ? this.least : Math.min(this.least, Math.max(140, (wide - gap) / 2));
    const maps = [...this.cards.values()].reduce((sum, card) => sum + card.views.length, 0);
    // two panels share the whole width; one alone would be too large
    const fit = Math.max(1, Math.min(Math.floor((wide + gap) / (least + gap)), Math.max(maps, 2)));
    this.grid.style.setProperty("--columns", fit);
    for (const card of this.cards.values()) {
      card.root.style.setProperty("--span", Math.min(fit, card.views.length));
    }
  }

  scaleOf(panel) {
    return this.display.shared_scale ? this.shared : Math.max(0, ...panel.maps.map(ownScale));
  }

  // Instantly here and in every other gallery of the page; Python is told when the choice is made.
  change(patch, final) {
    const display = { ...this.display, ...patch }, number = this.choice.make();
    this.adopt({ display, number });
    window.dispatchEvent(new CustomEvent(CHANGED, { detail: { display, number, from: this } }));
    clearTimeout(this.later);
    if (final) this.later = setTimeout(() => this.report({ ...this.display, number }), REPORT_AFTER);
  }

  adopt({ display, number }) {
    this.display = display;
    this.choice.number = number;
    this.draw();
  }

  draw() {
    if (!this.display) return;
    this.bar.set(this.display);
    for (const card of this.cards.values()) card.draw();
    this.view.draw();
  }

  settings(card, button) {
    const { key } = card.data;
    const send = (action) => {
      this.menu.close();
      button.focus();
      this.act(action);
    };
    const form = settingsForm(card.data, {
      apply: (values) => send({ kind: "set", panel: key, values }),
      reset: () => send({ kind: "reset", panel: key }),
    });
    this.menu.toggle(button, `settings ${key}`, form);
  }

  save(card, button) {
    const links = saveLinks(card.data, this.display, this.scaleOf(card.data));
    this.menu.toggle(button, `save ${card.data.key}`, el("div", { class: "links" }, ...links));
  }

  larger(card) {
    this.view.show(card);
  }

  forget() {
    clearTimeout(this.later);
    this.actions.forget();
    window.removeEventListener(CHANGED, this.heard);
    this.widths.disconnect();
    for (const card of this.cards.values()) card.forget();
    if (this.view.open) this.view.dialog.close();
    this.root.replaceChildren();
  }
}

function sharedScale(panels) {
  return Math.max(0, ...panels.flatMap((panel) => panel.maps.map(ownScale)));
}

export default function (component) {
  const { parentElement } = component;
  let gallery = galleries.get(parentElement);
  if (!gallery) galleries.set(parentElement, (gallery = new Gallery(parentElement)));
  gallery.update(component);
  return () => {
    gallery.forget();
    galleries.delete(parentElement);
  };
}
