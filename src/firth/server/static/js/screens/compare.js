// Two named vectors side by side: one camera, one pointer, one choice; who has other neighbours.

import { api } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { working } from "./map.js";
import { compared, nameOf, overlapValues, spacesOf, spaceSelect, verdict } from "./pairs.js";

export const compare = {
  id: "compare",
  standalone: () => false,

  async enter(app, still) {
    const spaces = api.standalone ? [] : await spacesOf(app);
    if (!still()) return;
    const { space } = app.state;
    const b = spaces.includes(app.state.compare.b) && app.state.compare.b !== space
      ? app.state.compare.b : spaces.find((one) => one !== space) ?? null;
    app.store.set({ compare: { b, spaces }, comparison: null });
    if (!b) return void (await app.showMap(still));
    const found = await compared(app, space, b, (job) => still() && app.store.set({ progress: job }));
    app.store.set({ progress: null });
    if (!still()) return;
    const { frame } = found;
    app.stage.show(
      { ...frame, key: `${frame.key}:a`, b: null, beside: frame.b, nameless: true },
      { ...frame, key: `${frame.key}:b`, a: frame.b, b: null, beside: frame.a, nameless: true }, [nameOf(space), nameOf(b)]);
    app.store.set({ comparison: found.told });
  },

  leave(app) {
    app.store.set({ comparison: null, progress: null });
  },

  /** One more thing to colour by. */
  extraColour(app) {
    const frame = app.stage.main?.frame;
    return frame?.overlap ? { name: "overlap", title: t("overlap"), values: () => overlapValues(frame) } : null;
  },

  panel(app) {
    const { space, compare: { b, spaces = [] }, comparison, progress } = app.state;
    const choose = (of) => (chosen) => {
      if (of === "b") app.store.set({ compare: { b: chosen, spaces } });
      else app.store.set({ space: chosen, compare: { b: b === chosen ? null : b, spaces } });
      if (of === "b") app.reenter();
    };
    if (spaces.length < 2 && comparison === null && !progress) return [h("h1", {}, t("compareTitle")), h("p", {}, t("compareNone"))];
    const own = spaces.filter((one) => !one.startsWith("saved:"));
    return [
      h("h1", {}, t("compareTitle")), h("p.lead", {}, t("compareLead")),
      h("div.controls", {}, spaceSelect(app, { label: "A", spaces: own, chosen: space, onchoose: choose("a") }),
        spaceSelect(app, { label: "B", spaces, chosen: b, without: space, onchoose: choose("b") })),
      progress ? working(progress) : null,
      comparison ? [
        h("button.wide", { type: "button", "data-key": "overlap", "aria-pressed": String(app.state.colour === "overlap"), onclick: () => app.store.set({ colour: "overlap" }) }, t("colourByOverlap")),
        verdict(app, comparison)] : null,
    ];
  },
};
