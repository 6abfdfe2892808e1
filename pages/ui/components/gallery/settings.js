// The form of a method's settings, made from its knobs. Nothing is sent before Apply.

function settingsForm(panel, { apply, reset }) {
  const fields = panel.knobs.map((knob) => settingField(knob));
  const send = el("button", { type: "submit", class: "primary" }, "Apply");
  const back = el("button", { type: "button", class: "plain", onclick: reset }, "Reset to defaults");
  const form = el(
    "form",
    { class: "settings", noValidate: true },
    el("h4", { "aria-level": "3" }, panel.title),
    ...fields.map((field) => field.root),
    el("div", { class: "buttons" }, send, back),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    const wrong = fields.find((field) => !field.check());
    if (wrong) {
      wrong.input.focus();
      return;
    }
    apply(Object.fromEntries(fields.map((field) => [field.name, field.read()])));
  };
  return form;
}

let fieldCount = 0;

function settingField(knob) {
  const id = `knob-${(fieldCount += 1)}`;
  const made = FIELDS[knob.kind](knob);
  made.input.id = id;
  made.input.setAttribute("aria-describedby", `${id}-help`);
  const unit = knob.unit ? el("span", { class: "unit" }, knob.unit) : null;
  const label = el("label", { for: id }, capital(knob.label));
  const wrong = el("p", { class: "wrong", role: "alert", hidden: true });
  const help = el("p", { class: "help", id: `${id}-help` }, knob.help);
  const row = el("div", { class: "control" }, made.input, unit);
  const root = el("div", { class: `field ${knob.kind}` }, label, row, wrong, help);
  const check = () => {
    const complaint = made.complaint?.() ?? "";
    setText(wrong, complaint);
    setShown(wrong, complaint !== "");
    made.input.setAttribute("aria-invalid", String(complaint !== ""));
    return complaint === "";
  };
  // complaints come with Apply and go while typing: one that came on leaving a field would move what is being clicked
  made.input.oninput = () => wrong.hidden || check();
  return { root, check, name: knob.name, input: made.input, read: made.read };
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function numberField(knob) {
  const input = el("input", { type: "number", inputmode: knob.kind === "int" ? "numeric" : "decimal" });
  for (const [name, value] of [["min", knob.low], ["max", knob.high], ["step", knob.step ?? "any"]]) {
    if (value !== null && value !== undefined) input.setAttribute(name, value);
  }
  input.value = knob.value;
  const complaint = () => {
    const value = input.valueAsNumber;
    const { low, high } = knob;
    if (Number.isNaN(value)) return "Write a number.";
    if (knob.kind === "int" && !Number.isInteger(value)) return "Write a whole number.";
    const below = low !== null && low !== undefined && value < low;
    const above = high !== null && high !== undefined && value > high;
    if (!below && !above) return "";
    if (high === null || high === undefined) return `At least ${low}.`;
    if (low === null || low === undefined) return `At most ${high}.`;
    return `Between ${low} and ${high}.`;
  };
  return { input, read: () => input.valueAsNumber, complaint };
}

function boolField(knob) {
  const input = el("input", { type: "checkbox", checked: Boolean(knob.value) });
  return { input, read: () => input.checked };
}

function choiceField(knob) {
  const options = knob.choices.map(({ value, label }, at) => {
    const option = el("option", { value: String(at) }, label);
    option.selected = value === knob.value;
    return option;
  });
  const input = el("select", {}, ...options);
  return { input, read: () => knob.choices[Number(input.value)].value };
}

const FIELDS = { bool: boolField, int: numberField, float: numberField, choice: choiceField };
