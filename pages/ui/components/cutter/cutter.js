// Boxes drawn on a picture: drag on free ground for a new one, drag a box to move it, × or Delete to take it away.
// Coordinates are pixels of the original picture, whatever size it is shown at.

const cutters = new WeakMap();
const STEP = 0.02; // of the picture's width, for the arrow keys

class Cutter {
  constructor(parent) {
    this.actions = new Actions();
    this.boxes = [];
    this.chosen = -1;
    this.root = parent.querySelector(".cutter");
    this.image = el("img", { alt: "", draggable: "false" });
    this.sheet = el("div", { class: "sheet", tabindex: "0", role: "application" });
    this.live = el("div", { class: "live", "aria-live": "polite" });
    this.root.replaceChildren(this.image, this.sheet, this.live);
    this.sheet.onpointerdown = (event) => this.press(event);
    this.sheet.onpointermove = (event) => this.drag(event);
    this.sheet.onpointerup = () => this.release();
    this.sheet.onpointercancel = () => this.release();
    this.sheet.onkeydown = (event) => this.key(event);
  }

  update({ data, setStateValue }) {
    // state, not a trigger: it travels with whatever is pressed next, so that the last box is not lost when another
    // picture is chosen at once
    this.actions.send = (action) => setStateValue("action", action);
    this.actions.heard(data.heard);
    // what Python heard a moment ago must not undo what has been drawn since
    const other = this.data?.picture !== data.picture || this.data?.version !== data.version;
    this.data = data;
    if (other) {
      this.boxes = data.boxes.map((box) => [...box]);
      this.chosen = -1;
      if (this.image.getAttribute("src") !== data.url) this.image.src = data.url;
      this.image.width = data.width; // the space is there before the picture is
      this.image.height = data.height;
      this.sheet.setAttribute("aria-label", data.label);
    }
    this.draw();
  }

  at(event) {
    const area = this.sheet.getBoundingClientRect();
    const { width, height } = this.data;
    const inside = (value, most) => Math.max(0, Math.min(most, value));
    return [
      inside(((event.clientX - area.left) / area.width) * width, width),
      inside(((event.clientY - area.top) / area.height) * height, height),
    ];
  }

  press(event) {
    if (event.button || event.target.closest("button")) return;
    event.preventDefault();
    this.sheet.focus({ preventScroll: true });
    this.sheet.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    const box = event.target.closest(".box");
    this.chosen = box ? Number(box.dataset.at) : -1;
    this.held = box ? { from: [x, y], start: [...this.boxes[this.chosen]] } : { from: [x, y], fresh: [x, y, x, y] };
    this.draw();
  }

  drag(event) {
    if (!this.held) return;
    const [x, y] = this.at(event);
    const { from, start, fresh } = this.held;
    if (fresh) this.held.fresh = [Math.min(from[0], x), Math.min(from[1], y), Math.max(from[0], x), Math.max(from[1], y)];
    else this.boxes[this.chosen] = this.moved(start, x - from[0], y - from[1]);
    this.draw();
  }

  release() {
    const { held } = this;
    if (!held) return;
    this.held = null;
    if (held.fresh) {
      if (!this.large(held.fresh)) return this.draw();
      this.boxes.push(held.fresh);
      this.chosen = this.boxes.length - 1;
    } else if (String(held.start) === String(this.boxes[this.chosen])) {
      return this.draw();
    }
    this.tell();
  }

  moved([left, top, right, bottom], dx, dy) {
    const { width, height } = this.data;
    const x = Math.max(-left, Math.min(width - right, dx));
    const y = Math.max(-top, Math.min(height - bottom, dy));
    return [left + x, top + y, right + x, bottom + y];
  }

  // The right lower corner moves.
  sized([left, top, right, bottom], dx, dy) {
    const { width, height, least } = this.data;
    const inside = (value, from, most) => Math.max(Math.min(from + least, most), Math.min(most, value));
    return [left, top, inside(right + dx, left, width), inside(bottom + dy, top, height)];
  }

  large([left, top, right, bottom]) {
    return Math.min(right - left, bottom - top) >= this.data.least;
  }

  key(event) {
    if (event.key.length === 1) event.stopPropagation(); // Streamlit has one-letter shortcuts
    const { width, height } = this.data;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Enter" && event.target === this.sheet) {
      this.boxes.push([width / 3, height / 3, (2 * width) / 3, (2 * height) / 3]);
      this.chosen = this.boxes.length - 1;
    } else if ((event.key === "Delete" || event.key === "Backspace") && this.boxes.length) {
      this.boxes.splice(this.chosen < 0 ? this.boxes.length - 1 : this.chosen, 1);
      this.chosen = -1;
      this.sheet.focus({ preventScroll: true });
    } else if (arrows[event.key] && this.chosen >= 0) {
      const [x, y] = arrows[event.key];
      const change = event.shiftKey ? "sized" : "moved";
      this.boxes[this.chosen] = this[change](this.boxes[this.chosen], x * STEP * width, y * STEP * width);
    } else {
      return;
    }
    event.preventDefault();
    this.tell();
  }

  remove(at) {
    this.boxes.splice(at, 1);
    this.chosen = -1;
    this.sheet.focus({ preventScroll: true });
    this.tell();
  }

  tell() {
    this.draw();
    setText(this.live, this.words());
    const boxes = this.boxes.map((box) => box.map(Math.round));
    this.actions.act({ kind: "boxes", picture: this.data.picture, boxes });
  }

  words() {
    const { boxes, chosen } = this;
    if (chosen < 0) return `${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`;
    const [left, top, right, bottom] = boxes[chosen].map(Math.round);
    return `Box ${chosen + 1} of ${boxes.length}: ${right - left} by ${bottom - top} pixels, ${left} from the left, ${top} from the top`;
  }

  draw() {
    const { width, height } = this.data;
    const shown = this.held?.fresh ? [...this.boxes, this.held.fresh] : this.boxes;
    while (this.sheet.children.length > shown.length) this.sheet.lastChild.remove();
    shown.forEach((box, at) => {
      const node = this.sheet.children[at] ?? this.sheet.appendChild(this.made(at));
      const [left, top, right, bottom] = box;
      node.style.left = `${(100 * left) / width}%`;
      node.style.top = `${(100 * top) / height}%`;
      node.style.width = `${(100 * (right - left)) / width}%`;
      node.style.height = `${(100 * (bottom - top)) / height}%`;
      node.classList.toggle("chosen", at === this.chosen);
      node.classList.toggle("small", !this.large(box));
    });
  }

  made(at) {
    const button = el("button", { "aria-label": `Remove box ${at + 1}`, title: "Remove", onclick: () => this.remove(at) }, "×");
    button.onfocus = () => {
      this.chosen = at; // the keys mean this box now
      this.draw();
    };
    return el("div", { class: "box", "data-at": String(at) }, el("span", { class: "number" }, String(at + 1)), button);
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  if (!cutters.has(parent)) cutters.set(parent, new Cutter(parent));
  cutters.get(parent).update(component);
  return () => {
    cutters.get(parent)?.actions.forget();
    cutters.delete(parent);
  };
}
