// Holds the parts together: the store, the plots, what is known of items, and the screen that is open.

import { api } from "./api.js";
import { findMap, loadFrame } from "./atlas.js";
import { forgetCodes, loadCodes } from "./colouring.js";
import { h } from "./dom.js";
import { listenForFiles } from "./dropping.js";
import { toHash } from "./hash.js";
import { HoverCard } from "./hover.js";
import { language, setLanguage, t } from "./i18n.js";
import { itemCache, thumbCache } from "./items.js";
import { Legend } from "./legend.js";
import { Painter } from "./painter.js";
import { Panel } from "./panel.js";
import { searcher } from "./search.js";
import { SCREENS } from "./screens/all.js";
import { isDark, keep } from "./settings.js";
import { Stage } from "./stage.js";
import { TopBar } from "./topbar.js";

export class App {
  kinds = null; // by item number: 0 none, i + 1 = values[i] of the column "kind"

  constructor(store) {
    this.store = store;
    this.items = itemCache(() => this.painter?.refresh());
    this.thumbs = thumbCache((number) => this.kindOf(number) === "image", () => this.stage?.redraw());
    this.search = searcher(store, this.items);
    this.painter = new Painter(this);
  }

  get state() {
    return this.store.get();
  }

  get dark() {
    return isDark(this.state.theme);
  }

  get screen() {
    return SCREENS[this.state.screen];
  }

  kindOf(number) {
    return this.kindNames?.[(this.kinds?.[number] ?? 0) - 1] ?? null;
  }

  async start(said) {
    await this.loadKinds();
    await this.#examplesFrom(said);
    this.mount();
    const { store } = this;
    store.on(["screen"], () => this.#enter());
    store.on(["space"], () => this.#enter());
    store.on(["theme"], () => this.#theme());
    const written = ["screen", "space", "query", "order", "cutoff", "hidden", "selected", "colour", "compare"];
    store.on(written, () => this.#writeHash());
    addEventListener("hashchange", () => this.#heedHash());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#theme());
    addEventListener("keydown", (event) => this.#shortcut(event));
    addEventListener("focus", () => this.#sameSession());
    await this.#enter();
    this.search();
    await this.painter.done;
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    document.body.dataset.ready = "1";
  }

  async loadKinds() {
    if (!this.state.columns.some((column) => column.name === "kind")) return;
    const { arrays, meta } = await loadCodes("kind");
    this.kinds = arrays.codes.array;
    this.kindNames = meta.values ?? this.state.columns.find((column) => column.name === "kind").values;
  }

  /** Ids of the address become this session's numbers. */
  async #examplesFrom({ itemId, like, unlike }) {
    const wanted = [itemId, ...like, ...unlike].filter(Boolean);
    if (!wanted.length) return;
    const items = await this.items.byIds(wanted);
    const byId = new Map(items.map((item) => [item.id, item]));
    const examples = (ids) => ids.filter((id) => byId.has(id)).map((id) => ({ item: byId.get(id).item }));
    const { query } = this.state;
    this.store.set({ query: { ...query, positive: examples(like), negative: examples(unlike) } });
    if (byId.has(itemId)) this.store.set({ selected: byId.get(itemId).item, panel: "item" });
  }

  /** Builds the page; again when the language changes. */
  mount() {
    this.unmount?.();
    document.documentElement.lang = language();
    document.title = `${this.state.status.name} · firth`;
    this.#theme();
    this.live = h("div.unseen", { role: "status", "aria-live": "polite" });
    this.topbar = new TopBar(this);
    this.legend = new Legend(this);
    this.stage = new Stage(this);
    this.panel = new Panel(this);
    this.hover = new HoverCard(this);
    const parts = [
      h("a.skip", { href: "#", onclick: (event) => this.#skip(event) }, t("skip")),
      this.topbar.element,
      h("main.page", {}, this.legend.element, this.stage.element, this.panel.element),
      this.hover.element, this.live,
    ];
    document.body.replaceChildren(...parts);
    this.stage.attach();
    const deaf = api.standalone ? null : listenForFiles(this);
    this.unmount = () => {
      deaf?.();
      for (const part of [this.topbar, this.legend, this.stage, this.panel, this.hover]) part.dispose?.();
    };
  }

  #skip(event) {
    event.preventDefault();
    this.stage.main.canvas.focus();
  }

  setLanguage(name) {
    keep("language", name);
    setLanguage(name);
    this.mount();
    this.#enter();
  }

  setTheme(theme) {
    keep("theme", theme);
    this.store.set({ theme });
  }

  #theme() {
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    this.painter.recolour();
  }

  /** Opens the screen that the state names. */
  async #enter() {
    const { screen } = this;
    const turn = (this.turn = {});
    document.body.dataset.open = screen.id;
    this.opened?.leave?.(this);
    this.opened = screen;
    this.store.set({ lines: null, notice: null, tool: "move" });
    this.panel.render();
    try {
      await screen.enter(this, () => this.turn === turn);
    } catch (error) {
      if (this.turn === turn) this.fail(error);
    }
  }

  /** Shows the flat map of the space in use, if there is one; gives it back. */
  async showMap(still, { dim = 2 } = {}) {
    const map = findMap(this.state.maps, { space: this.state.space, dim });
    if (!map) return null;
    const frame = await loadFrame(map);
    if (still()) this.stage.show(frame);
    return frame;
  }

  /** The server has something new: load it, and show it. */
  async refresh() {
    const [status, maps, columns] = await Promise.all([api.status(), api.maps(), api.columns()]);
    forgetCodes();
    this.store.set({ status, maps, columns });
    await this.loadKinds();
  }

  async reenter() {
    await this.#enter();
  }

  select(number) {
    this.store.set(number === null ? { selected: null, panel: "screen", lines: null } : { selected: number, panel: "item" });
  }

  say(words) {
    this.live.textContent = words;
  }

  fail(error) {
    this.store.set({ notice: { kind: "error", text: [error.message, error.next].filter(Boolean).join(". ") } });
    if (error.status === undefined) console.error(error);
  }

  #writeHash() {
    if (location.protocol === "about:") return; // within a notebook's frame there is no address to write to
    const hash = toHash(this.state, (number) => this.items.get(number)?.id);
    if (hash !== location.hash) history.replaceState(null, "", hash);
  }

  #heedHash() {
    const screen = location.hash.slice(1).split("?")[0];
    if (SCREENS[screen] && screen !== this.state.screen) this.store.set({ screen });
  }

  #shortcut(event) {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape" && !event.defaultPrevented) this.#escape(typing);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const places = Object.keys(SCREENS).filter((id) => this.topbar.offers(id));
    const screen = places[Number(event.key) - 1];
    if (screen) this.store.set({ screen });
    else if (event.key === "/") this.topbar.focusSearch();
    else if (event.key === "l") this.store.set({ tool: this.state.tool === "lasso" ? "move" : "lasso" });
    else return;
    event.preventDefault();
  }

  /** Steps back by one: out of a field, an item, a group. */
  #escape(typing) {
    const { panel, group, tool } = this.state;
    if (typing) typing.blur();
    else if (tool === "lasso") this.store.set({ tool: "move" });
    else if (panel === "item") this.select(null);
    else if (group) this.store.set({ group: null });
  }

  async #sameSession() {
    if (api.standalone) return;
    const now = await api.status().catch(() => null);
    if (now && now.session !== this.state.status.session) location.reload();
  }
}
