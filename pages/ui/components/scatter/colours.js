// Colours of the map: from the theme, for groups, and for a number.

const HUES = [48, 255, 148, 330, 95, 205, 22, 292, 175, 70];
const LEVELS = 64; // of a colour bar
const viridis = Uint8Array.from(atob(VIRIDIS), (letter) => letter.charCodeAt(0));

function readTheme(node) {
  const style = getComputedStyle(node);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  const ground = read("background-color", "#ffffff");
  return {
    ground,
    ink: read("text-color", "#222222"),
    accent: read("primary-color", "#0f6b66"),
    line: read("border-color", "#dddddd"),
    font: read("font", "sans-serif"),
    dark: lightness(ground) < 0.5,
  };
}

function lightness(colour) {
  const context = el("canvas", { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

// Hues far apart first, alternating a little in lightness, so that neighbours differ without hue too; then all of them
// once more in deep.
function groupColour(group, at, dark) {
  if (group.colour) return group.colour;
  const deep = at % (2 * HUES.length) >= HUES.length;
  const light = (dark ? 0.74 : 0.56) + (at % 2 ? -0.05 : 0.03) - (deep ? 0.16 : 0);
  return `oklch(${light.toFixed(2)} ${deep ? 0.12 : 0.145} ${HUES[at % HUES.length]})`;
}

// The end of the colours that would vanish against the ground is left out.
function levelColour(share, dark) {
  const at = Math.round((dark ? 0.22 + 0.78 * share : 0.86 * share) * 255);
  return `rgb(${viridis[3 * at]} ${viridis[3 * at + 1]} ${viridis[3 * at + 2]})`;
}

// {colours, of}: every row's place in the colours.
function colouring(colour, shades, theme) {
  if (colour.kind === "groups") {
    return { colours: colour.groups.map((group, at) => groupColour(group, at, theme.dark)), of: shades };
  }
  const of = new Int16Array(shades.length);
  for (let row = 0; row < of.length; row++) {
    const share = (shades[row] - colour.low) / (colour.high - colour.low);
    of[row] = Number.isNaN(share) ? LEVELS : Math.max(0, Math.min(LEVELS - 1, Math.floor(share * LEVELS)));
  }
  const colours = Array.from({ length: LEVELS }, (_, at) => levelColour(at / (LEVELS - 1), theme.dark));
  return { colours: [...colours, theme.dark ? "#8a9391" : "#8f8f88"], of };
}
