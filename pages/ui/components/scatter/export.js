// The map as a picture of twice its size on the screen, with its legend below.

const LARGER = 2;
const LINE = 26; // px of a line of the legend
const MOST_SHARP = 400; // pictures that are fetched larger for it; of more, all stay as they are on the screen

async function saveMap(shown, camera, colour, hidden, over, sharper) {
  const scene = { ...shown, sharp: await sharpOnes(shown, camera, sharper) };
  const labels = legendLabels(scene, colour, hidden);
  const canvas = el("canvas", { width: camera.width * LARGER, height: camera.height * LARGER });
  const context = canvas.getContext("2d");
  const lines = laidOut(context, labels, camera.width, scene.theme);
  canvas.height = (camera.height + lines.length * LINE + 16) * LARGER;
  context.fillStyle = scene.theme.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const stamps = makeStamps(scene.tint.colours, scene.radius, LARGER, scene.theme);
  paintPoints(context, scene, camera, LARGER, stamps);
  const above = el("canvas", { width: camera.width * LARGER, height: camera.height * LARGER });
  paintOver(above.getContext("2d"), { ...over, camera, ratio: LARGER, hovered: -1, shape: null });
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(above, 0, 0);
  context.setTransform(LARGER, 0, 0, LARGER, 0, 0);
  drawLegend(context, lines, camera.height + LINE, scene.theme);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// The pictures in sight at twice their size, by row; those that cannot be had are drawn from the sprites.
async function sharpOnes({ pictures, places }, camera, sharper) {
  const found = new Map();
  const seen = (pictures ?? []).filter((row) => {
    const [x, y] = camera.toScreen(places[2 * row], places[2 * row + 1]);
    return x > -EDGE && y > -EDGE && x < camera.width + EDGE && y < camera.height + EDGE;
  });
  if (!sharper || seen.length > MOST_SHARP) return found;
  await Promise.all(seen.map(async (row) => {
    const image = await fetchSheet(sharper.replace("{row}", String(row))).catch(() => null);
    if (image) found.set(row, image);
  }));
  return found;
}

function legendLabels({ tint, facts }, colour, hidden) {
  const cross = facts.outcome.includes(1) ? [["the model is wrong", null]] : [];
  if (colour.kind === "groups") {
    const groups = colour.groups.map(({ name }, at) => [name, tint.colours[at], at]);
    return [...groups.filter(([, , at]) => !hidden.has(at)), ...cross];
  }
  return [...cross, [`${colour.title} ${colour.low_words}`, tint.colours[0]], [colour.high_words, tint.colours[LEVELS - 1]]];
}

function laidOut(context, labels, width, theme) {
  context.font = `14px ${theme.font}`;
  const lines = [[]];
  let x = EDGE;
  for (const [name, colour] of labels) {
    const wide = context.measureText(name).width + 34;
    if (x + wide > width - EDGE && lines.at(-1).length) {
      lines.push([]);
      x = EDGE;
    }
    lines.at(-1).push([name, colour, x]);
    x += wide;
  }
  return lines;
}

function drawLegend(context, lines, top, theme) {
  context.font = `14px ${theme.font}`;
  lines.forEach((line, at) => {
    for (const [name, colour, x] of line) {
      context.save();
      context.translate(x + 5, top + at * LINE - 9);
      stamp(context, colour ? 0 : 1, 5, colour ?? theme.ink, 0);
      context.restore();
      context.fillStyle = theme.ink;
      context.fillText(name, x + 16, top + at * LINE - 4);
    }
  });
}
