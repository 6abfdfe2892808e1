// What a person does with the map, and what Python hears of it.

const SEARCH_AFTER = 120; // ms without a letter
const HIDE_AFTER = 350; // ms: a double click is one decision
const scatters = new WeakMap();

class Scatter extends Stage {
  // What Python has not heard yet goes along with what comes after it.
  tell(action) {
    const { rows, row, hidden, title } = this.waiting;
    const unheard = Object.fromEntries(Object.entries({ rows, row, hidden, title }).filter(([, value]) => value !== undefined));
    this.actions.act({ ...unheard, ...action, version: this.data.version });
    this.waiting = this.actions.latest;
  }

  setMode(mode) {
    this.mode = mode;
    this.over.dataset.mode = mode;
    this.toolbar.modes.set(mode);
  }

  setLook(look = this.look === "points" ? "pictures" : "points") {
    this.look = look;
    this.toolbar.looks.set(look);
    this.paint();
  }

  setNames(shown = !this.names.shown) {
    this.names.shown = shown;
    this.toolbar.name.setAttribute("aria-pressed", String(shown));
    this.paintOver();
  }

  at(x, y) {
    return this.scene?.order ? this.grid.nearest(this.camera, x, y, this.scene.seen) : -1;
  }

  hover(place) {
    const row = place ? this.at(...place) : -1;
    this.over.style.cursor = row >= 0 ? "pointer" : "";
    this.point(row);
  }

  point(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    if (row < 0) this.card.hide();
    else this.card.show(row, this.scene, this.camera, this.data.sharper);
    this.paintOver();
  }

  click(x, y, add) {
    const row = this.at(x, y);
    if (row < 0) return;
    if (add) this.mark(row);
    else this.choose(row);
  }

  // Into the selection, or out of it.
  mark(row = this.current) {
    if (!this.scene?.order || row < 0) return;
    this.selected[row] ^= 1;
    this.chosen();
  }

  choose(row = this.current) {
    if (row < 0) return;
    this.current = this.pointed = row; // Python will say it back, when the keys may have gone on from there
    this.paintOver();
    setText(this.live, `Chosen: ${inWords(row, this.scene)}`);
    this.tell({ kind: "click", row });
  }

  shape(outline) {
    this.outline = outline;
    this.paintOver();
  }

  // Shift adds to the selection, Alt takes away; otherwise it is replaced.
  select(outline, { shiftKey, altKey }) {
    this.outline = null;
    if (!this.scene?.order) return;
    const polygon = [];
    for (let i = 0; i < outline.length; i += 2) polygon.push(...this.camera.toMap(outline[i], outline[i + 1]));
    if (!shiftKey && !altKey) this.selected.fill(0);
    for (const row of this.grid.inside(polygon, this.scene.seen)) this.selected[row] = altKey ? 0 : 1;
    this.chosen();
  }

  chosen() {
    this.rebuild();
    const count = this.selected.reduce((sum, mark) => sum + mark, 0);
    setText(this.live, `${count} selected`);
    this.tell({ kind: "select", rows: packRows(this.selected) });
  }

  clear() {
    if (!this.scene?.order) return;
    this.point(-1);
    if (!this.selected.includes(1)) return;
    this.selected.fill(0);
    this.chosen();
  }

  all() {
    this.camera?.all();
    this.moved();
  }

  zoom(by) {
    if (!this.camera) return;
    this.camera.zoomAt(this.camera.width / 2, this.camera.height / 2, by);
    this.moved();
  }

  walk(dx, dy) {
    const { scene, camera, grid } = this;
    if (!scene?.order) return;
    if (this.current >= 0 && scene.seen[this.current]) this.current = grid.toward(this.current, dx, dy, scene.seen);
    else this.current = grid.nearest(camera, camera.width / 2, camera.height / 2, scene.seen, Infinity);
    this.visit();
  }

  // Shows the current point as if it were pointed at, and says which it is.
  visit() {
    if (this.current < 0) return;
    this.camera.reveal(this.current);
    this.looked();
    this.paintNow();
    this.hovered = -1;
    this.point(this.current);
    setText(this.live, inWords(this.current, this.scene));
  }

  search(text) {
    clearTimeout(this.typing);
    this.looked();
    this.typing = setTimeout(() => this.find(text.trim().toLowerCase()), SEARCH_AFTER);
  }

  find(wanted) {
    if (!this.scene?.order) return;
    const { titles, names, label, prediction } = this.facts;
    const named = names.map((name) => name.toLowerCase().includes(wanted));
    const hit = (title, row) => named[label[row]] || named[prediction[row]] || title.toLowerCase().includes(wanted);
    this.found = wanted ? Uint8Array.from(titles, (title, row) => (hit(title, row) ? 1 : 0)) : null;
    this.hits = this.found && this.found.reduce((sum, mark) => sum + mark, 0);
    this.toolbar.found(this.hits);
    this.rebuild();
  }

  next() {
    if (!this.found) return;
    const { seen } = this.scene;
    for (let step = 1; step <= seen.length; step++) {
      const row = (Math.max(0, this.current) + step) % seen.length;
      if (!this.found[row] || !seen[row]) continue;
      this.current = row;
      this.visit();
      return;
    }
  }

  take() {
    if (!this.found) return;
    this.selected = this.found.map((mark, row) => mark & this.scene.seen[row]);
    this.chosen();
  }

  hidden() {
    this.rebuild();
    clearTimeout(this.hiding);
    const { title } = this.data.colour;
    this.hiding = setTimeout(() => this.tell({ kind: "hide", title, hidden: [...this.legend.hidden] }), HIDE_AFTER);
  }

  // One of several: it shows, and is opened by a click.
  shrink() {
    this.root.dataset.small = "yes";
    this.over.setAttribute("role", "button");
    this.gestures.only(() => this.tell({ kind: "open" }));
  }

  async save() {
    if (!this.scene?.order) return;
    const { scene, camera, data, legend } = this;
    const file = await saveMap(scene, camera, data.colour, legend.hidden, this.overlay(), data.sharper);
    const href = URL.createObjectURL(file);
    el("a", { href, download: `${this.data.name}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }

  forget() {
    clearTimeout(this.typing);
    clearTimeout(this.hiding);
    super.forget();
  }
}

export default function (component) {
  const { parentElement } = component;
  let scatter = scatters.get(parentElement);
  if (!scatter) scatters.set(parentElement, (scatter = new Scatter(parentElement)));
  scatter.update(component);
  return () => {
    scatter.forget();
    scatters.delete(parentElement);
  };
}
