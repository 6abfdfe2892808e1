export default function ({ data, parentElement, setTriggerValue }) {
  const album = parentElement.querySelector(".album");
  const text = JSON.stringify(data);
  if (album.dataset.drawn === text) return; // pictures that are there need not be asked for again
  album.dataset.drawn = text;
  album.setAttribute("aria-label", data.label);
  if (data.across) album.style.setProperty("--across", `repeat(${data.across}, minmax(0, 1fr))`);
  refill(album, ...data.rows.map((row, at) => {
    const button = document.createElement("button"), image = document.createElement("img");
    image.src = row.url;
    image.alt = "";
    image.loading = "lazy";
    button.append(image, line("title", row.title));
    if (row.note) button.append(line(row.wrong ? "note wrong" : "note", row.note));
    button.title = [row.title, row.note].filter(Boolean).join(": ");
    if (!button.title) button.setAttribute("aria-label", `${data.label}, ${at + 1}`);
    button.setAttribute("aria-pressed", String(row.key === data.current));
    button.onclick = () => setTriggerValue("chosen", row.key);
    return button;
  }));
}

function line(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}
