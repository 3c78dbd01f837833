// The top of the page: screens, the search box with its examples, language and light.

import { api } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { searchWithPicture } from "./examples.js";
import { language, LANGUAGES, NAMES, number, t } from "./i18n.js";
import { SCREENS } from "./screens/all.js";
import { asks, emptyQuery } from "./state.js";

export class TopBar {
  constructor(app) {
    this.app = app;
    this.tabs = h("nav.tabs", { "aria-label": t("screens") });
    this.chips = h("div.chips");
    this.count = h("span.count");
    this.element = h("header.top", {},
      h("a.brand", { href: "#map", title: t("aboutFirth") }, this.#waves(), "firth"),
      this.tabs, this.#form(), h("div.right", {}, this.count, this.#language(), this.#light()));
    const { store } = app;
    this.offs = [
      store.on(["screen", "status", "maps"], () => this.#tabs()),
      store.on(["query", "searching"], () => this.#query()),
      store.on(["status"], () => this.#count()),
    ];
    this.#tabs();
    this.#query();
    this.#count();
  }

  #waves() {
    return h("span.waves", { "aria-hidden": "true" });
  }

  offers(id) {
    return !api.standalone || SCREENS[id].standalone?.(this.app);
  }

  #tabs() {
    const { screen } = this.app.state;
    const offered = Object.values(SCREENS).filter(({ id }) => this.offers(id));
    fill(this.tabs, offered.map(({ id }) => h("a", {
      href: `#${id}`, "aria-current": id === screen ? "page" : null, "data-screen": id,
      onclick: (event) => {
        event.preventDefault();
        this.app.store.set({ screen: id, panel: "screen" });
      },
    }, icon(id), h("span", {}, t(`screen.${id}`)))));
    // only the strip of tabs may move: scrollIntoView would move the page as well
    const current = this.tabs.querySelector("[aria-current]");
    if (current) this.tabs.scrollLeft = current.offsetLeft - this.tabs.clientWidth / 3;
  }

  #form() {
    const { app } = this;
    this.input = h("input", {
      type: "search", name: "q", autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
      placeholder: t("searchHint"), "aria-label": t("search"), value: app.state.query.text,
    });
    this.input.addEventListener("search", () => !this.input.value && this.#ask());
    const file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.#picture(file) });
    const kinds = Object.keys(app.state.status.kinds);
    this.kind = h("select", { "aria-label": t("kind"), onchange: () => this.#ask(false) },
      h("option", { value: "" }, t("allKinds")),
      kinds.map((kind) => h("option", { value: kind }, t(`kind.${kind}`))));
    const withPicture = h("button.plain", { type: "button", title: t("searchPicture"), "aria-label": t("searchPicture"), onclick: () => file.click() }, icon("picture"));
    return h("form.search", { role: "search", onsubmit: (event) => {
      event.preventDefault();
      this.#ask();
    } }, h("div.field", {}, icon("search"), this.chips, this.input, api.standalone ? null : withPicture, file),
    kinds.length > 1 ? this.kind : null);
  }

  #ask(open = true) {
    const { app } = this;
    const query = { ...app.state.query, text: this.input.value, kind: this.kind.value };
    const screen = open && asks(query) && !["map", "search"].includes(app.state.screen) ? app.state.screen : null;
    app.store.set({ query, group: null, panel: screen ? app.state.panel : "screen" });
  }

  async #picture(input) {
    const [file] = input.files;
    input.value = "";
    if (file) await searchWithPicture(this.app, file);
  }

  #query() {
    const { query, searching } = this.app.state;
    if (document.activeElement !== this.input) this.input.value = query.text;
    this.kind.value = query.kind;
    this.element.classList.toggle("searching", searching);
    const drop = (list, example) => ({ ...query, [list]: query[list].filter((one) => one !== example) });
    const chips = ["positive", "negative"].flatMap((list) => query[list].map((example) =>
      this.#chip(list, this.#named(example), () => drop(list, example), this.app.thumbs.address(example.item, 64))));
    if (query.picture) {
      chips.unshift(this.#chip("picture", query.picture.name, () => ({ ...query, picture: null }), query.picture.thumb));
    }
    if (chips.length) chips.push(h("button.plain", { type: "button", onclick: () => this.app.store.set({ query: { ...emptyQuery(), kind: query.kind } }) }, t("clear")));
    fill(this.chips, chips);
  }

  #named(example) {
    if (!this.app.items.get(example.item)) this.app.items.need([example.item]).then(() => this.#query());
    return this.app.items.title(example.item) || "…";
  }

  #chip(kind, label, without, picture) {
    const sign = { positive: "+", negative: "−", picture: "" }[kind];
    return h(`span.chip.${kind}`, { title: label },
      picture ? h("img", { src: picture, alt: "" }) : null, `${sign} `, h("span", { dir: "auto" }, label),
      h("button.plain", { type: "button", "aria-label": t("removeExample", { name: label }), onclick: () => this.app.store.set({ query: without() }) }, icon("close")));
  }

  #count() {
    this.count.textContent = t("items", { n: number(this.app.state.status.items) });
  }

  #language() {
    return h("select.language", { "aria-label": t("language"), onchange: (event) => this.app.setLanguage(event.target.value) },
      Object.keys(LANGUAGES).map((name) => h("option", { value: name, lang: name, selected: name === language() }, NAMES[name])));
  }

  #light() {
    const next = () => this.app.setTheme(this.app.dark ? "light" : "dark");
    return h("button.plain.light", { type: "button", "aria-label": t("light"), title: t("light"), onclick: next }, icon("sun"));
  }

  focusSearch() {
    this.input.focus();
    this.input.select();
  }

  dispose() {
    this.offs.forEach((off) => off());
  }
}
