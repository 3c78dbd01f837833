// The middle of the page: one map or two side by side, its tools, and an honest word on how far to trust it.

import { fill, h, icon } from "./dom.js";
import { number, percent, t } from "./i18n.js";
import { savePicture } from "./picture.js";
import { Plot } from "./plot.js";

export class Stage {
  main = null;
  second = null;

  constructor(app) {
    this.app = app;
    this.hostA = h("div.pane", { "aria-label": t("mapLabel") });
    this.hostB = h("div.pane", { "aria-label": t("mapLabel"), hidden: true });
    this.titles = [h("p.title", { hidden: true }), h("p.title", { hidden: true })];
    this.notice = h("div.notice", { role: "alert", hidden: true });
    this.plain = h("p.notice.quiet", { role: "status", hidden: true });
    this.trust = h("p.trust");
    this.tools = h("div.tools", { role: "toolbar", "aria-label": t("tools") });
    this.extra = h("div.extra", { hidden: true });
    this.drop = h("div.drop", { hidden: true });
    this.element = h("section.stage", { id: "stage", "aria-label": t("mapLabel") },
      h("div.panes", {},
        h("div.holder", {}, this.hostA, this.titles[0]), h("div.holder", {}, this.hostB, this.titles[1])),
      h("div.notices", {}, this.notice, this.plain), this.tools, this.extra, this.trust);
    this.offs = [
      app.store.on(["tool"], () => this.#tool()),
      app.store.on(["notice"], () => this.#notice()),
    ];
  }

  /** Once the element is in the page and has a size. */
  attach() {
    this.main = new Plot(this.hostA, this.#hooks());
    this.main.canvas.setAttribute("aria-label", t("mapKeys"));
    this.#tools();
  }

  get plots() {
    return [this.main, this.second].filter((plot) => plot?.frame);
  }

  #hooks() {
    const { app } = this;
    return {
      tool: () => app.state.tool,
      thumb: (number) => app.thumbs.get(number),
      colourOf: (number) => app.painter.colourOf(number),
      regionColour: (region) => app.painter.regionColour(region),
      taken: (plot) => this.#taken(plot),
      onFallback: () => (this.fallback = true),
      onHover: (i, plot, how = {}) => app.hover.over(i < 0 ? null : plot.frame.items[i], plot, i, how),
      onPick: (i, plot) => this.#picked(i < 0 ? null : plot.frame.items[i], i, plot),
      onLasso: (indices, plot) => this.#lassoed(indices.map((i) => plot.frame.items[i])),
      onCamera: (camera, plot) => this.#linked(camera, plot),
    };
  }

  /** Boxes of what lies over a plot: tools, words, the legend's button. */
  #taken(plot) {
    const host = plot.host.getBoundingClientRect();
    const over = [this.tools, this.trust, this.extra, this.app.legend.toggle].filter((element) => element.offsetParent);
    return over.map((element) => {
      const box = element.getBoundingClientRect();
      return { x: box.x - host.x + box.width / 2, y: box.y - host.y + box.height / 2, width: box.width, height: box.height };
    });
  }

  #picked(number, i, plot) {
    plot.cursor = i;
    this.app.hover.hide();
    this.app.select(number);
  }

  #lassoed(numbers) {
    const { app } = this;
    app.say(t("lassoed", { n: number(numbers.length) }));
    app.store.set({ tool: "move" });
    if (app.screen.lassoed) app.screen.lassoed(app, numbers);
    else app.store.set({ group: numbers.length ? numbers : null, panel: "screen" });
  }

  #linked(camera, plot) {
    const other = plot === this.main ? this.second : this.main;
    if (other?.frame && other !== plot) other.setCamera(camera, { quiet: true });
    this.app.hover.hide();
  }

  /** Shows a frame alone, or two frames side by side. */
  show(frame, second = null, titles = []) {
    const two = Boolean(second);
    this.element.classList.toggle("two", two);
    this.hostB.hidden = !two;
    this.hostB.parentElement.hidden = !two;
    this.titles.forEach((title, i) => {
      title.hidden = !titles[i];
      title.textContent = titles[i] ?? "";
    });
    if (!two && this.second) {
      this.second.dispose();
      this.second = null;
    }
    this.main.measure();
    if (this.main.frame !== frame) this.main.setFrame(frame, { keepCamera: Boolean(frame.live && frame.number) });
    this.main.overlay.line = null;
    if (two) {
      this.second ??= new Plot(this.hostB, this.#hooks());
      this.second.canvas.setAttribute("aria-label", t("mapKeys"));
      this.second.setFrame(second);
      this.second.setCamera(this.main.camera, { quiet: true });
    } else this.main.setMorph(0);
    this.#trust(frame);
    this.app.store.set({ shown: frame.key });
    this.app.painter.recolour();
    this.#simply();
  }

  /** Says so where there is no WebGL2. */
  #simply() {
    this.plain.hidden = !this.fallback;
    const left = this.main.renderer.leftOut ?? 0;
    this.plain.textContent = t("noWebGL") + (left ? ` ${t("leftOut", { n: number(left) })}` : "");
  }

  /** How much of the space the map keeps, and what else one should know. */
  #trust({ map }) {
    const faithful = map?.faithfulness;
    const parts = [];
    if (faithful) parts.push(t("keeps", { share: percent(faithful.recall), k: faithful.k }));
    if (map?.sampled) parts.push(t("sampled", { n: number(map.laid_out), all: number(map.items) }));
    fill(this.trust, parts.join(" "));
    this.trust.title = faithful ? t("keepsMore", {
      trust: percent(faithful.trustworthiness), continuity: percent(faithful.continuity), n: number(faithful.sample),
    }) : "";
    this.trust.hidden = !parts.length;
  }

  #tools() {
    const { app } = this;
    const button = (name, label, onclick, more = {}) =>
      h("button", { type: "button", "aria-label": label, title: label, onclick, ...more }, icon(name));
    this.lassoButton = button("lasso", t("lasso"), () =>
      app.store.set({ tool: app.state.tool === "lasso" ? "move" : "lasso" }), { "aria-pressed": "false" });
    const zoom = (factor) => () => {
      const { camera, limits } = this.main;
      this.main.fly({ ...camera, zoom: Math.min(Math.max(camera.zoom * factor, limits[0]), limits[1]) }, 180);
    };
    fill(this.tools, this.lassoButton, button("plus", t("zoomIn"), zoom(1.6)), button("minus", t("zoomOut"), zoom(1 / 1.6)),
      button("fit", t("fit"), () => this.main.home()), button("save", t("savePicture"), () => savePicture(this, app.state.status.name)));
  }

  #tool() {
    const on = this.app.state.tool === "lasso";
    this.lassoButton.setAttribute("aria-pressed", String(on));
    this.element.classList.toggle("looping", on);
  }

  #notice() {
    const { notice } = this.app.state;
    this.notice.hidden = !notice;
    this.notice.className = `notice ${notice?.kind ?? ""}`;
    if (!notice) return;
    const close = h("button.plain", { type: "button", "aria-label": t("close"), onclick: () => this.app.store.set({ notice: null }) }, icon("close"));
    const act = notice.act && h("button.small", { type: "button", onclick: notice.act }, notice.label);
    fill(this.notice, h("span", {}, notice.text), act, close);
  }

  /** Something of a screen's own over the map: a slider, say. Nothing to take it away. */
  setExtra(...children) {
    this.extra.hidden = !children.length;
    fill(this.extra, ...children);
  }

  redraw() {
    for (const plot of this.plots) plot.schedule();
  }

  dispose() {
    this.offs.forEach((off) => off());
    this.main?.dispose();
    this.second?.dispose();
  }
}
