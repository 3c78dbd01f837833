// The card beside the pointer: what lies under it.

import { fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { isTag } from "./tags.js";
import { titleOf } from "./titles.js";

const FIELDS = 3;

export class HoverCard {
  constructor(app) {
    this.app = app;
    this.element = h("div.hover", { hidden: true, "aria-hidden": "true" });
  }

  /** The pointer, or the cursor of the keys, is over an item (null for none). */
  async over(number, plot, i, { byKey = false } = {}) {
    const { app } = this;
    if (number === app.state.hovered && !byKey) return;
    app.store.set({ hovered: number });
    plot.host.classList.toggle("pointing", number !== null);
    if (number === null) return this.hide();
    await app.items.need([number]);
    if (app.state.hovered !== number || !plot.frame) return;
    const item = app.items.get(number);
    if (!item) return this.hide();
    this.#show(item, plot, i);
    if (byKey) app.say(`${t(`kind.${item.kind}`)}: ${titleOf(item)}`);
  }

  #show(item, plot, i) {
    const picture = this.app.thumbs.address(item.item, 192);
    const shown = (value) => value !== null && value !== "" && String(value).length < 60 && String(value) !== titleOf(item);
    const fields = Object.entries(item.fields ?? {}).filter(([name, value]) => !isTag(name) && shown(value)).slice(0, FIELDS);
    fill(this.element,
      picture ? h("img", { src: picture, alt: "" }) : null,
      h("p.title", { dir: "auto" }, titleOf(item)),
      item.kind === "text" && item.text && item.text !== item.title ? h("p.text", { dir: "auto" }, clip(item.text, 140)) : null,
      fields.map(([name, value]) => h("p.pair", {}, h("span", {}, name), h("span", { dir: "auto" }, String(value)))));
    this.element.hidden = false;
    const box = plot.host.getBoundingClientRect();
    const [x, y] = plot.project(i);
    const { offsetWidth: w, offsetHeight: high } = this.element;
    const left = box.left + x + 18 + w > innerWidth ? box.left + x - 18 - w : box.left + x + 18;
    const top = Math.min(Math.max(box.top + y - high / 2, 8), innerHeight - high - 8);
    this.element.style.transform = `translate(${Math.max(left, 8)}px, ${top}px)`;
  }

  hide() {
    this.element.hidden = true;
  }
}

const clip = (text, length) => {
  const signs = Array.from(text);
  return signs.length > length ? `${signs.slice(0, length).join("")}…` : text;
};
