// A small sheet that opens beside the button that called it: Escape or a click elsewhere closes it.

class Menu {
  constructor(root, label) {
    this.sheet = el("div", { class: "menu", popover: "auto", role: "dialog", "aria-label": label });
    root.append(this.sheet);
    this.place = this.place.bind(this);
    this.sheet.ontoggle = (event) => {
      const open = event.newState === "open";
      this.opener?.setAttribute("aria-expanded", String(open));
      const change = open ? "addEventListener" : "removeEventListener";
      window[change]("scroll", this.place, { capture: true, passive: true });
      window[change]("resize", this.place);
      if (!open) this.owner = null;
    };
  }

  // `owner` tells whose sheet it is, so that the owner's news can reach it while it is open
  toggle(opener, owner, ...content) {
    if (this.owner === owner) {
      this.close();
      return;
    }
    this.opener?.setAttribute("aria-expanded", "false");
    this.sheet.replaceChildren(...content);
    if (!this.open) this.sheet.showPopover();
    Object.assign(this, { opener, owner });
    opener.setAttribute("aria-expanded", "true");
    this.place();
    this.sheet.querySelector("input, select, a, button")?.focus({ preventScroll: true });
  }

  get open() {
    return this.sheet.matches(":popover-open");
  }

  close() {
    if (this.open) this.sheet.hidePopover();
  }

  // Below the button where there is room, else above; never over the window's edge.
  place(event) {
    if (!this.opener || (event?.target instanceof Node && this.sheet.contains(event.target))) return;
    const button = this.opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.sheet;
    const below = button.bottom + 6 + height <= window.innerHeight;
    const top = below ? button.bottom + 6 : Math.max(8, button.top - 6 - height);
    const left = Math.min(button.left, window.innerWidth - width - 8);
    this.sheet.style.top = `${top}px`;
    this.sheet.style.left = `${Math.max(8, left)}px`;
  }
}

// The links that take a panel's result away.
function saveLinks(panel, display, scale) {
  const { png, npy } = panel.downloads;
  const links = [];
  if (png) {
    const address = new URL(png, document.baseURI);
    for (const [name, value] of new URLSearchParams(query(display, scale))) address.searchParams.set(name, value);
    links.push(el("a", { class: "item", href: address.href, download: "" }, "Picture with map (PNG, full size)"));
  }
  if (npy) {
    const address = new URL(npy, document.baseURI);
    links.push(el("a", { class: "item", href: address.href, download: "" }, "Raw numbers (.npy)"));
  }
  return links;
}
