// The control strip: play, the slider over the blocks, and the stage in words.

const PLAY = "M4.5 2.8v10.4l8.2-5.2z";
const PAUSE = "M4 3h3v10H4zM9 3h3v10H9z";
const TICK_ROOM = 22; // px that a number of two digits needs

class Controls {
  // `toggle` plays or pauses; `grab`, `seek` and `release` follow a hand on the slider
  constructor({ toggle, grab, seek, release }) {
    this.sign = svg("path", { fill: "currentColor" });
    const drawn = svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, this.sign);
    this.word = el("span");
    this.play = el("button", { type: "button", class: "primary play", onclick: toggle }, drawn, this.word);
    this.slider = el("input", { type: "range", min: "0", step: "1", "aria-label": "Blocks destroyed" });
    this.slider.onpointerdown = grab;
    this.slider.oninput = () => seek(Number(this.slider.value));
    this.slider.onchange = this.slider.onpointerup = this.slider.onpointercancel = release;
    this.blocks = el("div", { class: "blocks", "aria-hidden": "true" });
    this.first = el("span");
    this.last = el("span");
    this.words = el("strong");
    this.name = el("span", { class: "name" });
    this.says = el("span");
    this.warned = el("span");
    this.warning = el("span", { class: "badge care" }, icon("care"), this.warned);
    const lines = [el("span", {}, this.words, " ", this.name), this.says, this.warning];
    this.told = el("div", { class: "told" }, ...lines.map((line) => el("p", {}, line)));
    this.root = el(
      "div", { class: "controls" }, this.play,
      el("div", { class: "track" }, this.blocks, this.slider),
      el("div", { class: "ends", "aria-hidden": "true" }, this.first, this.last),
      this.told,
    );
    this.widths = new ResizeObserver(() => this.ticks());
    this.widths.observe(this.blocks);
    this.playing(false);
  }

  update({ frames, ends, alone }) {
    this.frames = frames;
    this.alone = alone;
    this.slider.max = String(frames.length - 1);
    this.root.style.setProperty("--stages", frames.length);
    if (this.blocks.children.length !== frames.length) {
      this.blocks.replaceChildren(...frames.map((_, at) => el("span", {}, el("i"), el("b", {}, String(at)))));
      this.ticks();
    }
    setText(this.first, ends[0]);
    setText(this.last, ends[1]);
    // the longest words keep the room of all, so that the maps below stand still
    const lines = [(frame) => `${frame.words} ${inBrackets(frame.name)}`, (frame) => frame.says, (frame) => frame.warning];
    lines.forEach((line, at) => {
      const longest = frames.map(line).reduce((one, other) => (other.length > one.length ? other : one));
      this.told.children[at].dataset.longest = longest;
      setShown(this.told.children[at], Boolean(longest));
    });
  }

  show(at) {
    const frame = this.frames[at];
    if (Number(this.slider.value) !== at) this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", frame.words);
    [...this.blocks.children].forEach((block, of) => {
      block.classList.toggle("destroyed", of > 0 && (this.alone ? of === at : of <= at));
      block.classList.toggle("current", of === at);
    });
    setText(this.words, frame.words);
    setText(this.name, inBrackets(frame.name));
    setText(this.says, frame.says);
    setText(this.warned, frame.warning);
    setShown(this.warning, Boolean(frame.warning));
  }

  playing(on) {
    this.sign.setAttribute("d", on ? PAUSE : PLAY);
    setText(this.word, on ? "Pause" : "Play");
    this.play.setAttribute("aria-label", this.word.textContent);
  }

  // Every number where there is room, else every second, third, ...
  ticks() {
    const { clientWidth, children } = this.blocks;
    if (!clientWidth) return;
    const step = Math.ceil((TICK_ROOM * children.length) / clientWidth);
    [...children].forEach((block, at) => block.classList.toggle("unnumbered", at % step > 0));
  }

  forget() {
    this.widths.disconnect();
  }
}

function inBrackets(name) {
  return name ? `(${name})` : "";
}
