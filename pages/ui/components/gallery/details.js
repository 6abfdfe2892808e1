// What a method shows beside its map: numbers, curves, small pictures, tables and lines of text.

const DETAILS = {
  curve: curveDetail,
  panel: (detail) => el(
    "figure",
    { class: "detail shot" },
    el("img", { src: new URL(detail.url, document.baseURI).href, alt: detail.label, loading: "lazy" }),
    el("figcaption", {}, detail.label),
  ),
  table: tableDetail,
  lines: (detail) => el(
    "section",
    { class: "detail lines" },
    el("h4", { "aria-level": "3" }, detail.label),
    ...detail.lines.map((line) => el("p", {}, line)),
  ),
};

// Details in the order given; figures that follow each other share one list.
function drawDetails(details) {
  const drawn = [];
  let list = null;
  for (const detail of details) {
    if (detail.kind === "figure") {
      if (!list) drawn.push((list = el("dl", { class: "detail figures" })));
      const meaning = detail.meaning ? el("p", {}, detail.meaning) : null;
      list.append(el("div", {}, el("dt", {}, detail.label), el("dd", {}, el("strong", {}, detail.value), meaning)));
    } else if (DETAILS[detail.kind]) {
      list = null;
      drawn.push(DETAILS[detail.kind](detail));
    }
  }
  return drawn;
}

function tableDetail(detail) {
  const named = detail.columns.some((text) => text);
  const head = el("tr", {}, ...detail.columns.map((text) => el("th", { scope: "col" }, text)));
  const rows = detail.rows.map((row) => el("tr", {}, ...row.map((text) => el("td", {}, String(text)))));
  return el(
    "section",
    { class: "detail" },
    el("h4", { "aria-level": "3" }, detail.label),
    el("div", { class: "scroll" }, el("table", {}, named ? el("thead", {}, head) : null, el("tbody", {}, ...rows))),
  );
}

const PLOT = { width: 360, height: 190, left: 52, right: 10, top: 10, bottom: 38 };

// A line with labelled axes; few numbers, readable ones.
function curveDetail(detail) {
  const y = detail.y;
  const x = detail.x.length === y.length ? detail.x : y.map((_, at) => at);
  const across = extent(x);
  const up = extent(y);
  const { width, height, left, right, top, bottom } = PLOT;
  const toX = (value) => left + ((value - across[0]) / (across[1] - across[0])) * (width - left - right);
  const toY = (value) => height - bottom - ((value - up[0]) / (up[1] - up[0])) * (height - top - bottom);
  const points = y.map((value, at) => `${toX(x[at]).toFixed(1)},${toY(value).toFixed(1)}`).join(" ");
  const text = (at, words, extra = {}) => svg("text", { x: at[0], y: at[1], ...extra }, words);
  const base = height - bottom;
  const words = `${detail.label}: from ${number(y[0] ?? 0)} to ${number(y[y.length - 1] ?? 0)}`;
  const plot = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
    ...[0, 0.5, 1].map((share) => {
      const level = toY(up[0] + share * (up[1] - up[0]));
      return svg("line", { x1: left, x2: width - right, y1: level, y2: level, class: share ? "rule" : "axis" });
    }),
    text([left - 7, toY(up[1]) + 4], number(up[1]), { "text-anchor": "end" }),
    text([left - 7, toY(up[0]) + 4], number(up[0]), { "text-anchor": "end" }),
    text([left, base + 15], number(across[0])),
    text([width - right, base + 15], number(across[1]), { "text-anchor": "end" }),
    text([(left + width - right) / 2, height - 7], detail.x_label, { "text-anchor": "middle" }),
    svg("polyline", { points, class: "line" }),
  );
  plot.append(
    text([0, 0], detail.y_label, {
      "text-anchor": "middle", transform: `translate(13 ${(top + base) / 2}) rotate(-90)`,
    }),
  );
  return el("figure", { class: "detail curve" }, el("figcaption", {}, detail.label), plot);
}

function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low < high)) return Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  return [low, high];
}
