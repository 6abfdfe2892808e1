// Which points have room for their picture. Each point gets the zoom from which on it is shown as one: whoever has a
// picture keeps it while one zooms in, nothing changes while one pans, and no two pictures overlap.

const STEP_ZOOM = Math.SQRT2;
const GAP = 3; // px between two pictures

class Crowd {
  // `first` are marked rows, which take their places before others do.
  constructor(places, seen, first, base, side) {
    Object.assign(this, { places, base, side: side + GAP, levels: 0, shown: [] });
    const waiting = [];
    for (let row = 0; row < seen.length; row++) if (seen[row]) waiting.push(row);
    // a fixed order that has nothing to do with the rows' order
    const rank = (row) => (Math.imul(row + 1, 2654435761) >>> 0) - (first?.[row] ? 2 ** 33 : 0);
    this.waiting = waiting.sort((a, b) => rank(a) - rank(b));
  }

  // The rows drawn as pictures at this zoom.
  at(zoom) {
    const level = Math.floor(Math.log(zoom) / Math.log(STEP_ZOOM) + 1e-9);
    if (level < 0) return new Crowd(this.places, this.marks(), null, this.base * zoom, this.side - GAP).at(1);
    while (this.shown.length <= level) this.fill(this.shown.length);
    return this.shown[level];
  }

  // Zoomed out, fewer of those that had a picture.
  marks() {
    const marks = new Uint8Array(this.places.length / 2);
    for (const row of this.at(1)) marks[row] = 1;
    return marks;
  }

  fill(level) {
    const cell = this.side / (this.base * STEP_ZOOM ** level);
    const taken = new Map();
    const { places } = this;
    const keyOf = (column, line) => column * 1e7 + line;
    const place = (row) => {
      taken.set(keyOf(Math.floor(places[2 * row] / cell), Math.floor(places[2 * row + 1] / cell)), row);
    };
    const free = (row) => {
      const [x, y] = [places[2 * row], places[2 * row + 1]];
      const [column, line] = [Math.floor(x / cell), Math.floor(y / cell)];
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          const other = taken.get(keyOf(column + dx, line + dy));
          if (other !== undefined && Math.abs(places[2 * other] - x) < cell && Math.abs(places[2 * other + 1] - y) < cell) return false;
        }
      }
      return true;
    };
    const shown = [...(this.shown[level - 1] ?? [])];
    shown.forEach(place);
    this.waiting = this.waiting.filter((row) => {
      if (!free(row)) return true;
      place(row);
      shown.push(row);
      return false;
    });
    this.shown.push(shown);
  }
}
