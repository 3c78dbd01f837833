// Left of the map: what is coloured by what; a click on a line hides or shows its items.

import { api } from "./api.js";
import { choices } from "./colouring.js";
import { fill, h, icon, s } from "./dom.js";
import { number, t } from "./i18n.js";
import { vectorNames } from "./state.js";
import { fieldLabel, isTag } from "./tags.js";

const SHAPES = { text: "M5 1.500a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7z", image: "M1.800 1.800h6.400v6.400H1.800z", vector: "M5 .8L9.200 5L5 9.200L.8 5z" };

export class Legend {
  constructor(app) {
    this.app = app;
    this.list = h("ul.entries");
    this.select = h("select", { id: "colour-by", onchange: () => app.store.set({ colour: this.select.value }) });
    this.shapes = h("ul.shapes");
    this.body = h("div.legend-body", {},
      h("div.maps", {}), h("label", { for: "colour-by" }, t("colourBy")), this.select, this.list, this.shapes);
    this.toggle = h("button.legend-toggle", {
      type: "button", "aria-expanded": "false", onclick: () => this.#toggle(),
    }, icon("legend"), h("span", {}, t("legend")));
    this.element = h("aside.legend", { "aria-label": t("legend") }, this.toggle, this.body);
    this.offs = [app.store.on(["columns", "status", "space", "maps", "screen"], () => this.render())];
  }

  #toggle() {
    const open = this.element.classList.toggle("open");
    this.toggle.setAttribute("aria-expanded", String(open));
  }

  render() {
    const { app } = this;
    const { columns, status, colour } = app.state;
    const made = app.painter.colours;
    const own = made && made.special;
    const [tags, others] = [true, false].map((wanted) => choices(columns, status.items).filter(({ label }) => isTag(label) === wanted));
    const options = [["region", t("regions")], ...others.map(({ name, label }) => [name, name === "kind" ? t("kind") : label])];
    const extra = app.screen.extraColour?.(app);
    if (extra) options.unshift([extra.name, extra.title]);
    if (own) options.unshift([made.name, made.title]);
    const option = ([value, label]) => h("option", { value, selected: value === (own ? made.name : colour) }, label);
    fill(this.select, options.map(option), tags.length
      ? h("optgroup", { label: t("tags") }, tags.map(({ name, label }) => option([name, fieldLabel(label)]))) : null);
    this.select.disabled = Boolean(own);
    this.#space();
    this.#entries(made);
    this.#shapes();
  }

  /** Which named vector the map shows, where there is more than one. */
  #space() {
    const { app } = this;
    const spaces = vectorNames(app.state.status);
    const offered = api.standalone ? spaces.filter((space) => app.state.maps.some((map) => map.space === space)) : spaces;
    const holder = this.body.querySelector(".maps");
    if (offered.length < 2 || !app.screen.spaces) return fill(holder);
    const select = h("select", { id: "space", onchange: () => app.store.set({ space: select.value }) },
      offered.map((space) => h("option", { value: space, selected: space === app.state.space }, space)));
    return fill(holder, h("label", { for: "space" }, t("space")), select);
  }

  #entries(made) {
    if (!made) return fill(this.list);
    const off = this.app.state.hidden[made.name] ?? [];
    return fill(this.list, made.entries.filter((entry) => entry.label !== undefined).map(({ label, shown, other, count, colour }) => {
      const on = !off.includes(label);
      return h("li", {}, h("button.entry", {
        type: "button", "aria-pressed": String(on), title: t(on ? "hide" : "show", { name: label }),
        onclick: (event) => this.#flip(made, label, event.shiftKey || event.altKey),
        ondblclick: () => this.#flip(made, label, true),
      }, h("span.swatch", { style: { background: colour } }), h("span.name", { dir: "auto" }, other ? t("other") : shown ?? this.#named(made, label)),
      h("span.n", {}, number(count))));
    }), off.length ? h("li", {}, h("button.plain.all", { type: "button", onclick: () => this.#hide(made.name, []) }, t("showAll"))) : null);
  }

  #named(made, label) {
    return made.name === "kind" ? t(`kind.${label}`) : label;
  }

  /** Hides or shows one line; `alone` leaves only it, or brings all back. */
  #flip(made, label, alone) {
    const off = this.app.state.hidden[made.name] ?? [];
    const others = made.entries.map((entry) => entry.label).filter((one) => one !== label);
    if (alone) return this.#hide(made.name, off.length === others.length && !off.includes(label) ? [] : others);
    return this.#hide(made.name, off.includes(label) ? off.filter((one) => one !== label) : [...off, label]);
  }

  #hide(name, labels) {
    this.app.store.set({ hidden: { ...this.app.state.hidden, [name]: labels } });
  }

  #shapes() {
    const kinds = Object.keys(this.app.state.status.kinds);
    fill(this.shapes, kinds.length > 1 ? kinds.map((kind) => h("li", {},
      s("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, s("path", { d: SHAPES[kind] ?? SHAPES.vector })), t(`kind.${kind}`))) : []);
  }

  dispose() {
    this.offs.forEach((off) => off());
  }
}
