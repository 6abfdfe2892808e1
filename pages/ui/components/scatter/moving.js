// Where the points are, and how they get to where they belong: a map that is being drawn is watched, and the same
// pictures laid out otherwise glide there. The view and whatever a hand has begun stay as they are.

const GLIDE = 900; // ms
const MOST_GLIDING = 20_000; // points; more are put down at once
const TOO_SLOW = 60; // ms of painting, above which nothing glides
const LOOK_AGAIN = 1000; // ms between two looks at a map that is being drawn
const LIVE = "live"; // in place of an address: what is shown is a map that is being drawn
const left = new Map(); // how a person left a map, for when it is put back on the page; a few numbers each
const still = matchMedia("(prefers-reduced-motion: reduce)");

class Moving {
  // Whoever is nearest is sought where the points are now.
  get grid() {
    return (this.index ??= new GridIndex(this.places, this.camera.bounds));
  }

  // `same`: the pictures are those that are shown already.
  arrive(places, same) {
    if (same && this.camera) {
      this.placed = this.data.places;
      this.head(places);
      return;
    }
    this.leave();
    cancelAnimationFrame(this.gliding);
    this.ahead = null;
    this.places = places;
    this.placed = this.data.places;
    this.hover(null);
    this.camera = new Camera(places, this.data.fresh);
    this.fresh = JSON.stringify(this.data.fresh);
    this.settle(left.get(this.placed));
    this.looked();
    this.index = null;
    this.resize();
  }

  // Remembered when another map takes the place, or the page does without one.
  leave() {
    if (!this.camera || this.placed === LIVE) return;
    const { x, y, zoom } = this.camera;
    const { hidden, same } = this.legend;
    left.set(this.placed, { x, y, zoom, hidden, same, mode: this.mode, look: this.look, named: this.names.shown });
  }

  settle(found) {
    if (!found) return;
    const { x, y, zoom, hidden, same, mode, look, named } = found;
    Object.assign(this.camera, { x, y, zoom });
    if (this.legend.same) return;
    Object.assign(this.legend, { hidden, same });
    this.setMode(mode);
    this.setLook(look);
    this.setNames(named);
  }

  // A lasso is drawn around what stands still, so points wait for the hand.
  head(places) {
    this.ahead = places;
    if (!this.gestures.held) this.go();
  }

  released() {
    if (this.ahead) this.go();
  }

  go() {
    const { ahead: to, camera } = this;
    this.ahead = null;
    const from = camera.follow(to, this.places, this.data.fresh);
    this.fresh = JSON.stringify(this.data.fresh);
    cancelAnimationFrame(this.gliding);
    if (still.matches || to.length > 2 * MOST_GLIDING || this.spent > TOO_SLOW || !this.scene?.order) {
      this.put(to);
      this.crowd = null;
      this.paint();
      return;
    }
    const started = performance.now();
    const between = new Float32Array(to.length);
    const step = () => {
      if (this.gestures.held) {
        this.ahead ??= to;
        return undefined;
      }
      const share = Math.min(1, Math.max(0, (performance.now() - started) / GLIDE));
      const eased = this.placed === LIVE ? share : share * share * (3 - 2 * share);
      if (share === 1) return this.land(to);
      for (let i = 0; i < to.length; i++) between[i] = from[i] + (to[i] - from[i]) * eased;
      this.put(between);
      this.paintNow();
      this.gliding = requestAnimationFrame(step);
      return undefined;
    };
    step();
  }

  land(to) {
    this.put(to);
    this.crowd = null; // who has room for a picture is settled where the points rest
    this.paintNow();
  }

  put(places) {
    this.places = this.camera.places = places;
    this.index = null;
    if (!this.scene) return;
    this.scene.places = places;
    if (this.hovered >= 0) this.card.show(this.hovered, this.scene, this.camera, this.data.sharper);
  }

  // Looks at a map that is being drawn again and again, as long as `data.live` is its address.
  watch(url) {
    if (url === this.watched) return;
    this.watched = url;
    clearTimeout(this.looking);
    if (url) this.lookOn(url);
  }

  async lookAt(url) {
    const { count } = this.data;
    const answer = await fetch(new URL(url, document.baseURI));
    const bytes = answer.ok ? await answer.arrayBuffer() : null;
    if (bytes?.byteLength !== 4 * count || url !== this.watched || this.gone || !this.scene) return;
    if (this.placed !== LIVE) this.leave();
    this.placed = LIVE;
    this.head(Float32Array.from(new Int16Array(bytes)));
  }

  async lookOn(url) {
    if (!document.hidden) await this.lookAt(url).catch(() => undefined); // the next look may do better
    if (url === this.watched && !this.gone) this.looking = setTimeout(() => this.lookOn(url), LOOK_AGAIN);
  }

  forget() {
    this.leave();
    this.gone = true;
    cancelAnimationFrame(this.gliding);
    clearTimeout(this.looking);
  }
}
