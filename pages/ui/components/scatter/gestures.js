// Mouse, pen, fingers and keys on the map, told in the map's own words.

const STILL = 4; // px within which a press is a click
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

class Gestures {
  // `map` offers: mode, camera, moved(), hover(x, y), click(x, y, shift), shape(points), select(points, event), all(), released()
  constructor(sheet, map) {
    Object.assign(this, { sheet, map, fingers: new Map() });
    sheet.onpointerdown = (event) => this.down(event);
    sheet.onpointermove = (event) => this.move(event);
    sheet.onpointerup = (event) => this.up(event);
    sheet.onpointercancel = (event) => this.cancel(event);
    sheet.onpointerleave = () => this.fingers.size || map.hover(null);
    sheet.ondblclick = (event) => map.at(...this.at(event)) < 0 && map.all();
    sheet.onkeydown = (event) => this.key(event);
    this.wheel = this.wheel.bind(this);
    sheet.addEventListener("wheel", this.wheel, { passive: false });
  }

  at(event) {
    const area = this.sheet.getBoundingClientRect();
    return [event.clientX - area.left, event.clientY - area.top];
  }

  down(event) {
    if (event.button > 1) return;
    event.preventDefault();
    this.sheet.focus({ preventScroll: true });
    this.sheet.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size === 2) this.quit();
    else this.held = { from: this.at(event), last: this.at(event), pan: this.map.mode === "move" || event.button === 1 };
  }

  move(event) {
    const [x, y] = this.at(event);
    if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) return this.pinch(event, x, y);
    const { held, map } = this;
    if (!held) return this.fingers.size || map.hover([x, y]);
    if (!held.going && Math.hypot(x - held.from[0], y - held.from[1]) <= STILL) return undefined;
    if (!held.going) map.hover(null);
    held.going = true;
    if (held.pan) {
      map.camera.pan(x - held.last[0], y - held.last[1]);
      held.last = [x, y];
      return map.moved();
    }
    if (map.mode === "lasso") (held.shape ??= [...held.from]).push(x, y);
    else held.shape = [...held.from, x, held.from[1], x, y, held.from[0], y];
    return map.shape(held.shape);
  }

  pinch(event, x, y) {
    const before = [...this.fingers.values()];
    this.fingers.set(event.pointerId, [x, y]);
    const after = [...this.fingers.values()];
    const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const apart = ([a, b]) => Math.max(10, Math.hypot(a[0] - b[0], a[1] - b[1]));
    const [from, to] = [middle(before), middle(after)];
    this.map.camera.pan(to[0] - from[0], to[1] - from[1]);
    this.map.camera.zoomAt(...to, apart(after) / apart(before));
    this.map.moved();
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    const { held, map } = this;
    this.held = null;
    if (!held || event.button === 1) return map.released();
    if (!held.going) map.click(...this.at(event), event.shiftKey);
    else if (held.shape) map.select(held.shape, event);
    map.released();
  }

  cancel(event) {
    this.fingers.delete(event.pointerId);
    this.quit();
  }

  quit() {
    this.held = null;
    this.map.shape(null);
    this.map.released();
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const turn = Math.max(-240, Math.min(240, event.deltaY * lines)) * (event.ctrlKey ? 4 : 1);
    this.map.camera.zoomAt(...this.at(event), Math.exp(-turn / 480));
    this.map.moved();
  }

  key(event) {
    const { map } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      Enter: () => map.choose(), " ": () => map.mark(), Escape: () => (this.held ? this.quit() : map.clear()), m: () => map.setMode("move"),
      l: () => map.setMode("lasso"), b: () => map.setMode("box"), t: () => map.setLook(), n: () => map.setNames(),
      "+": () => map.zoom(1.5),
      "=": () => map.zoom(1.5), "-": () => map.zoom(1 / 1.5), 0: () => map.all(),
    }[event.key] ?? (ARROWS[event.key] && (() => map.walk(...ARROWS[event.key])));
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  // Nothing but a click, with the pointer or a key.
  only(click) {
    this.forget();
    const { sheet } = this;
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave", "dblclick"]) sheet[`on${name}`] = null;
    sheet.onclick = click;
    sheet.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      click();
    };
  }

  forget() {
    this.sheet.removeEventListener("wheel", this.wheel);
  }
}
