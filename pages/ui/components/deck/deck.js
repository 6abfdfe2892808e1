// Cards of concepts: a click on a card takes it into the question or out of it, the pencil opens it.

const decks = new WeakMap();
const PENCIL = "M2.5 13.5l.7-3 7.6-7.6 2.3 2.3-7.6 7.6zM9.5 4.2l2.3 2.3";

class Deck {
  constructor(parent) {
    this.actions = new Actions();
    this.root = parent.querySelector(".deck");
    this.cards = new Map();
  }

  update({ data, setTriggerValue }) {
    this.actions.send = (action) => setTriggerValue("action", action);
    this.actions.heard(data.heard);
    this.root.setAttribute("aria-label", data.label);
    const text = JSON.stringify(data.cards);
    if (text === this.drawn) return; // pictures that are there need not be asked for again
    this.drawn = text;
    const made = new Map();
    for (const card of data.cards) {
      const held = this.cards.get(card.key);
      const same = held && String(held.card.urls) === String(card.urls) && held.card.title === card.title;
      const node = same ? held.node : this.made(card);
      made.set(card.key, { card, node });
      this.mark(node, card);
    }
    this.cards = made;
    refill(this.root, ...[...made.values()].map(({ node }) => node));
  }

  mark(node, card) {
    node.classList.toggle("chosen", card.chosen);
    node.classList.toggle("open", card.open);
    node.querySelector(".pick")?.setAttribute("aria-pressed", String(card.chosen));
    setText(node.querySelector(".note"), card.note);
    node.title = card.hint;
    node.querySelector(".pick")?.setAttribute("aria-description", card.hint);
  }

  made(card) {
    const pictures = card.urls.map((url) => el("img", { src: url, alt: "", loading: "lazy" }));
    const act = (kind) => () => this.actions.act({ kind, card: card.key });
    const edit = el("button", { class: "edit", "aria-label": `Open ${card.title}`, title: "Look inside and change", onclick: act("open") });
    edit.append(svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PENCIL })));
    return el(
      "div",
      { class: "card" },
      el(
        "button",
        { class: "pick", onclick: act("toggle") },
        el("span", { class: "pictures" }, ...pictures),
        el("span", { class: "title" }, card.title),
        el("span", { class: "note" }),
      ),
      edit,
    );
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  if (!decks.has(parent)) decks.set(parent, new Deck(parent));
  decks.get(parent).update(component);
  return () => {
    decks.get(parent)?.actions.forget();
    decks.delete(parent);
  };
}
