// The drawing rules of xai_core/render.py, number by number; change both or neither.

const LUTS = Object.fromEntries(
  Object.entries(TABLES).map(([name, text]) => [name, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]),
);

function ownScale(map) {
  return map.clip || map.peak;
}

function magnitude(value, signed, sign) {
  if (!signed || sign === "both") return Math.abs(value);
  return Math.max(sign === "for" ? value : -value, 0);
}

// Rule 4: the weakest magnitude that is drawn, -1 where everything is. The ranking is kept with the map.
function threshold(loaded, signed, display) {
  const sign = signed ? display.sign : "both";
  if (display.strongest === 100 && sign === "both") return -1;
  let ranked = loaded.ranked.get(sign);
  if (!ranked) {
    ranked = loaded.values.map((value) => magnitude(value, signed, sign)).sort();
    loaded.ranked.set(sign, ranked);
  }
  const keep = Math.max(1, Math.floor((ranked.length * display.strongest) / 100 + 0.5));
  return ranked[ranked.length - keep];
}

// Rules 6 and 7: 511 colours, RGBA as one little-endian number each, for the levels -255 to 255.
function palette(signed, display) {
  const jet = display.colours === "jet";
  const name = signed && !jet ? "orange-blue" : display.colours;
  const bothWays = signed || name === "orange-blue";
  const lut = LUTS[name];
  const entries = new Uint32Array(511);
  for (let level = -255; level <= 255; level++) {
    const at = 3 * (bothWays ? (level + 256) >> 1 : Math.abs(level));
    const share = jet ? display.opacity : alphaOf(Math.abs(level) / 255, display.opacity);
    const alpha = Math.floor(255 * share + 0.5);
    entries[level + 255] = ((alpha << 24) | (lut[at + 2] << 16) | (lut[at + 1] << 8) | lut[at]) >>> 0;
  }
  return entries;
}

function alphaOf(strength, opacity) {
  return (1 - (1 - opacity) ** 4) * strength ** (2 * (1 - opacity) ** 2);
}

// Rule 1, one axis: two neighbours and the share of the second, for each pixel.
function axis(pixels, cells, smooth) {
  const first = new Int32Array(pixels);
  const second = new Int32Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const position = ((i + 0.5) * cells) / pixels;
    if (smooth) {
      const inner = Math.min(Math.max(position - 0.5, 0), cells - 1);
      first[i] = Math.floor(inner);
      second[i] = Math.min(first[i] + 1, cells - 1);
      share[i] = inner - first[i];
    } else {
      first[i] = second[i] = Math.min(Math.floor(position), cells - 1);
    }
  }
  return { first, second, share };
}

// The map's values at every pixel of a canvas.
function sample(loaded, width, height, smooth) {
  const columns = axis(width, loaded.width, smooth);
  const rows = axis(height, loaded.height, smooth);
  const { values } = loaded;
  const wide = new Float32Array(width * loaded.height);
  for (let y = 0; y < loaded.height; y++) {
    for (let x = 0; x < width; x++) {
      const left = values[y * loaded.width + columns.first[x]];
      const right = values[y * loaded.width + columns.second[x]];
      wide[y * width + x] = left + (right - left) * columns.share[x];
    }
  }
  const sampled = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] * width;
    const lower = rows.second[y] * width;
    const share = rows.share[y];
    for (let x = 0; x < width; x++) {
      sampled[y * width + x] = wide[upper + x] + (wide[lower + x] - wide[upper + x]) * share;
    }
  }
  return sampled;
}

// Rules 3 to 7 for every pixel of `sampled`, into `pixels` (Uint32Array, RGBA).
function colour(sampled, pixels, { signed, display, scale, least }) {
  if (!(scale > 0)) {
    pixels.fill(0);
    return;
  }
  const entries = palette(signed, display);
  const step = 255 / scale;
  for (let i = 0; i < sampled.length; i++) {
    const value = signed ? sampled[i] : Math.abs(sampled[i]);
    if (least >= 0) {
      const size = magnitude(value, signed, display.sign);
      if (size <= 0 || size < least) {
        pixels[i] = 0;
        continue;
      }
    }
    pixels[i] = entries[Math.min(Math.max(Math.floor(value * step + 0.5), -255), 255) + 255];
  }
}

// The colours of a legend, opaque: from nothing to full strength, or from against to for.
function ramp(signed, display) {
  const lowest = signed && display.sign !== "for" ? -255 : 0;
  const highest = signed && display.sign === "against" ? 0 : 255;
  const entries = palette(signed, { ...display, opacity: 1 });
  const stops = [];
  for (let i = 0; i <= 16; i++) {
    const entry = entries[Math.round(lowest + ((highest - lowest) * i) / 16) + 255];
    stops.push(`rgb(${entry & 255} ${(entry >> 8) & 255} ${(entry >> 16) & 255})`);
  }
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function range(signed, display, scale) {
  const low = signed && display.sign !== "for" ? number(-scale) : "0";
  const high = signed && display.sign === "against" ? "0" : number(scale);
  return [low, high];
}

// The settings as a query string, for pictures that the server draws.
function query(display, scale) {
  return new URLSearchParams({
    opacity: display.opacity,
    colours: display.colours,
    smooth: display.smooth ? 1 : 0,
    sign: display.sign,
    strongest: display.strongest,
    scale: scale > 0 ? scale : "own",
  }).toString();
}
