// From state to what the plots show: colours, who is hidden, who stands out, rings and lines.

import { colouring, hiding, styleOf } from "./colouring.js";
import { rgb, texture } from "./palette.js";
import { shownHits } from "./search.js";
import { asks } from "./state.js";

const SHAPES = { text: 0, image: 1, vector: 2 };
const PAPER = { light: ["#fbfaf7", "#d9d7d0"], dark: ["#11161b", "#343c44"] };

export class Painter {
  colours = null; // of the last colouring
  isHidden = null;
  done = Promise.resolve();

  constructor(app) {
    this.app = app;
    const { store } = app;
    store.on(["colour", "hidden", "columns"], () => this.recolour());
    store.on(["plane"], () => this.recolour());
    const marking = ["hits", "query", "cutoff", "group", "sides", "screen"];
    store.on(marking, () => this.remark());
    store.on(["selected", "hovered", "lines"], () => this.rings());
  }

  /** Colours everything anew: after a change of map, colour, legend or theme. */
  recolour() {
    if (this.app.stage?.main?.frame) this.done = this.#recolour();
  }

  async #recolour() {
    const { app } = this;
    const turn = (this.turn = {});
    const { colour, hidden, columns } = app.state;
    const frame = app.stage.main.frame;
    const special = app.screen.values?.(app, frame) ?? null;
    const wish = { frame, columns, dark: app.dark };
    const extra = app.screen.extraColour?.(app);
    const values = extra?.name === colour ? extra.values() : null;
    const made = special ?? (await colouring(colour, { ...wish, values }));
    const filters = new Map();
    for (const name of Object.keys(hidden)) {
      if (name === made.name) filters.set(name, made);
      else if (hidden[name].length) filters.set(name, await colouring(name, wish));
    }
    if (this.turn !== turn || frame !== app.stage.main.frame) return;
    this.colours = made;
    this.isHidden = hiding(hidden, filters);
    this.#paint();
    app.legend.render();
    app.store.set({ painted: made });
  }

  #paint() {
    const { app, colours } = this;
    const [paper, quiet] = PAPER[app.dark ? "dark" : "light"];
    const shapes = this.#shapes();
    for (const plot of app.stage.plots) {
      plot.setPalette(texture(colours.colours), rgb(quiet), rgb(paper));
      plot.setStyle(styleOf(plot.frame.items, colours.codes, shapes, this.isHidden));
    }
    this.remark();
  }

  #shapes() {
    const { kinds, kindNames } = this.app;
    if (!kinds) return null;
    const byCode = [0, ...kindNames.map((name) => SHAPES[name] ?? 2)];
    return Uint8Array.from(kinds, (code) => byCode[code] ?? 0);
  }

  /** Who stands out: hits, or the last lasso; null for nobody. */
  marks() {
    const { state, screen } = this.app;
    if (screen.marks) return screen.marks(this.app);
    if (asks(state.query) && state.hits && !state.hits.error) return shownHits(state, this.isHidden).map((hit) => hit.item);
    return state.group;
  }

  remark() {
    const { stage } = this.app;
    if (!stage?.main?.frame || !this.colours) return;
    const marks = this.marks();
    for (const plot of stage.plots) {
      const here = marks?.map((number) => plot.frame.indexOf(number)).filter((i) => i >= 0);
      plot.setMarked(here?.length || !marks?.length ? here ?? null : null); // none of them on this map: nobody is dimmed
    }
    this.rings();
  }

  rings() {
    const { stage, state } = this.app;
    for (const plot of stage?.plots ?? []) {
      if (!plot.frame) continue;
      const { indexOf } = plot.frame;
      const rings = new Map();
      if (state.hovered !== null) rings.set(indexOf(state.hovered), "hover");
      if (state.selected !== null) rings.set(indexOf(state.selected), "chosen");
      plot.overlay.rings = rings;
      const { lines } = state;
      const from = lines ? indexOf(lines.from) : -1;
      plot.overlay.lines = from < 0 ? [] : lines.to
        .map(({ item, near }) => ({ from, to: indexOf(item), near })).filter(({ to }) => to >= 0);
      plot.schedule();
    }
  }

  refresh() {
    for (const plot of this.app.stage?.plots ?? []) plot.schedule();
  }

  colourOf(number) {
    return this.colours ? this.colours.colours[this.colours.codes[number] ?? 255] : null;
  }

  /** The colour of a coarse region's name: its own where regions are what is coloured. */
  regionColour(region) {
    if (this.colours?.name !== "region" || region.level > 0) return "";
    return this.colours.colours[region.number] ?? "";
  }

}
