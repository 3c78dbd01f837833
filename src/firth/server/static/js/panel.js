// Right of the map: the item that was chosen, or what the open screen has to say.

import { fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { itemPanel } from "./itempanel.js";

const ALWAYS = ["panel", "selected", "screen", "hits", "query", "order", "group", "searching", "hidden", "space", "status", "maps"];

export class Panel {
  constructor(app) {
    this.app = app;
    this.body = h("div.panel-body");
    this.element = h("aside.panel", { "aria-label": t("panel"), tabindex: "-1" }, this.body);
    const keys = [...ALWAYS, "plane", "sides", "compare", "change", "jobs", "states", "progress", "comparison", "shown", "painted"];
    this.offs = [app.store.on(keys, (state, changed) => this.#changed(state, changed))];
  }

  #changed(state, changed) {
    const showsItem = state.panel === "item" && state.selected !== null;
    // an open item does not care for searches, except for what they highlight and take as examples
    if (showsItem && !["panel", "selected", "screen", "query", "hits"].some((key) => changed.has(key))) return;
    this.render();
  }

  render() {
    const { app } = this;
    const { state } = app;
    const showsItem = state.panel === "item" && state.selected !== null;
    const place = `${state.screen}:${showsItem ? state.selected : ""}`;
    const scrolled = place === this.place ? this.element.scrollTop : 0;
    const focus = document.activeElement?.closest?.("[data-key]")?.dataset.key;
    const typed = place === this.place ? this.#typed() : [];
    this.place = place;
    fill(this.body, showsItem ? itemPanel(app, state.selected) : app.screen.panel(app));
    for (const [key, value] of typed) {
      const input = this.body.querySelector(`input[data-key="${CSS.escape(key)}"]`);
      if (input) input.value = value;
    }
    this.element.scrollTop = scrolled;
    if (focus) this.body.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  }

  /** What somebody has begun to write stays, whatever news come meanwhile. */
  #typed() {
    return [...this.body.querySelectorAll("input[type=text][data-key]")].map((input) => [input.dataset.key, input.value]);
  }

  dispose() {
    this.offs.forEach((off) => off());
  }
}
