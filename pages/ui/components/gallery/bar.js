// The display bar: how every map on the page is drawn. It only tells what was chosen.

const COLOURS = [
  ["inferno", "Inferno"],
  ["viridis", "Viridis"],
  ["orange-blue", "Orange and blue"],
  ["jet", "Classic (jet)"],
];

let barCount = 0;

// `change(patch, final)`: `final` is false while a slider is being dragged.
function displayBar(change) {
  const id = `bar-${(barCount += 1)}`;
  const opacity = slider(`${id}-opacity`, "Opacity", 0, 100, (percent, final) =>
    change({ opacity: percent / 100 }, final));
  const strongest = slider(`${id}-strongest`, "Show", 1, 100, (percent, final) =>
    change({ strongest: percent }, final));
  const colours = el("select", { id: `${id}-colours` }, ...COLOURS.map(([value, words]) => el("option", { value }, words)));
  colours.onchange = () => change({ colours: colours.value }, true);
  const smooth = segments(`${id}-smooth`, "Detail", [[true, "Smooth"], [false, "Blocky"]], (value) =>
    change({ smooth: value }, true));
  const sign = segments(
    `${id}-sign`, "Evidence", [["both", "Both"], ["for", "For"], ["against", "Against"]],
    (value) => change({ sign: value }, true),
  );
  const scale = segments(`${id}-scale`, "Scale", [[false, "Each its own"], [true, "Same"]], (value) =>
    change({ shared_scale: value }, true));
  const root = el(
    "div",
    { class: "bar", role: "group", "aria-label": "How the maps are drawn" },
    opacity.root,
    el("div", { class: "part" }, el("label", { for: `${id}-colours` }, "Colours"), colours),
    smooth.root,
    sign.root,
    strongest.root,
    scale.root,
  );
  const set = (display) => {
    opacity.set(Math.round(display.opacity * 100), (percent) => `${percent} %`);
    strongest.set(display.strongest, (percent) => (percent === 100 ? "everything" : `strongest ${percent} %`));
    if (colours.value !== display.colours) colours.value = display.colours;
    smooth.set(display.smooth);
    sign.set(display.sign);
    scale.set(display.shared_scale);
  };
  return { root, set };
}

function slider(id, label, low, high, change) {
  const input = el("input", { type: "range", id, min: String(low), max: String(high), step: "1" });
  const output = el("output", { for: id });
  input.oninput = () => change(Number(input.value), false);
  input.onchange = () => change(Number(input.value), true);
  const set = (value, words) => {
    if (Number(input.value) !== value) input.value = value;
    setText(output, words(value));
    input.setAttribute("aria-valuetext", words(value));
  };
  return { root: el("div", { class: "part slider" }, el("label", { for: id }, label), input, output), set };
}

function segments(name, label, choices, change) {
  const inputs = choices.map(([value, words], at) => {
    const input = el("input", { type: "radio", name, id: `${name}-${at}` });
    input.onchange = () => input.checked && change(value);
    return { value, input, root: el("label", { for: `${name}-${at}` }, input, el("span", {}, words)) };
  });
  const row = el("div", { class: "segments" }, ...inputs.map((choice) => choice.root));
  const title = el("span", { id: `${name}-title` }, label);
  const root = el("div", { class: "part", role: "radiogroup", "aria-labelledby": `${name}-title` }, title, row);
  const set = (value) => {
    for (const choice of inputs) if (choice.input.checked !== (choice.value === value)) choice.input.checked = choice.value === value;
  };
  return { root, set };
}
