// What the map shows: its numbers, marks and pictures, and when they are painted. `Scatter` adds what a person does.

const SLOW = 14; // ms of painting above which a moving map is stretched and painted when it rests
const REST = 90; // ms
const TRIES = 3;
const MOST_RINGS = 60;
const CORNER = { across: 48, down: 200 }; // px of the buttons' corner, where no name goes

class Stage extends Looking {
  constructor(parent) {
    super();
    this.actions = new Actions();
    this.choice = new Choice(); // of where to look
    Object.assign(this, { mode: "move", look: "points", hovered: -1, current: -1, sheets: [], waiting: {}, tries: 0, spent: 0 });
    this.root = parent.querySelector(".scatter");
    this.toolbar = new Toolbar({
      mode: (mode) => this.setMode(mode), look: (look) => this.setLook(look), search: (text) => this.search(text),
      next: () => this.next(), take: () => this.take(), clear: () => this.clear(), zoom: (by) => this.zoom(by), name: () => this.setNames(),
      all: () => this.all(), save: () => this.save(),
    });
    this.legend = new Legend(() => this.hidden());
    this.names = new Names();
    this.card = new Card();
    this.base = el("canvas", { class: "base" });
    this.over = el("canvas", { class: "over", tabindex: "0", role: "application" });
    this.note = el("p", { class: "note" }, "Loading the map");
    this.live = el("div", { class: "live", "aria-live": "polite" });
    this.probe = el("i", { class: "probe" }); // its colour follows the theme, and tells when it has changed
    this.probe.ontransitionend = () => this.recolour();
    this.stage = el("div", { class: "stage" }, this.base, this.over, this.toolbar.corner, this.card.root, this.note, this.probe);
    this.root.replaceChildren(this.toolbar.root, this.stage, this.legend.root, this.live);
    this.gestures = new Gestures(this.over, this);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    // Streamlit has one-letter shortcuts; what is returned must not be false, which would take Tab and Enter their meaning
    this.root.onkeydown = (event) => {
      if (event.key.length === 1) event.stopPropagation();
    };
    this.setMode("move");
    this.toolbar.looks.set("points");
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.actions.send = (action) => setTriggerValue("action", action);
    this.sendLooking = (looking) => setStateValue("looking", looking);
    this.actions.heard(data.heard);
    this.choice.heard(data.looking_heard);
    if (this.waiting.number === data.heard) this.waiting = {};
    const before = this.data;
    this.data = data;
    this.stage.style.height = `${data.height}px`;
    this.over.setAttribute("aria-label", data.label);
    if (data.small && !before) this.shrink();
    setShown(this.toolbar.looks.root, Boolean(data.sprites));
    if (JSON.stringify(data.sprites) !== JSON.stringify(before?.sprites)) this.loadSheets(data.sprites);
    const sources = [data.version, data.places, data.colour.url, data.colour.title, JSON.stringify(data.colour.groups)].join(" ");
    if (!data.live && this.placed === LIVE) this.sources = null; // what was being drawn is over
    if (sources !== this.sources || !this.scene) this.load(sources);
    else this.adopt();
    this.watch(data.live);
  }

  async load(sources) {
    this.sources = sources;
    const { data } = this;
    const { count, version } = data;
    try {
      const [places, facts, read] = await Promise.all([
        fetchPlaces(data.places, count), fetchFacts(data.facts, count), fetchShades(data.colour, count),
      ]);
      if (this.sources !== sources || this.gone) return;
      this.tries = 0;
      Object.assign(this, read);
      const other = version !== this.version;
      const watching = data.live && this.placed === LIVE && !other;
      if (data.places !== this.placed && !watching) this.arrive(places, !other);
      const unmarked = { selected: new Uint8Array(count), received: null, current: -1, pointed: null, found: null };
      if (other) Object.assign(this, { facts, version, ...unmarked });
      setShown(this.note, false);
      this.colours();
      this.adopt();
      if (other && this.toolbar.search.value) this.search(this.toolbar.search.value);
    } catch {
      if (this.sources !== sources || this.gone) return;
      this.tries += 1;
      this.sources = null;
      if (this.tries < TRIES) this.tell({ kind: "lost" }); // a run of the page makes Python hold it again
      else setText(this.note, "The numbers of this map could not be loaded. Reload the page.");
    }
  }

  async loadSheets(sprites) {
    const sheets = (this.sheets = []);
    await Promise.all((sprites?.urls ?? []).map(async (url, at) => {
      sheets[at] = await fetchSheet(url).catch(() => null); // points stay points
    }));
    if (this.sheets !== sheets || !this.scene || this.gone) return;
    this.rebuild();
    const row = this.hovered;
    if (row < 0) return;
    this.card.hide(); // it was opened before its picture was there
    this.card.show(row, this.scene, this.camera, this.data.sharper);
  }

  // Python's marks, unless it has not yet heard what was selected since.
  adopt() {
    const { data, scene } = this;
    const fresh = JSON.stringify(data.fresh);
    if (fresh !== this.fresh) this.camera.measure(data.fresh);
    this.fresh = fresh;
    if (!("rows" in this.waiting) && data.selected !== this.received) {
      this.received = data.selected;
      this.selected = unpackRows(data.selected, data.count);
    }
    if (!("row" in this.waiting) && data.current !== this.pointed) {
      this.pointed = data.current;
      this.current = data.current ?? -1;
    }
    this.lit = data.lit && unpackRows(data.lit, data.count);
    if (scene) this.rebuild();
    if (scene) this.lookWhere(data.looking);
  }

  colours() {
    this.theme = readTheme(this.root);
    const tint = colouring(this.data.colour, this.shades, this.theme);
    this.legend.update(this.data.colour, tint, this.facts);
    const { places, facts, shades, own } = this;
    this.scene = { places, facts, tint, colour: this.data.colour, shades, own };
    this.stamps = null;
  }

  recolour() {
    if (!this.scene) return;
    this.colours();
    this.rebuild();
  }

  // Everything that follows from what is hidden, marked and found.
  rebuild() {
    const { scene, selected, lit, found } = this;
    const { hidden } = this.legend;
    const count = this.data.count;
    const seen = new Uint8Array(count);
    for (let row = 0; row < count; row++) seen[row] = hidden.has(scene.tint.of[row]) ? 0 : 1;
    const strong = new Uint8Array(count);
    for (let row = 0; row < count; row++) strong[row] = selected[row] || lit?.[row] || found?.[row] ? 1 : 0;
    const marked = strong.includes(1) ? strong : null;
    const { sprites } = this.data;
    const side = sprites ? Math.max(36, Math.min(48, sprites.side)) : 0;
    Object.assign(scene, { seen, strong: marked, selected, sprites, sheets: this.sheets, side, theme: this.theme });
    scene.order = paintOrder(scene);
    this.crowd = null;
    const all = selected.reduce((sum, mark) => sum + mark, 0);
    const gone = selected.reduce((sum, mark, row) => sum + (mark && !seen[row] ? 1 : 0), 0);
    this.toolbar.selected(all, gone);
    this.paint();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !this.camera) return;
    this.ratio = window.devicePixelRatio || 1;
    Object.assign(this.camera, { width, height });
    for (const canvas of [this.base, this.over]) {
      const [wide, high] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
      if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    }
    this.crowd = null;
    if (this.scene?.order) this.paintNow(); // a canvas of another size is empty: not one frame without points
  }

  paint() {
    this.pending ??= requestAnimationFrame(() => this.paintNow());
  }

  paintNow() {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.later);
    this.pending = undefined;
    const { scene, camera, ratio } = this;
    if (!scene?.order || !ratio || this.gone) return;
    const started = performance.now();
    scene.radius = radiusOf(this.data.count, camera.zoom);
    if (!this.stamps || this.stamps.made !== `${scene.radius} ${ratio}`) {
      this.stamps = { ...makeStamps(scene.tint.colours, scene.radius, ratio, this.theme), made: `${scene.radius} ${ratio}` };
    }
    scene.pictures = null;
    if (this.look === "pictures" && scene.sprites) {
      this.crowd ??= new Crowd(scene.places, scene.seen, scene.strong, camera.scale / camera.zoom, scene.side);
      scene.pictures = this.crowd.at(camera.zoom);
    }
    this.base.getContext("2d").reset();
    paintPoints(this.base.getContext("2d"), scene, camera, ratio, this.stamps);
    this.base.style.transform = "";
    this.painted = { x: camera.x, y: camera.y, scale: camera.scale };
    this.root.dataset.painted = String((Number(this.root.dataset.painted) || 0) + 1);
    this.paintOver();
    this.spent = performance.now() - started;
  }

  paintOver() {
    if (this.scene?.order) paintOver(this.over.getContext("2d"), this.overlay());
  }

  overlay() {
    const { camera, ratio, theme, places, current, hovered, outline } = this;
    const { radius, seen, pictures } = this.scene;
    const found = pictures || this.hits > MOST_RINGS ? null : this.found; // fading the others is enough there
    const names = (context) => this.paintNames(context);
    return { camera, ratio, theme, places, current, hovered, found, seen, radius, shape: outline, fresh: this.data.fresh, names };
  }

  paintNames(context) {
    const { scene, camera, theme } = this;
    const above = scene.pictures ? scene.side / 2 : scene.radius;
    const names = this.outline ? [] : this.names.of(scene); // a lasso goes around points, whatever they are called
    const corner = { left: camera.width - CORNER.across, right: camera.width, top: 0, bottom: CORNER.down };
    const told = paintNames(context, names, scene, camera, theme, { above, corner });
    this.root.dataset.names = JSON.stringify(told);
  }

  // The view has changed: a map that takes long to paint is stretched first.
  moved() {
    this.hover(null);
    this.looked();
    if (this.spent < SLOW || !this.painted) return this.paint();
    const { camera, painted } = this;
    const by = camera.scale / painted.scale;
    const dx = (painted.x - camera.x) * camera.scale;
    const dy = (camera.y - painted.y) * camera.scale;
    this.base.style.transform = `translate(${dx}px, ${dy}px) scale(${by})`;
    this.paintOver();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.paint(), REST);
  }

  forget() {
    super.forget();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.later);
    this.actions.forget();
    this.sizes.disconnect();
    this.gestures.forget();
    this.card.hide();
    for (const sheet of this.sheets) sheet?.close();
    this.root.replaceChildren();
  }
}
