export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip"), text = JSON.stringify(data);
  if (strip.dataset.drawn === text) return; // a click that meets a run of the page would fall between old and new
  strip.dataset.drawn = text;
  strip.setAttribute("aria-label", data.label);
  refill(strip, ...data.rows.map((row) => {
    const button = document.createElement("button"), image = document.createElement("img");
    const caption = document.createElement("span");
    image.src = row.url;
    image.alt = "";
    caption.textContent = row.label;
    button.title = row.label;
    button.setAttribute("aria-pressed", String(row.key === data.current));
    button.append(image, caption);
    button.onclick = () => setTriggerValue("chosen", row.key);
    return button;
  }));
}
