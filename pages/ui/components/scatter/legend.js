// What colours and shapes mean. A click on a group hides or shows it, a double click shows it alone.

class Legend {
  // `change(hidden)`: a set of places in the groups
  constructor(change) {
    this.change = change;
    this.hidden = new Set();
    this.root = el("div", { class: "legend" });
  }

  // Hidden groups stay hidden while the groups have the same names.
  update(colour, tint, facts) {
    const same = JSON.stringify(colour.groups?.map((group) => group.name) ?? colour.title);
    if (same !== this.same) this.hidden = new Set();
    this.same = same;
    const counts = counted(tint.of, colour.groups?.length ?? LEVELS + 1), outcomes = counted(facts.outcome, 3);
    const drawn = JSON.stringify([colour, tint.colours, counts, outcomes]);
    if (drawn === this.drawn) return; // a double click that meets a new layout would fall between old and new
    this.drawn = drawn;
    this.root.replaceChildren(
      el("strong", {}, colour.title),
      ...(colour.kind === "groups" ? this.groups(colour, tint, counts) : [this.scale(colour, tint, counts)]),
      ...this.shapes(outcomes),
    );
    this.mark();
  }

  groups(colour, tint, counts) {
    this.buttons = colour.groups.map(({ name }, at) => {
      const title = "Click to hide or show, double click (or Shift and Enter) to show it alone";
      const words = `${name}, ${counts[at]} ${counts[at] === 1 ? "picture" : "pictures"}`;
      const swatch = el("i", { style: `background:${tint.colours[at]}` });
      const button = el("button", { type: "button", title, "aria-label": words }, swatch, `${name} `, el("b", {}, String(counts[at])));
      button.onclick = (event) => (event.shiftKey ? this.alone(at) : this.toggle(at));
      button.ondblclick = () => this.alone(at);
      return button;
    });
    return this.buttons;
  }

  scale(colour, tint, counts) {
    this.buttons = [];
    const stops = tint.colours.slice(0, LEVELS).join(",");
    const unknown = counts[LEVELS] ? el("span", { class: "key" }, el("i", { style: `background:${tint.colours[LEVELS]}` }), "not known") : "";
    return el("span", { class: "scale" }, colour.low_words, el("u", { style: `background:linear-gradient(90deg,${stops})` }), colour.high_words, unknown);
  }

  shapes(counts) {
    if (!counts[1]) return [];
    const key = (sign, words, count) => el("span", { class: "key" }, el("em", {}, sign), `${words} `, el("b", {}, String(count)));
    return [el("span", { class: "shapes" }, key("●", "right", counts[0]), key("✕", "wrong", counts[1]))];
  }

  toggle(at) {
    if (!this.hidden.delete(at)) this.hidden.add(at);
    this.tell();
  }

  alone(at) {
    const others = this.buttons.map((_, other) => other).filter((other) => other !== at);
    const already = others.every((other) => this.hidden.has(other)) && !this.hidden.has(at);
    this.hidden = new Set(already ? [] : others);
    this.tell();
  }

  tell() {
    this.mark();
    this.change(this.hidden);
  }

  mark() {
    this.buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(!this.hidden.has(at))));
  }
}

// How often each number below `many` occurs.
function counted(numbers, many) {
  const counts = new Array(many).fill(0);
  for (const number of numbers) counts[number] += 1;
  return counts;
}
