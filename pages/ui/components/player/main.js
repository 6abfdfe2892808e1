// The player: which frame is shown, who moves it, and what Python hears of it.

const STEP = 700; // ms per frame while playing
const SETTLED = 250; // ms after the slider was let go, so that held keys are one choice
const LEAST = 112; // px of a column: eight beside a sidebar on a projector
const GAP = 10;
const players = new WeakMap();

class Player {
  constructor(parent) {
    this.columns = new Map();
    this.actions = new Actions();
    this.choice = new Choice(); // where the slider was let go
    this.at = 0;
    this.root = parent.querySelector(".player");
    this.controls = new Controls({
      toggle: () => (this.timer ? this.pause() : this.play()),
      grab: () => this.grab(),
      seek: (at) => this.seek(at),
      release: () => this.release(),
    });
    this.grid = el("div", { class: "columns" });
    this.live = el("div", { class: "live", "aria-live": "polite" });
    this.root.append(this.controls.root, this.grid, this.live);
    this.widths = new ResizeObserver(() => this.arrange());
    this.widths.observe(this.grid);
    // Streamlit has one-letter shortcuts; they are not for what happens in here
    this.root.onkeydown = (event) => {
      if (event.key.length === 1) event.stopPropagation();
    };
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.report = (at) => setStateValue("frame", { at, number: this.choice.make() });
    this.actions.send = (action) => setTriggerValue("action", action);
    this.actions.heard(data.heard);
    this.choice.heard(data.frame_heard);
    const { frames, frame } = data;
    Object.assign(this, { frames, display: data.display });
    this.controls.update(data);
    if (frame !== this.received && !this.held && !this.choice.waits) this.at = this.said = frame;
    this.received = frame;
    this.at = Math.min(this.at, frames.length - 1);
    this.spread(data);
    this.arrange();
    this.paint();
  }

  spread({ strips, photo, frames }) {
    const keys = new Set(strips.map((strip) => strip.key));
    for (const [key, column] of this.columns) {
      if (keys.has(key)) continue;
      column.forget();
      this.columns.delete(key);
    }
    strips.forEach((strip, place) => {
      let column = this.columns.get(strip.key);
      if (!column) this.columns.set(strip.key, (column = new Column(this)));
      const before = column.data?.state;
      column.update(strip, photo, frames.length);
      if (this.grid.children[place] !== column.root) this.grid.insertBefore(column.root, this.grid.children[place] ?? null);
      const words = { done: "is ready", failed: "did not work", stopped: "was stopped" }[strip.state];
      if (before && before !== strip.state && words) setText(this.live, `${strip.title} ${words}`);
    });
  }

  // As many columns as fit, in rows of the same length.
  arrange() {
    const fit = Math.max(1, Math.floor((this.grid.clientWidth + GAP) / (LEAST + GAP)));
    const rows = Math.ceil(this.columns.size / fit);
    this.grid.style.setProperty("--columns", Math.ceil(this.columns.size / Math.max(1, rows)) || 1);
  }

  // The latest frame wins: many moves between two pictures of the screen are drawn once.
  draw() {
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = undefined;
    this.controls.show(this.at);
    for (const column of this.columns.values()) column.draw(this.at, this.frames[this.at].words, this.display);
  }

  seek(at) {
    this.halt();
    this.at = at;
    this.draw();
  }

  grab() {
    this.held = true;
    this.halt();
  }

  release() {
    this.held = false;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.settle(), SETTLED);
  }

  // Python and screen readers are told where the slider stands, once.
  settle() {
    if (this.held || this.at === this.said) return;
    this.said = this.at;
    const { words, says, warning } = this.frames[this.at];
    setText(this.live, [words, says, warning].filter(Boolean).join(". "));
    this.report(this.at);
  }

  play() {
    if (this.at >= this.frames.length - 1) {
      this.at = 0;
      this.draw();
    }
    this.controls.playing(true);
    this.timer = setTimeout(() => this.step(), STEP);
  }

  step() {
    this.at = Math.min(this.at + 1, this.frames.length - 1);
    this.draw();
    if (this.at < this.frames.length - 1) this.timer = setTimeout(() => this.step(), STEP);
    else this.pause();
  }

  halt() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.controls.playing(false);
  }

  pause() {
    this.halt();
    this.release();
  }

  act(action) {
    this.actions.act(action);
  }

  forget() {
    this.halt();
    clearTimeout(this.later);
    cancelAnimationFrame(this.pending);
    this.actions.forget();
    this.widths.disconnect();
    this.controls.forget();
    for (const column of this.columns.values()) column.forget();
    this.root.replaceChildren();
  }
}

export default function (component) {
  const { parentElement } = component;
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = new Player(parentElement)));
  player.update(component);
  return () => {
    player.forget();
    players.delete(parentElement);
  };
}
