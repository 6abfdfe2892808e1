// Points as stamps on one canvas; what moves with the pointer is drawn on another, so that hovering repaints nothing.

const FADED = 0.2;
const SOLID = 0.88;
const STAMPS_A_LINE = 32;

function radiusOf(count, zoom) {
  const start = Math.max(2, Math.min(5.5, 15 / Math.max(1, count) ** 0.2));
  return Math.round(4 * Math.min(8, start * Math.min(2, zoom ** 0.28))) / 4;
}

// Every colour as circle and cross, plain and ringed: drawn once, copied for each point.
function makeStamps(colours, radius, ratio, theme) {
  const side = Math.ceil((2 * radius + 6) * ratio);
  const lines = Math.ceil(colours.length / STAMPS_A_LINE);
  const sheet = el("canvas", { width: side * 4 * Math.min(colours.length, STAMPS_A_LINE), height: side * lines });
  const context = sheet.getContext("2d");
  context.lineCap = "round";
  colours.forEach((colour, at) => {
    for (let kind = 0; kind < 4; kind++) {
      context.setTransform(ratio, 0, 0, ratio, stampX(at, kind, side) + side / 2, stampY(at, side) + side / 2);
      if (kind & 2) stamp(context, kind & 1, radius + 0.3, theme.ink, kind & 1 ? 2 : 1.2);
      else if (kind) stamp(context, kind, radius + 0.3, theme.ground, 1.6); // a cross is seen among circles without colour
      stamp(context, kind & 1, radius, colour, 0);
    }
  });
  return { sheet, side };
}

function stampX(at, kind, side) {
  return ((at % STAMPS_A_LINE) * 4 + kind) * side;
}

function stampY(at, side) {
  return Math.floor(at / STAMPS_A_LINE) * side;
}

function stamp(context, cross, radius, colour, more) {
  context.beginPath();
  context.fillStyle = context.strokeStyle = colour;
  if (!cross) {
    context.arc(0, 0, radius + more / 1.4, 0, 7);
    context.fill();
    return;
  }
  const arm = radius * 0.95;
  context.lineWidth = Math.max(1.6, radius * 0.62) + more;
  context.moveTo(-arm, -arm);
  context.lineTo(arm, arm);
  context.moveTo(arm, -arm);
  context.lineTo(-arm, arm);
  context.stroke();
}

// Visible rows in the order of painting: faded below, crosses above circles. {rows, strong}: `strong` is where those
// that are not faded begin.
function paintOrder({ seen, strong, facts }) {
  const layers = [[], [], [], []];
  for (let row = 0; row < seen.length; row++) {
    if (!seen[row]) continue;
    layers[(strong && strong[row] ? 2 : 0) + (facts.outcome[row] === 1 ? 1 : 0)].push(row);
  }
  const rows = Uint32Array.from(layers.flat());
  return { rows, strong: strong ? layers[0].length + layers[1].length : 0 };
}

// `scene`: order, places, tint {colours, of}, facts, selected, pictures (rows or null), sprites, sheets, side.
function paintPoints(context, scene, camera, ratio, stamps) {
  const { order, places, tint, facts, selected } = scene;
  const { sheet, side } = stamps;
  const [wide, high] = [camera.width * ratio, camera.height * ratio];
  const scale = camera.scale * ratio;
  const [left, top] = [wide / 2 - camera.x * scale - side / 2, high / 2 + camera.y * scale - side / 2];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = order.strong ? FADED : SOLID;
  for (let at = 0; at < order.rows.length; at++) {
    if (at === order.strong) context.globalAlpha = SOLID;
    const row = order.rows[at];
    const x = Math.round(left + places[2 * row] * scale);
    const y = Math.round(top - places[2 * row + 1] * scale);
    if (x < -side || y < -side || x > wide || y > high) continue;
    const kind = (facts.outcome[row] === 1 ? 1 : 0) + (selected[row] ? 2 : 0);
    context.drawImage(sheet, stampX(tint.of[row], kind, side), stampY(tint.of[row], side), side, side, x, y, side, side);
  }
  context.globalAlpha = 1;
  if (scene.pictures) paintPictures(context, scene, camera, ratio);
}

function paintPictures(context, scene, camera, ratio) {
  const { places, tint, facts, strong, selected, theme } = scene;
  const half = scene.side / 2;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const row of scene.pictures) {
    const [x, y] = camera.toScreen(places[2 * row], places[2 * row + 1]);
    if (x < -half || y < -half || x > camera.width + half || y > camera.height + half) continue;
    const square = (more, colour) => {
      context.fillStyle = colour;
      context.fillRect(x - half - more, y - half - more, scene.side + 2 * more, scene.side + 2 * more);
    };
    context.globalAlpha = 1;
    square(selected[row] ? 1.5 : 0, selected[row] ? theme.ink : theme.ground);
    context.globalAlpha = strong && !strong[row] ? FADED + 0.1 : 1;
    square(0, tint.colours[tint.of[row]]);
    drawSprite(context, scene, row, x - half + 2, y - half + 2, scene.side - 4);
    if (facts.outcome[row] !== 1) continue;
    context.setTransform(ratio, 0, 0, ratio, (x + half - 6) * ratio, (y - half + 6) * ratio);
    stamp(context, 0, 7, theme.ground, 0);
    stamp(context, 1, 4, theme.ink, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
  context.globalAlpha = 1;
}

// False while the sheet is not there yet.
function drawSprite(context, { sprites, sheets, sharp }, row, x, y, side) {
  const own = sharp?.get(row);
  if (own) {
    const square = Math.min(own.width, own.height);
    context.drawImage(own, (own.width - square) / 2, (own.height - square) / 2, square, square, x, y, side, side);
    return true;
  }
  const sheet = sprites && sheets[Math.floor(row / sprites.per_sheet)];
  if (!sheet) return false;
  const at = row % sprites.per_sheet;
  const left = (at % sprites.columns) * sprites.side;
  const top = Math.floor(at / sprites.columns) * sprites.side;
  // half a pixel less on each side: smoothing must not mix in the neighbours
  context.drawImage(sheet, left + 0.5, top + 0.5, sprites.side - 1, sprites.side - 1, x, y, side, side);
  return true;
}

// Names, the new picture, rings and the lasso.
function paintOver(context, { camera, ratio, theme, places, current, hovered, found, seen, fresh, shape, radius, names }) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, camera.width, camera.height);
  names(context);
  const ring = (row, more, width, colour) => {
    const [x, y] = camera.toScreen(places[2 * row], places[2 * row + 1]);
    context.beginPath();
    context.arc(x, y, radius + more, 0, 7);
    Object.assign(context, { lineWidth: width, strokeStyle: colour });
    context.stroke();
  };
  found?.forEach((hit, row) => hit && seen[row] && ring(row, 3, 1.5, theme.accent));
  if (current >= 0 && seen[current]) {
    ring(current, 5, 5, theme.ground);
    ring(current, 5, 2.5, theme.accent);
  }
  if (hovered >= 0) ring(hovered, 3, 2, theme.ink);
  if (fresh) paintStar(context, camera, fresh, theme);
  if (shape?.length < 6) return;
  if (shape) {
    context.beginPath();
    for (let i = 0; i < shape.length; i += 2) context.lineTo(shape[i], shape[i + 1]);
    context.closePath();
    Object.assign(context, { fillStyle: theme.accent, strokeStyle: theme.accent, lineWidth: 1.8, globalAlpha: 0.12 });
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.setLineDash([6, 4]);
    context.stroke();
    context.setLineDash([]);
  }
}

function paintStar(context, camera, fresh, theme) {
  const [x, y] = camera.toScreen(fresh.x, fresh.y);
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const far = i % 2 ? 5.5 : 13;
    context.lineTo(x + far * Math.sin((i * Math.PI) / 5), y - far * Math.cos((i * Math.PI) / 5));
  }
  context.closePath();
  Object.assign(context, { fillStyle: theme.accent, strokeStyle: theme.ground, lineWidth: 4, lineJoin: "round" });
  context.stroke();
  context.fill();
  context.font = `600 14px ${theme.font}`;
  const wide = context.measureText(fresh.name).width;
  const left = x + 18 + wide > camera.width ? x - 18 - wide : x + 18;
  context.strokeText(fresh.name, left, y + 5);
  context.fillStyle = theme.ink;
  context.fillText(fresh.name, left, y + 5);
}
