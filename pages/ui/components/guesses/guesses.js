const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("ul"), text = JSON.stringify(data);
  if (list.dataset.drawn === text) return; // a click that meets a run of the page would fall between old and new
  list.dataset.drawn = text;
  list.setAttribute("aria-label", "The model's best guesses; choose one to explain it");
  refill(list, ...data.rows.map((row) => {
    const item = make("li"), button = make("button"), track = make("span", "track"), bar = make("span", "bar");
    bar.style.width = `${Math.max(row.share, 0.005) * 100}%`;
    track.append(bar);
    button.append(make("span", "label", row.label), make("span", "words", row.words), track);
    button.title = `${row.label}: ${row.words}. Explain this class`;
    button.setAttribute("aria-pressed", String(row.index === data.target));
    button.onclick = () => setTriggerValue("chosen", row.index);
    item.append(button);
    return item;
  }));
}
