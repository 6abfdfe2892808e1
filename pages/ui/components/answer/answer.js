export default function ({ data, parentElement }) {
  const said = parentElement.querySelector(".said"), warning = parentElement.querySelector(".warning");
  said.replaceChildren(...data.pieces.map((piece) => {
    const node = document.createElement(piece.strong ? "b" : "span");
    node.textContent = piece.text;
    return node;
  }));
  warning.hidden = !data.warning;
  warning.textContent = data.warning ? `◐ ${data.warning}` : "";
}
