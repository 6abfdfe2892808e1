// The picture under the pointer, with what is known of it.

const CARD = 128; // px of the picture
const SHARPER_AFTER = 120; // ms of hovering

class Card {
  constructor() {
    this.canvas = el("canvas", { width: 2 * CARD, height: 2 * CARD });
    this.image = el("img", { alt: "", hidden: true });
    this.image.onload = () => setShown(this.image, true);
    this.words = el("div", { class: "words" });
    this.root = el("div", { class: "card", hidden: true, "aria-hidden": "true" }, el("div", { class: "shot" }, this.canvas, this.image), this.words);
  }

  show(row, scene, camera, sharper) {
    if (row < 0) return this.hide();
    if (row !== this.row) this.fill(row, scene, sharper);
    const [x, y] = camera.toScreen(scene.places[2 * row], scene.places[2 * row + 1]);
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const left = x + 16 + width > camera.width ? Math.max(4, x - 16 - width) : x + 16;
    this.root.style.left = `${left}px`;
    this.root.style.top = `${Math.max(4, Math.min(camera.height - height - 4, y - height / 2))}px`;
  }

  fill(row, scene, sharper) {
    this.row = row;
    this.root.dataset.row = row;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, 2 * CARD, 2 * CARD);
    context.imageSmoothingQuality = "high";
    setShown(this.canvas.parentNode, drawSprite(context, scene, row, 0, 0, 2 * CARD));
    this.words.replaceChildren(...cardLines(row, scene));
    setShown(this.root, true);
    setShown(this.image, false);
    clearTimeout(this.later);
    if (!sharper) return;
    this.later = setTimeout(() => {
      this.image.src = new URL(sharper.replace("{row}", String(row)), document.baseURI).href;
    }, SHARPER_AFTER);
  }

  hide() {
    clearTimeout(this.later);
    this.row = -1;
    setShown(this.root, false);
  }
}

function cardLines(row, scene) {
  const { facts, colour } = scene;
  const { label, prediction, confidence, outcome } = facts;
  const line = (words, name, more = "") => el("p", {}, words, el("b", {}, name), more);
  const sure = Number.isNaN(confidence[row]) ? "" : ` (${percent(confidence[row]).replaceAll(" ", "\u00a0")})`;
  const lines = [el("p", { class: "title" }, facts.titles[row])];
  if (label[row] >= 0) lines.push(line("Label ", facts.names[label[row]]));
  if (prediction[row] >= 0) lines.push(line("Model says ", facts.names[prediction[row]], sure));
  if (outcome[row] === 1) lines.push(el("p", { class: "wrong" }, "✕ wrong"));
  if (colour.told) lines.push(line(`${colour.title}: `, colourOf(row, scene)));
  return lines;
}

// In words, what colours a point.
function colourOf(row, { colour, shades, own }) {
  if (colour.kind === "groups") return own[row] ?? colour.groups[shades[row]].name;
  if (Number.isNaN(shades[row])) return "not known";
  const size = Math.abs(shades[row]);
  const digits = size ? Math.max(0, Math.min(20, 3 - Math.floor(Math.log10(size)))) : 0;
  return shades[row].toLocaleString("en-US", { maximumFractionDigits: digits, useGrouping: size >= 10_000 });
}

function percent(share) {
  return share > 0.995 && share < 1 ? "over 99 %" : `${Math.round(100 * share)} %`;
}

function inWords(row, scene) {
  const { facts } = scene;
  const told = [facts.titles[row]];
  if (facts.label[row] >= 0) told.push(`label ${facts.names[facts.label[row]]}`);
  if (facts.prediction[row] >= 0) told.push(`the model says ${facts.names[facts.prediction[row]]}`);
  if (!Number.isNaN(facts.confidence[row])) told.push(percent(facts.confidence[row]));
  if (facts.outcome[row] === 1) told.push("wrong");
  if (scene.colour.told) told.push(`${scene.colour.title} ${colourOf(row, scene)}`);
  return told.join(", ");
}
