// One panel over the whole window: the picture at full size, what it says, how not to read it, and the evidence.

const MOST_LARGE = 1600;
const MODES = [["over", "Map over picture"], ["beside", "Side by side"], ["bare", "Picture only"]];
let largerCount = 0;

class LargerView {
  constructor(root, desk) {
    this.desk = desk;
    this.views = [];
    const id = `larger-${(largerCount += 1)}`;
    this.title = el("h2", { id });
    this.badge = el("div", { class: "badge" });
    const close = el("button", { type: "button", class: "round", "aria-label": "Close" }, icon("close"));
    close.onclick = () => this.dialog.close();
    this.mode = segments(`${id}-mode`, "", MODES, (mode) => this.turn(mode));
    this.mode.root.setAttribute("aria-label", "What to show");
    this.bar = displayBar(desk.change);
    this.pictures = el("div", { class: "pictures" });
    this.lost = el("p", { class: "wrong", hidden: true }, "Picture no longer held; close this and press try again.");
    this.sentence = el("p", { class: "says" });
    this.caution = el("p", { class: "caution" });
    this.score = el("p", { class: "score" });
    this.save = el("div", { class: "buttons" });
    this.details = el("div", { class: "details" });
    this.dialog = el(
      "dialog",
      { class: "larger", "aria-labelledby": id },
      el("header", {}, this.title, this.badge, this.mode.root, close),
      this.bar.root, this.lost, this.pictures,
      el("div", { class: "reading" }, this.sentence, this.caution, this.score, this.save),
      this.details,
    );
    this.dialog.onclick = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    this.dialog.onclose = () => this.empty();
    root.append(this.dialog);
  }

  get open() {
    return this.dialog.open;
  }

  show(card) {
    this.card = card;
    this.turn("over");
    this.update();
    this.dialog.showModal();
    this.draw();
  }

  turn(mode) {
    this.dialog.dataset.mode = mode;
    this.mode.set(mode);
  }

  update() {
    const { data } = this.card;
    const text = JSON.stringify(data);
    if (text === this.text) return;
    this.text = text;
    setText(this.title, data.title);
    this.badge.className = this.card.badge.className;
    this.badge.replaceChildren(...(data.badge ? badgeParts({ ...data.badge, evidence: false }) : []));
    this.badge.title = data.badge?.why ?? "";
    setText(this.sentence, data.sentence);
    this.caution.replaceChildren(el("strong", {}, "How not to read this: "), data.caution);
    setShown(this.caution, data.caution !== "");
    setText(this.score, data.score);
    setShown(this.lost, false);
    this.arrange(data);
    const extras = JSON.stringify(data.extras);
    if (extras !== this.extras) {
      this.extras = extras;
      this.details.replaceChildren(...drawDetails(data.extras));
    }
  }

  // One bare picture, then one view per map.
  arrange({ photo, maps }) {
    while (this.views.length > maps.length + 1) this.views.pop().root.remove();
    while (this.views.length < maps.length + 1) {
      const bare = this.views.length === 0;
      const view = new PictureView({
        most: MOST_LARGE, clamp: false, legend: !bare, onLost: () => setShown(this.lost, true),
      });
      view.root.classList.toggle("bare", bare);
      this.views.push(view);
      this.pictures.append(view.root);
    }
    this.pictures.style.setProperty("--photo", photo.width / photo.height);
    this.pictures.style.setProperty("--maps", Math.max(1, maps.length));
    this.views.forEach((view, at) => view.show(photo, at ? maps[at - 1] : null, "full_url"));
  }

  draw() {
    if (!this.open) return;
    const { display, scaleOf } = this.desk;
    const scale = scaleOf(this.card.data);
    this.bar.set(display);
    for (const view of this.views) view.draw(display, scale);
    const links = saveLinks(this.card.data, display, scale);
    for (const link of links) link.className = "plain";
    this.save.replaceChildren(...links);
  }

  empty() {
    for (const view of this.views) {
      view.forget();
      view.root.remove();
    }
    this.views = [];
    this.text = this.extras = "";
    this.card = null;
  }
}
