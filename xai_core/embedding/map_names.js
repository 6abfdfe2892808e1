// Each group's name where most of the group lies, so that a map can be read from afar. For the map in the program and
// for the stand-alone one.

const MOST_NAMES = 24; // groups; of more, the legend tells
const CELLS = 24; // squares a side of the map in which points are counted
const WAYS = [[1, 1], [1, -1], [0, 1], [0, -1]]; // axis and sign: up, down, right, left

class Names {
  constructor() {
    this.shown = true;
  }

  // Where the names belong: [{group, middle, ends}], rows of points that names stay with while points move.
  of({ places, seen, tint, colour }) {
    if (!this.shown || colour.kind !== "groups" || colour.groups.length > MOST_NAMES) return [];
    if (places !== this.places || seen !== this.seen || tint !== this.tint) {
      Object.assign(this, { places, seen, tint, found: thickest(places, seen, tint.of, colour.groups.length) });
    }
    return this.found;
  }
}

// Of each group with points in sight, largest first: the row in the middle of where it is thickest, and the rows farthest
// up, down, right and left there.
function thickest(places, seen, of, groups) {
  const cell = cellsOf(places, seen);
  const counts = Array.from({ length: groups }, () => new Uint32Array(CELLS * CELLS));
  const all = new Uint32Array(groups);
  for (let row = 0; row < seen.length; row++) {
    if (!seen[row]) continue;
    counts[of[row]][cell(row)] += 1;
    all[of[row]] += 1;
  }
  const best = counts.map(peak);
  const sums = best.map(() => ({ x: 0, y: 0, count: 0, ends: [-1, -1, -1, -1] }));
  const inside = (row) => seen[row] && together(cell(row), best[of[row]]);
  for (let row = 0; row < seen.length; row++) {
    if (!inside(row)) continue;
    const sum = sums[of[row]];
    sum.x += places[2 * row];
    sum.y += places[2 * row + 1];
    sum.count += 1;
    WAYS.forEach(([axis, sign], way) => {
      const end = sum.ends[way];
      if (end < 0 || sign * (places[2 * row + axis] - places[2 * end + axis]) > 0) sum.ends[way] = row;
    });
  }
  const middles = sums.map(() => ({ row: -1, apart: Infinity }));
  for (let row = 0; row < seen.length; row++) {
    if (!inside(row)) continue;
    const { x, y, count } = sums[of[row]];
    const apart = (places[2 * row] - x / count) ** 2 + (places[2 * row + 1] - y / count) ** 2;
    if (apart < middles[of[row]].apart) middles[of[row]] = { row, apart };
  }
  return [...all.keys()]
    .filter((group) => all[group])
    .sort((one, other) => all[other] - all[one] || one - other)
    .map((group) => ({ group, middle: middles[group].row, ends: sums[group].ends }));
}

function cellsOf(places, seen) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let row = 0; row < seen.length; row++) {
    if (!seen[row]) continue;
    const [x, y] = [places[2 * row], places[2 * row + 1]];
    [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
  }
  const cut = (value, from, to) => Math.min(CELLS - 1, Math.floor(((value - from) / (to - from || 1)) * CELLS));
  return (row) => cut(places[2 * row], left, right) + CELLS * cut(places[2 * row + 1], low, high);
}

// The square that has most points together with those around it; of equals, the one that has most itself.
function peak(counts) {
  let [best, most] = [0, -1];
  counts.forEach((own, at) => {
    if (!own) return;
    let sum = own / 1e6;
    for (let line = -1; line <= 1; line++) {
      for (let column = -1; column <= 1; column++) {
        const other = at + CELLS * line + column;
        if (other >= 0 && other < counts.length && together(at, other)) sum += counts[other];
      }
    }
    if (sum > most) [best, most] = [at, sum];
  });
  return best;
}

function together(one, other) {
  const [ax, bx] = [one % CELLS, other % CELLS];
  return Math.abs(ax - bx) <= 1 && Math.abs(Math.floor(one / CELLS) - Math.floor(other / CELLS)) <= 1;
}

// Above, below or beside where a group is thickest, off the pictures if that can be had; else wherever no other name is,
// else not at all. `above` px are what a point takes, `corner` what buttons take. Returns each name with its middle on the screen.
function paintNames(context, names, scene, camera, theme, { above, corner }) {
  const { places, colour } = scene;
  const small = camera.width < 420;
  const pictures = [...(scene.pictures ?? [])].map((row) => squareAt(camera, places, row, scene.side / 2));
  const taken = corner && !small ? [corner] : [];
  const told = [];
  context.font = `600 ${small ? 12 : 14}px ${theme.font}`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  for (const { group, middle, ends } of names) {
    const { name } = colour.groups[group];
    const [x, y] = camera.toScreen(places[2 * middle], places[2 * middle + 1]);
    if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
    const half = { across: context.measureText(name).width / 2 + 8, up: small ? 9 : 11 };
    const away = above + half.up + 3;
    const aside = above + half.across + 3;
    const [up, down, right, left] = ends.map((row) => camera.toScreen(places[2 * row], places[2 * row + 1]));
    const spots = [[x, up[1] - away], [x, down[1] + away], [right[0] + aside, y], [left[0] - aside, y], [x, y]];
    const boxes = spots.map((spot) => around(...spot, half, camera));
    const free = (others) => boxes.find((box) => !others.some((other) => meet(box, other)));
    const box = free([...taken, ...pictures]) ?? free(taken);
    if (!box) continue;
    taken.push(box);
    const [across, level] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    told.push([name, Math.round(across), Math.round(level)]);
    context.beginPath();
    context.roundRect(box.left, box.top, 2 * half.across, 2 * half.up, half.up);
    Object.assign(context, { fillStyle: theme.ground, strokeStyle: scene.tint.colours[group], lineWidth: 2, globalAlpha: 0.86 });
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
    context.fillStyle = theme.ink;
    context.fillText(name, across, level + 0.5);
  }
  Object.assign(context, { textAlign: "start", textBaseline: "alphabetic" });
  return told;
}

// Wholly on the map.
function around(x, y, { across, up }, { width, height }) {
  const middle = Math.max(across + 3, Math.min(width - across - 3, x));
  const level = Math.max(up + 3, Math.min(height - up - 3, y));
  return { left: middle - across, right: middle + across, top: level - up, bottom: level + up };
}

function squareAt(camera, places, row, half) {
  const [x, y] = camera.toScreen(places[2 * row], places[2 * row + 1]);
  return { left: x - half, right: x + half, top: y - half, bottom: y + half };
}

function meet(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
