// Where on the screen a point stands, and which point stands there. Both axes always have the same scale.

const EDGE = 26; // px kept free around the points
const CLOSEST = 400; // times the view that shows all
const NEAR = 14; // px from the pointer within which a point is meant

class Camera {
  constructor(places, fresh) {
    this.places = places;
    this.zoom = 1;
    this.width = this.height = 1;
    this.measure(fresh);
  }

  measure(fresh) {
    const { places } = this;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    const reach = (x, y) => {
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
    };
    for (let i = 0; i < places.length; i += 2) reach(places[i], places[i + 1]);
    if (fresh) reach(fresh.x, fresh.y);
    if (!(left <= right)) [left, right, low, high] = [0, 1, 0, 1];
    this.bounds = { left, right, low, high };
    this.all();
  }

  all() {
    const { left, right, low, high } = this.bounds;
    this.zoom = 1;
    this.x = (left + right) / 2;
    this.y = (low + high) / 2;
  }

  // How near it is, and where its middle lies in shares of what all points take.
  share() {
    const { left, right, low, high } = this.bounds;
    const of = (value, from, to) => (to > from ? Number(((value - from) / (to - from)).toFixed(5)) : 0.5);
    return { zoom: Number(this.zoom.toPrecision(3)), x: of(this.x, left, right), y: of(this.y, low, high) };
  }

  look({ zoom, x, y }) {
    const { left, right, low, high } = this.bounds;
    Object.assign(this, { zoom, x: left + x * (right - left), y: low + y * (high - low) });
  }

  // Other places, seen from as near and as far to the side as these. Returns `now` in the new measures: on the screen
  // nothing has moved.
  follow(places, now, fresh) {
    const { scale: before, x, y, zoom, bounds } = this;
    const middle = [(bounds.left + bounds.right) / 2, (bounds.low + bounds.high) / 2];
    this.places = places;
    this.measure(fresh);
    this.zoom = zoom;
    const by = before / this.scale;
    this.x += (x - middle[0]) * by;
    this.y += (y - middle[1]) * by;
    const from = new Float32Array(now.length);
    for (let i = 0; i < now.length; i += 2) {
      from[i] = (now[i] - x) * by + this.x;
      from[i + 1] = (now[i + 1] - y) * by + this.y;
    }
    return from;
  }

  get scale() {
    const { left, right, low, high } = this.bounds;
    const across = (this.width - 2 * EDGE) / (right - left || 1e-6);
    const up = (this.height - 2 * EDGE) / (high - low || 1e-6);
    return Math.max(1e-9, Math.min(across, up)) * this.zoom;
  }

  toScreen(x, y) {
    const { scale } = this;
    return [(x - this.x) * scale + this.width / 2, this.height / 2 - (y - this.y) * scale];
  }

  toMap(px, py) {
    const { scale } = this;
    return [(px - this.width / 2) / scale + this.x, (this.height / 2 - py) / scale + this.y];
  }

  pan(dx, dy) {
    const { scale, bounds } = this;
    this.x = Math.max(bounds.left, Math.min(bounds.right, this.x - dx / scale));
    this.y = Math.max(bounds.low, Math.min(bounds.high, this.y + dy / scale));
  }

  // What lies under (px, py) stays there.
  zoomAt(px, py, factor) {
    const [x, y] = this.toMap(px, py);
    this.zoom = Math.max(0.5, Math.min(CLOSEST, this.zoom * factor));
    const [nowX, nowY] = this.toScreen(x, y);
    this.pan(px - nowX, py - nowY);
  }

  // Moves as little as needed to have the point in sight.
  reveal(row) {
    const [px, py] = this.toScreen(this.places[2 * row], this.places[2 * row + 1]);
    const over = (value, most) => Math.min(0, value - EDGE) + Math.max(0, value - most + EDGE);
    this.pan(-over(px, this.width), -over(py, this.height));
  }
}

// Squares over the map with the rows that lie in each.
class GridIndex {
  constructor(places, bounds) {
    const count = places.length / 2;
    this.places = places;
    this.bounds = bounds;
    this.side = Math.max(1, Math.ceil(Math.sqrt(count / 3)));
    this.start = new Uint32Array(this.side ** 2 + 1);
    this.rows = new Uint32Array(count);
    const cells = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      cells[i] = this.column(places[2 * i]) + this.side * this.line(places[2 * i + 1]);
      this.start[cells[i] + 1] += 1;
    }
    for (let i = 0; i < this.side ** 2; i++) this.start[i + 1] += this.start[i];
    const next = this.start.slice();
    for (let i = 0; i < count; i++) this.rows[next[cells[i]]++] = i;
  }

  column(x) {
    const { left, right } = this.bounds;
    return Math.max(0, Math.min(this.side - 1, Math.floor(((x - left) / (right - left || 1)) * this.side)));
  }

  line(y) {
    const { low, high } = this.bounds;
    return Math.max(0, Math.min(this.side - 1, Math.floor(((y - low) / (high - low || 1)) * this.side)));
  }

  // Calls `visit` for every row of the squares that touch the rectangle: some rows may lie outside of it.
  within(left, right, low, high, visit) {
    const [from, to] = [this.column(left), this.column(right)];
    for (let line = this.line(low); line <= this.line(high); line++) {
      const last = this.start[line * this.side + to + 1];
      for (let at = this.start[line * this.side + from]; at < last; at++) visit(this.rows[at]);
    }
  }

  // The seen row closest to (px, py) on the screen, or -1.
  nearest(camera, px, py, seen, reach = NEAR) {
    const [x, y] = camera.toMap(px, py);
    const { places } = this;
    const far = reach / camera.scale;
    let [best, least] = [-1, far * far];
    this.within(x - far, x + far, y - far, y + far, (row) => {
      if (!seen[row]) return;
      const apart = (places[2 * row] - x) ** 2 + (places[2 * row + 1] - y) ** 2;
      if (apart < least) [best, least] = [row, apart];
    });
    return best;
  }

  // The seen rows inside a polygon on the map, [x, y, x, y, ...], by the even-odd rule.
  inside(polygon, seen) {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < polygon.length; i += 2) {
      left = Math.min(left, polygon[i]);
      right = Math.max(right, polygon[i]);
      low = Math.min(low, polygon[i + 1]);
      high = Math.max(high, polygon[i + 1]);
    }
    const found = [];
    this.within(left, right, low, high, (row) => {
      if (seen[row] && holds(polygon, this.places[2 * row], this.places[2 * row + 1])) found.push(row);
    });
    return found;
  }

  // The seen row nearest to `row` that lies within 45 degrees of the direction (dx, dy), or `row`.
  toward(row, dx, dy, seen) {
    const { places } = this;
    const [x, y] = [places[2 * row], places[2 * row + 1]];
    let [best, least] = [row, Infinity];
    for (let i = 0; i < seen.length; i++) {
      if (!seen[i]) continue;
      const [ax, ay] = [places[2 * i] - x, places[2 * i + 1] - y];
      const apart = ax * ax + ay * ay;
      const along = ax * dx + ay * dy;
      if (apart < least && along > 0 && 2 * along * along >= apart) [best, least] = [i, apart];
    }
    return best;
  }
}

function holds(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
