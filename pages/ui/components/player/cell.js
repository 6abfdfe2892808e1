// One frame of a strip over the part of the photograph that the model saw.

const MOST_FRAME_PIXELS = 320; // a coarse map's canvas: eight of them may be drawn for every step of the slider
const STRETCH = 1.5; // a cell may be this many pixels wide before its neighbours' values are needed to draw it

class Cell extends PictureView {
  constructor(label, onLost) {
    super({ most: MOST_FRAME_PIXELS, legend: false, onLost });
    this.under = label;
    this.gap = el("div", { class: "gap", hidden: true });
    this.frame.append(this.gap);
    this.canvas.hidden = true;
    // the pair that it belongs to speaks for it
    this.root.setAttribute("aria-hidden", "true");
    // strengths have no unit, so there is nothing to read under the pointer
    this.box.onpointermove = null;
  }

  place(photo) {
    this.show(photo, { url: "", signed: false, label: this.under });
    this.crop(photo);
  }

  // Columns are small: what the model never saw takes no room in them.
  crop({ width, height, box: [left, top, right, bottom] }) {
    const across = right - left, down = bottom - top;
    const outer = Math.min(Math.max(across / down, SHAPES[0]), SHAPES[1]);
    this.frame.style.setProperty("--ratio", outer);
    const wide = Math.min(1, across / down / outer), high = Math.min(1, outer / (across / down));
    const { style } = this.picture;
    style.width = `${(100 * wide * width) / across}%`;
    style.height = `${(100 * high * height) / down}%`;
    style.left = `${50 - 50 * wide - (100 * wide * left) / across}%`;
    style.top = `${50 - 50 * high - (100 * high * top) / down}%`;
  }

  // `crop` does this, and frames come with their strip
  shape() {}
  load() {}

  // `loaded` is one frame as the gallery's rules want a map, with levels for values, or null with the reason `why`.
  put(loaded, why, display) {
    setText(this.gap, why);
    setShown(this.gap, Boolean(why));
    if (loaded === this.loaded && display === this.display && loaded) return;
    Object.assign(this, { loaded, display });
    this.redraw();
  }

  // A map about as fine as its place is drawn cell by cell, and the browser fits it in; others as the gallery does.
  fit() {
    const { width, height } = this.loaded, { clientWidth, clientHeight } = this.box;
    this.own = clientWidth > 0 && clientWidth <= STRETCH * width && clientHeight <= STRETCH * height;
    if (!this.own) return super.fit();
    if (this.pixels && this.canvas.width === width && this.canvas.height === height) return false;
    Object.assign(this.canvas, { width, height });
    this.context = this.canvas.getContext("2d");
    this.pixels = this.context.createImageData(width, height);
    return true;
  }

  redraw() {
    const { loaded, display } = this;
    if (loaded && display) this.fit();
    this.canvas.hidden = !(loaded && display && this.pixels);
    if (this.canvas.hidden) return;
    const drawn = new Uint32Array(this.pixels.data.buffer);
    const least = threshold(loaded, false, display);
    if (this.own) {
      const entries = colours(display, least);
      for (let i = 0; i < drawn.length; i++) drawn[i] = entries[loaded.values[i]];
    } else {
      const sampled = sample(loaded, this.canvas.width, this.canvas.height, display.smooth);
      colour(sampled, drawn, { signed: false, display, scale: 255, least });
    }
    this.context.putImageData(this.pixels, 0, 0);
  }
}

// What `colour` gives for each of the 256 levels.
function colours(display, least) {
  const entries = new Uint32Array(256);
  colour(Float32Array.from(entries.keys()), entries, { signed: false, display, scale: 255, least });
  return entries;
}
