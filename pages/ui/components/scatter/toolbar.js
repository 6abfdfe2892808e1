// What can be done with the map: how the pointer works, how points are drawn, search, and the view.

const MODES = [
  ["move", "Move", "Drag to move the map (M)"],
  ["lasso", "Lasso", "Draw around pictures to select them (L). Shift adds, Alt removes"],
  ["box", "Box", "Draw a box to select (B). Shift adds, Alt removes"],
];
const LOOKS = [
  ["points", "Points", "Every picture is a point (T)"],
  ["pictures", "Pictures", "Pictures where there is room for them, more when zoomed in (T)"],
];

class Toolbar {
  constructor(does) {
    this.modes = choices("Pointer", MODES, does.mode);
    this.looks = choices("Drawn as", LOOKS, does.look);
    this.search = el("input", { type: "search", placeholder: "Find a name or label", "aria-label": "Find a name or label" });
    this.search.oninput = () => does.search(this.search.value);
    this.search.onkeydown = (event) => {
      if (event.key === "Enter") does.next();
    };
    this.hits = el("span", { class: "hits", role: "status" });
    this.take = el("button", { type: "button", class: "small", hidden: true, onclick: does.take }, "Select them");
    this.count = el("span", { class: "count", role: "status" });
    this.clear = el("button", { type: "button", class: "small", hidden: true, onclick: does.clear }, "Clear");
    this.root = el(
      "div", { class: "tools" }, this.modes.root, this.looks.root,
      el("span", { class: "search" }, this.search, this.hits, this.take),
      el("span", { class: "chosen" }, this.count, this.clear),
    );
    this.name = round("Names of the groups (N)", "M3 4.5V3h10v1.5M8 3v10M6 13h4", does.name);
    this.name.setAttribute("aria-pressed", "true");
    this.corner = el(
      "div", { class: "corner" },
      round("Zoom in", "M8 3v10M3 8h10", () => does.zoom(1.5)),
      round("Zoom out", "M3 8h10", () => does.zoom(1 / 1.5)),
      round("Show all", "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3", does.all),
      this.name,
      round("Save as a picture (PNG)", "M8 2.5v7M5 7l3 3 3-3M3 13h10", does.save),
    );
  }

  found(count) {
    setText(this.hits, count === null ? "" : count === 1 ? "1 found" : `${count} found`);
    setShown(this.take, Boolean(count));
  }

  selected(count, hidden) {
    const words = hidden ? `${count} selected, ${hidden} of them hidden` : `${count} selected`;
    setText(this.count, count ? words : "");
    setShown(this.clear, count > 0);
  }
}

function round(label, path, click) {
  const line = svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round" });
  const drawn = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, line);
  return el("button", { type: "button", title: label, "aria-label": label, onclick: click }, drawn);
}

// Buttons of which one is pressed.
function choices(label, entries, chosen) {
  const buttons = entries.map(([value, words, title]) => {
    const button = el("button", { type: "button", title, onclick: () => chosen(value) }, words);
    return { value, button };
  });
  const set = (now) => buttons.forEach(({ value, button }) => button.setAttribute("aria-pressed", String(value === now)));
  return { set, root: el("div", { class: "choices", role: "group", "aria-label": label }, ...buttons.map(({ button }) => button)) };
}
