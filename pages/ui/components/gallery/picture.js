// One photograph with one map above it: two layers, a legend, and the value under the pointer in words.

const MOST_PIXELS = 640; // a panel's canvas; the larger view has its own bound
const SHAPES = [0.85, 1.6]; // width over height that panels reserve; pictures beyond are letterboxed

class PictureView {
  // `onLost` is called when the server no longer holds the photograph or the map
  constructor({ most = MOST_PIXELS, clamp = true, legend = true, onLost }) {
    Object.assign(this, { most, clamp, onLost, photo: null, map: null, loaded: null });
    this.image = el("img", { decoding: "async", draggable: false });
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.box = el("div", { class: "box" }, this.canvas);
    this.picture = el("div", { class: "picture" }, this.image, this.box);
    this.readout = el("div", { class: "readout", hidden: true });
    this.label = el("div", { class: "label", hidden: true });
    this.frame = el("div", { class: "frame" }, this.picture, this.label, this.readout);
    this.low = el("span");
    this.ramp = el("i", { class: "ramp" });
    this.high = el("span");
    this.legend = el("div", { class: "legend", hidden: !legend }, this.low, this.ramp, this.high);
    this.root = el("figure", { class: "view" }, this.frame, this.legend);
    this.image.onerror = () => this.missed();
    this.box.onpointermove = (event) => this.read(event);
    this.box.onpointerleave = () => setShown(this.readout, false);
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(this.box);
  }

  // `address` is the photograph's resolution to show: "url" or "full_url"
  show(photo, map, address = "url") {
    if (photo.width !== this.photo?.width || photo.height !== this.photo?.height) this.shape(photo);
    if (this.photo?.[address] !== photo[address]) {
      this.photo = photo;
      this.image.src = new URL(photo[address], document.baseURI).href;
    }
    this.photo = photo;
    if (this.image.alt !== photo.alt) this.image.alt = photo.alt;
    const [left, top, right, bottom] = photo.box;
    this.box.style.left = `${(100 * left) / photo.width}%`;
    this.box.style.top = `${(100 * top) / photo.height}%`;
    this.box.style.width = `${(100 * (right - left)) / photo.width}%`;
    this.box.style.height = `${(100 * (bottom - top)) / photo.height}%`;
    setText(this.label, map?.label ?? "");
    setShown(this.label, Boolean(map?.label));
    if (map?.url !== this.map?.url) this.load(map);
    this.map = map;
  }

  missed() {
    if (!this.photo) return;
    // forgotten, so that the same address is asked for again next time
    this.photo = null;
    this.onLost();
  }

  shape(photo) {
    const ratio = photo.width / photo.height;
    const outer = this.clamp ? Math.min(Math.max(ratio, SHAPES[0]), SHAPES[1]) : ratio;
    this.frame.style.setProperty("--ratio", outer);
    this.picture.style.width = `${100 * Math.min(1, ratio / outer)}%`;
    this.picture.style.height = `${100 * Math.min(1, outer / ratio)}%`;
  }

  async load(map) {
    this.loaded = this.sampled = null;
    this.canvas.hidden = true;
    this.wanted = map?.url;
    if (!map) return;
    try {
      const loaded = await loadMap(map);
      if (this.wanted !== map.url) return;
      this.loaded = loaded;
      this.redraw();
    } catch {
      if (this.wanted === map.url) {
        this.map = null;
        this.onLost();
      }
    }
  }

  resized() {
    if (!this.loaded || !this.fit()) return;
    this.redraw();
  }

  // The canvas follows its place on the screen, never coarser than the map, never beyond the bound.
  fit() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return false;
    const finest = Math.max(
      window.devicePixelRatio || 1, this.loaded.width / clientWidth, this.loaded.height / clientHeight,
    );
    const ratio = Math.min(finest, this.most / Math.max(clientWidth, clientHeight));
    const width = Math.max(1, Math.round(clientWidth * ratio));
    const height = Math.max(1, Math.round(clientHeight * ratio));
    if (this.canvas.width === width && this.canvas.height === height && this.pixels) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext("2d");
    this.pixels = this.context.createImageData(width, height);
    this.sampled = null;
    return true;
  }

  draw(display, scale) {
    Object.assign(this, { display, scale });
    this.redraw();
  }

  redraw() {
    const { map, display, scale } = this;
    if (!map || !display) return;
    this.ramp.style.background = ramp(map.signed, display);
    const [low, high] = range(map.signed, display, scale);
    setText(this.low, low);
    setText(this.high, high);
    this.legend.title = `From ${low} to ${high}; stronger values, if any, keep the full colour.`;
    if (!this.loaded) return;
    this.fit();
    if (!this.pixels) return;
    if (!this.sampled || this.smooth !== display.smooth) {
      this.smooth = display.smooth;
      this.sampled = sample(this.loaded, this.canvas.width, this.canvas.height, display.smooth);
    }
    const least = threshold(this.loaded, map.signed, display);
    colour(this.sampled, new Uint32Array(this.pixels.data.buffer), { signed: map.signed, display, scale, least });
    this.context.putImageData(this.pixels, 0, 0);
    this.canvas.hidden = false;
  }

  read(event) {
    if (!this.sampled || this.canvas.hidden) return;
    const place = this.box.getBoundingClientRect();
    const x = Math.floor(((event.clientX - place.left) / place.width) * this.canvas.width);
    const y = Math.floor(((event.clientY - place.top) / place.height) * this.canvas.height);
    if (x < 0 || y < 0 || x >= this.canvas.width || y >= this.canvas.height) return;
    const value = this.sampled[y * this.canvas.width + x];
    setText(this.readout, this.words(value));
    setShown(this.readout, true);
  }

  words(value) {
    const share = this.scale > 0 ? Math.abs(value) / this.scale : 0;
    if (share < 0.01) return "nothing here";
    const strength = share >= 0.75 ? "strong" : share >= 0.35 ? "medium" : "weak";
    const side = this.map.signed ? (value > 0 ? ", for" : ", against") : "";
    return `${strength}${side}: ${number(value)}`;
  }

  forget() {
    this.sizes.disconnect();
  }
}
