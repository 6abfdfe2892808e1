export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table"), text = JSON.stringify(data);
  if (table.dataset.drawn === text) return; // a click that meets a run of the page would fall between old and new
  table.dataset.drawn = text;
  const head = document.createElement("thead"), body = document.createElement("tbody");
  head.append(row(cell("th", "The picture shows ↓   The model said →", "axis"), ...data.columns.map((name) => heading(name, "col"))));
  data.rows.forEach((name, at) => body.append(row(heading(name, "row"), ...data.columns.map((_, to) => count(at, to)))));
  refill(table, head, body);

  function count(at, to) {
    const number = data.counts[at][to], share = data.shares[at][to];
    const same = data.rows[at] === data.columns[to];
    const button = document.createElement("button");
    button.textContent = number;
    button.className = number ? `${same ? "right" : "wrong"}${share > 0.55 ? " deep" : ""}` : "";
    button.style.setProperty("--share", `${Math.round(15 + 85 * share)}%`);
    button.disabled = !number;
    const words = `${number} of ${data.rows[at]}, taken for ${data.columns[to]} (${Math.round(100 * share)} %)`;
    button.title = number ? `${words}. Show them` : "none";
    button.setAttribute("aria-label", words);
    button.setAttribute("aria-pressed", String(data.current?.[0] === at && data.current?.[1] === to));
    button.onclick = () => setTriggerValue("chosen", [at, to]);
    const found = cell("td");
    found.append(button);
    return found;
  }
}

function row(...cells) {
  const line = document.createElement("tr");
  line.append(...cells);
  return line;
}

function cell(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function heading(name, scope) {
  const made = cell("th", name);
  made.scope = scope;
  made.title = name;
  return made;
}
