// Small things that every other file uses: elements, icons, numbers in words, bytes by address.

// Children are elements or text; text never becomes markup.
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node[name] = value;
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setShown(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const ICONS = {
  good: "M3.2 8.6l3 3 6.6-7.2",
  bad: "M4 4l8 8M12 4l-8 8",
  care: "M8 2.2a5.8 5.8 0 1 0 0 11.6zM8 2.2a5.8 5.8 0 0 1 0 11.6",
  close: "M4 4l8 8M12 4l-8 8",
};

function icon(kind) {
  const path = svg("path", {
    d: ICONS[kind], fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round",
  });
  const drawn = svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, path);
  // the half circle: the left half filled
  if (kind === "care") drawn.append(svg("path", { d: "M8 2.2a5.8 5.8 0 0 0 0 11.6z", fill: "currentColor" }));
  return drawn;
}

function number(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size >= 1e5 || size < 1e-4) return sign + size.toExponential(1).replace("e", " × 10^").replace("+", "");
  return sign + String(Number(size.toPrecision(2)));
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 0.095) return `${Math.max(seconds, 0.01).toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

// Recently used values by key, bounded by count. Promises that fail are forgotten, so that they can be tried again.
class Recent {
  constructor(limit) {
    this.limit = limit;
    this.kept = new Map();
  }

  get(key, make) {
    const found = this.kept.get(key);
    if (found !== undefined) this.kept.delete(key);
    const value = found ?? make();
    this.kept.set(key, value);
    if (this.kept.size > this.limit) this.kept.delete(this.kept.keys().next().value);
    return value;
  }

  forget(key) {
    this.kept.delete(key);
  }
}

const maps = new Recent(96);

// The values of a map, fetched once: {values, height, width, levels}; rejects when the server no longer has them.
function loadMap(map) {
  return maps.get(map.url, () => {
    const loading = fetchMap(map);
    loading.catch(() => maps.forget(map.url));
    return loading;
  });
}

async function fetchMap(map) {
  const answer = await fetch(new URL(map.url, document.baseURI));
  const bytes = answer.ok ? await answer.arrayBuffer() : null;
  // an unknown address answers 200 with a page, so the length is checked too
  if (!bytes || bytes.byteLength !== 2 * map.height * map.width) throw new Error("map no longer held");
  const whole = new Int16Array(bytes);
  const values = new Float32Array(whole.length);
  for (let i = 0; i < whole.length; i++) values[i] = (whole[i] / 32767) * map.peak;
  return { values, height: map.height, width: map.width, ranked: new Map() };
}
