// One method's panel. It is built once and then told the news; only what differs is touched.

const WORDS = { refused: "Not possible here", failed: "This did not work", stopped: "Stopped", blank: "A blank map" };

function badgeParts(badge) {
  const mark = ICONS[badge.kind] ? [icon(badge.kind)] : [];
  const words = badge.evidence ? el("button", { type: "button", class: "link" }, badge.text) : el("span", {}, badge.text);
  return [...mark, words];
}

class PanelCard {
  // `desk`: the gallery's side of things: display, scaleOf, act, settings, larger, save, title of the live region
  constructor(desk) {
    this.desk = desk;
    this.views = [];
    this.lost = false;
    this.title = el("h3", { "aria-level": "2" }); // right under the page's question
    this.badge = el("div", { class: "badge" });
    this.sentence = el("p", { class: "sentence" });
    this.score = el("p", { class: "score" });
    this.cover = this.buildCover();
    this.shelf = el("div", { class: "views" }, this.cover);
    this.root = el(
      "article", { class: "panel" },
      this.title, this.shelf, this.badge, this.sentence, this.score, this.buildFoot(),
    );
  }

  buildCover() {
    this.heading = el("strong");
    this.message = el("p");
    this.note = el("p", { class: "note" });
    this.fill = el("i");
    this.progress = el("div", { class: "progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" });
    this.progress.append(this.fill);
    this.says = el("div", { class: "says" }, this.heading, this.message);
    return el("div", { class: "cover" }, this.says, this.note, this.progress);
  }

  buildFoot() {
    const link = (words, run) => {
      const button = el("button", { type: "button", class: "link" }, words);
      button.onclick = () => run(button);
      return button;
    };
    this.seconds = el("span", { class: "seconds" });
    this.settings = link("settings", (button) => this.desk.settings(this, button));
    this.larger = link("larger", () => this.desk.larger(this));
    this.save = link("save", (button) => this.desk.save(this, button));
    this.stop = link("Stop", () => this.desk.act({ kind: "stop", panel: this.data.key }));
    this.stop.classList.add("strong");
    this.again = link("try again", () => this.retry());
    this.again.classList.add("strong");
    for (const opener of [this.settings, this.save]) opener.setAttribute("aria-haspopup", "dialog");
    return el("footer", {}, this.seconds, this.again, this.settings, this.larger, this.save, this.stop);
  }

  update(data) {
    const text = JSON.stringify(data);
    if (text === this.text) return false;
    this.text = text;
    const sources = JSON.stringify([data.state, data.photo.url, data.maps.map((map) => map.url)]);
    if (sources !== this.sources) this.lost = false;
    this.sources = sources;
    this.data = data;
    setText(this.title, data.title);
    this.title.title = data.title;
    this.updateViews();
    this.updateCover();
    this.updateWords();
    this.draw();
    return true;
  }

  get state() {
    return this.lost ? "lost" : this.data.state;
  }

  updateViews() {
    const { maps, slots, photo, state } = this.data;
    const wanted = Math.max(1, maps.length, slots);
    while (this.views.length < wanted) {
      const view = new PictureView({ onLost: () => this.lose() });
      this.views.push(view);
      this.shelf.insertBefore(view.root, this.cover);
    }
    while (this.views.length > wanted) {
      const view = this.views.pop();
      view.forget();
      view.root.remove();
    }
    this.root.style.setProperty("--maps", wanted);
    const shown = state === "done" || state === "blank";
    this.views.forEach((view, at) => view.show(photo, shown ? maps[at] ?? null : null));
  }

  updateCover() {
    const { data, state } = this;
    this.root.dataset.state = state;
    this.root.setAttribute("aria-busy", String(state === "running" || state === "waiting"));
    const quiet = state in WORDS;
    const lost = state === "lost";
    setShown(this.says, quiet || lost);
    setText(this.heading, lost ? "Picture no longer held" : WORDS[state] ?? "");
    setText(this.message, lost ? "It made room for newer ones. Press try again." : data.message);
    const running = state === "running";
    setShown(this.note, running || state === "waiting");
    setText(this.note, data.note || (running ? "Working" : "Waiting for its turn"));
    setShown(this.progress, running);
    const percent = Math.round(100 * Math.min(Math.max(data.fraction, 0), 1));
    this.fill.style.width = `${percent}%`;
    this.progress.setAttribute("aria-valuenow", String(percent));
    this.progress.setAttribute("aria-label", `${data.title}: ${data.note}`);
  }

  updateWords() {
    const { data, state } = this;
    const badge = JSON.stringify(data.badge);
    if (badge !== this.badgeText) {
      this.badgeText = badge;
      this.badge.className = `badge ${data.badge?.kind ?? ""}`;
      this.badge.replaceChildren(...(data.badge ? badgeParts(data.badge) : []));
      this.badge.title = data.badge?.why ?? "";
      const opener = this.badge.querySelector("button");
      if (opener) {
        if (data.badge.why) opener.setAttribute("aria-description", data.badge.why);
        opener.setAttribute("aria-label", `${data.title}: ${data.badge.text}. See the evidence`);
        opener.onclick = () => this.desk.act({ kind: "evidence", panel: data.key });
      }
    }
    setText(this.sentence, data.sentence);
    setText(this.score, data.score);
    setText(this.seconds, state === "done" || state === "blank" ? duration(data.seconds) : "");
    setShown(this.again, state === "lost" || state === "failed" || state === "stopped");
    const seen = state === "done" || state === "blank";
    const busy = state === "running" || state === "waiting";
    setShown(this.settings, data.knobs.length > 0 && !busy);
    setShown(this.larger, seen);
    setShown(this.save, seen && Boolean(data.downloads.png || data.downloads.npy));
    setShown(this.stop, busy);
    for (const [button, words] of [[this.again, "try again"], [this.settings, "settings"], [this.larger, "larger"], [this.save, "save"]]) {
      button.setAttribute("aria-label", `${data.title}: ${words}`);
    }
    this.stop.setAttribute("aria-label", `Stop ${data.title}`);
  }

  draw() {
    const scale = this.desk.scaleOf(this.data);
    for (const view of this.views) view.draw(this.desk.display, scale);
  }

  lose() {
    if (this.data.state !== "done" && this.data.state !== "blank") return;
    this.lost = true;
    this.updateCover();
    this.updateWords();
  }

  retry() {
    this.desk.act({ kind: "retry", panel: this.data.key });
    if (!this.lost) return;
    // the same addresses may work again by now: ask once more with the next news
    this.lost = false;
    this.text = "";
    for (const view of this.views) view.photo = null;
  }

  forget() {
    for (const view of this.views) view.forget();
    this.root.remove();
  }
}
