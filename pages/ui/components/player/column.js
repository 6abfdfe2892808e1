// One method's column: its trained map, its map now, how alike they are, and the verdict.

const HEADINGS = { refused: "Not possible here", failed: "This did not work", stopped: "Stopped", blank: "A blank map" };
const MADE_ROOM = "This map made room for newer ones";

class Column {
  constructor(desk) {
    this.desk = desk;
    this.lost = false;
    this.maps = null;
    this.title = el("h3", { "aria-level": "2" }); // right under the page's question
    this.trained = new Cell("trained", () => this.lose());
    this.now = new Cell("now", () => this.lose());
    this.pair = el("div", { class: "pair", role: "img" }, this.trained.root, this.now.root);
    this.shelf = el("div", { class: "shelf" }, this.pair, this.buildCover());
    this.alike = el("strong");
    this.same = el("span");
    this.bar = el("i");
    this.zone = el("i", { class: "zone" });
    this.chance = el("p", { class: "chance" });
    this.badge = el("div", { class: "badge" });
    this.verdict = el("p", { class: "verdict" });
    this.stop = el("button", { type: "button", class: "link strong" }, "Stop");
    this.stop.onclick = () => desk.act({ kind: "stop", panel: this.data.key });
    this.again = el("button", { type: "button", class: "link strong" }, "Try again");
    this.again.onclick = () => this.retry();
    this.links = el("footer", {}, this.stop, this.again);
    this.scale = el("div", { class: "scale", "aria-hidden": "true" }, this.zone, this.bar);
    this.root = el(
      "article", { class: "column" }, this.title, this.shelf, el("p", { class: "alike" }, this.alike, this.same),
      this.scale, this.chance, this.badge, this.verdict,
    );
  }

  buildCover() {
    this.heading = el("strong");
    this.message = el("p");
    this.note = el("p", { class: "note" });
    this.fill = el("i");
    this.progress = el("div", { class: "progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.says = el("div", { class: "says" }, this.heading, this.message);
    this.cover = el("div", { class: "cover" }, this.says, this.note, this.progress);
    return this.cover;
  }

  get state() {
    return this.lost ? "lost" : this.data.state;
  }

  // True where the maps that are there can be looked at.
  get seen() {
    return !this.lost && Boolean(this.data.url) && ["done", "stopped", "blank"].includes(this.data.state);
  }

  update(data, photo, stages) {
    const text = JSON.stringify([data, photo, stages]);
    if (text === this.text) return;
    this.text = text;
    const source = JSON.stringify([data.state, data.url, photo.url]);
    if (source !== this.source) this.lost = false;
    this.source = source;
    this.data = data;
    this.there = data.state === "stopped" ? data.reached : stages;
    setText(this.title, data.title);
    this.title.title = data.title;
    for (const cell of [this.trained, this.now]) cell.place(photo);
    if (data.url !== this.wanted) this.load(stages);
    this.updateCover();
    this.updateWords();
  }

  async load(stages) {
    const { url, height, width } = this.data;
    this.wanted = url;
    this.maps = null;
    if (!url) return;
    try {
      const levels = await fetchLevels(url, stages * height * width);
      if (this.wanted !== url) return;
      this.maps = cut(levels, height, width);
      this.desk.draw();
    } catch {
      if (this.wanted === url) this.lose();
    }
  }

  updateCover() {
    const { data, state } = this;
    const running = state === "running";
    this.root.dataset.state = state;
    this.root.setAttribute("aria-busy", String(running || state === "waiting"));
    this.root.classList.toggle("covered", !this.seen);
    const home = this.seen ? this.root : this.cover;
    if (this.links.parentNode !== home) home.append(this.links);
    setShown(this.cover, !this.seen);
    setShown(this.says, state === "lost" || state in HEADINGS);
    setText(this.heading, state === "lost" ? MADE_ROOM : HEADINGS[state] ?? "");
    setText(this.message, state === "lost" ? "" : data.message);
    setShown(this.note, running || state === "waiting");
    setText(this.note, data.note || (running ? "Working" : "Waiting for its turn"));
    setShown(this.progress, running);
    const done = Math.round(100 * Math.min(Math.max(data.fraction, 0), 1));
    this.fill.style.width = `${done}%`;
    this.progress.setAttribute("aria-valuenow", String(done));
    this.progress.setAttribute("aria-label", `${data.title}: ${data.note}`);
  }

  updateWords() {
    const { data, state } = this;
    const badge = JSON.stringify(data.badge);
    if (badge !== this.badgeText) {
      this.badgeText = badge;
      this.badge.className = `badge ${data.badge?.kind ?? ""}`;
      const mark = data.badge && ICONS[data.badge.kind] ? icon(data.badge.kind) : null;
      this.badge.replaceChildren(...(mark ? [mark] : []), el("span", {}, data.badge?.text ?? ""));
    }
    this.badge.title = data.badge?.why || data.verdict;
    setText(this.verdict, data.verdict);
    const { chance } = data;
    setShown(this.zone, Boolean(chance));
    if (chance) this.zone.style.inset = `0 ${100 - onScale(chance[1])}% 0 ${onScale(chance[0])}%`;
    setText(this.chance, chance ? `chance: ${whole(chance[0])} to ${whole(chance[1])}\u00a0%` : "");
    setShown(this.stop, state === "waiting" || state === "running");
    setShown(this.again, state === "lost" || state === "failed" || state === "stopped");
    this.stop.setAttribute("aria-label", `Stop ${data.title}`);
    this.again.setAttribute("aria-label", `${data.title}: try again`);
  }

  draw(at, words, display) {
    const score = this.score(at);
    setText(this.alike, score.figure);
    setText(this.same, score.words);
    this.same.title = score.words;
    this.bar.style.width = `${onScale(score.value ?? 0)}%`;
    this.scale.classList.toggle("bare", !score.figure);
    if (!this.seen) return;
    const why = this.why(at);
    const told = [`${score.figure} ${score.words}`.trim(), why === score.words ? "" : why];
    this.pair.setAttribute("aria-label", [`${this.data.title}: ${words}`, ...told].filter(Boolean).join(". "));
    this.trained.put(this.maps?.[0] ?? null, this.why(0), display);
    this.now.put(why ? null : this.maps?.[at] ?? null, why, display);
  }

  // Why there is no map at this stage, "" where there is one.
  why(at) {
    const note = this.data.notes[at] ?? "";
    return note || (at < this.there ? "" : this.data.message || "Stopped before this stage");
  }

  // How alike the map is to the trained one, in words; no number stands for one that is not defined.
  score(at) {
    const value = this.data.numbers[at];
    if (!this.seen || value === undefined || at >= this.there) return { figure: "", words: "" };
    if (value === null) return { figure: "undefined", words: this.why(at) };
    // a negative share within the range of unrelated maps is chance, not a reversal
    const unrelated = this.data.chance && value >= this.data.chance[0];
    const below = unrelated ? "unrelated" : "reversed";
    return { figure: percent(value), words: value <= -0.005 ? below : "the same", value };
  }

  lose() {
    if (!this.seen) return;
    this.lost = true;
    this.updateCover();
    this.updateWords();
    this.desk.draw();
  }

  retry() {
    this.desk.act({ kind: "retry", panel: this.data.key });
    if (!this.lost) return;
    // the same addresses may work again by now: ask once more with the next news
    this.lost = false;
    this.text = "";
    this.wanted = null;
    for (const cell of [this.trained, this.now]) cell.photo = null;
  }

  forget() {
    this.wanted = null;
    for (const cell of [this.trained, this.now]) cell.forget();
    this.root.remove();
  }
}

async function fetchLevels(url, length) {
  const answer = await fetch(new URL(url, document.baseURI));
  const bytes = answer.ok ? await answer.arrayBuffer() : null;
  // an unknown address answers 200 with a page, so the length is checked too
  if (bytes?.byteLength !== length) throw new Error("maps no longer held");
  return new Uint8Array(bytes);
}

// One view per frame on the same bytes, in the form of the gallery's maps.
function cut(levels, height, width) {
  const size = height * width;
  return Array.from({ length: levels.length / size }, (_, at) => (
    { values: levels.subarray(at * size, (at + 1) * size), height, width, ranked: new Map() }
  ));
}

// The scale under the number goes from nothing in common to the same map, in percent.
function onScale(share) {
  return 100 * Math.min(Math.max(share, 0), 1);
}

function whole(share) {
  const rounded = Math.round(100 * share);
  return `${rounded < 0 ? "−" : ""}${Math.abs(rounded)}`;
}

function percent(share) {
  // only what is the same says 100
  if (Math.round(100 * share) === 100 && share < 1 - 1e-6) return "> 99 %";
  return `${whole(share)} %`;
}
