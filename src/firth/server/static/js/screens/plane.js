// A plane between two groups, in the full space: how well it tells them apart when held out, and who stands wrong.

import { api } from "../api.js";
import { rows } from "../cards.js";
import { h, s } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { categoryColour } from "../palette.js";
import { showOrDraw } from "./map.js";

const BINS = 28;
const SIDES = { a: 1, b: 0 }; // colour codes: orange for A, blue for B

export const plane = {
  id: "plane",
  spaces: true,
  standalone: () => false,

  async enter(app, still) {
    await showOrDraw(app, still);
    if (!still()) return;
    const { plane: found } = app.state;
    if (found?.space === app.state.space) across(app, found);
    else {
      app.store.set({ plane: null });
      const { a, b } = app.state.sides;
      if (a && b) await measure(app);
    }
  },

  leave(app) {
    app.stage.main.overlay.line = null;
  },

  /** A lasso fills A, then B, then A again. */
  lassoed(app, numbers) {
    if (!numbers.length) return;
    const { sides } = app.state;
    const side = app.wanted ?? (sides.a && !sides.b ? "b" : "a");
    app.wanted = null;
    const other = side === "a" ? "b" : "a";
    const rest = sides[other]?.filter((item) => !numbers.includes(item)) ?? null;
    app.store.set({ sides: { ...sides, [side]: numbers, [other]: rest?.length ? rest : null }, plane: null, panel: "screen" });
    app.stage.main.overlay.line = null;
    if (app.state.sides.a && app.state.sides.b) measure(app);
  },

  marks({ state: { sides, plane: found } }) {
    if (found) return null;
    const all = [...(sides.a ?? []), ...(sides.b ?? [])];
    return all.length ? all : null;
  },

  /** Colours by side: of the groups while they are chosen, of everything when the plane is there. */
  values(app, frame) {
    const { sides, plane: found } = app.state;
    if (!found && !sides.a && !sides.b) return null;
    const codes = new Uint8Array(frame.items.reduce((a, b) => Math.max(a, b), 0) + 1).fill(255);
    if (found) found.items.forEach((item, i) => (codes[item] = found.distance[i] > 0 ? SIDES.a : SIDES.b));
    else for (const side of ["a", "b"]) for (const item of sides[side] ?? []) codes[item] = SIDES[side];
    const colours = Array.from({ length: 256 }, () => categoryColour(11, app.dark));
    const entries = ["a", "b"].map((side) => {
      const code = SIDES[side];
      colours[code] = categoryColour(code, app.dark);
      return { code, label: side, shown: t("side", { side: side.toUpperCase() }), count: codes.filter((one) => one === code).length, colour: colours[code] };
    });
    return { name: "side", title: t("sides"), special: true, codes, colours, entries };
  },

  panel(app) {
    const { sides, plane: found, progress } = app.state;
    return [
      h("h1", {}, t("planeTitle")), h("p.lead", {}, t("planeLead")),
      h("div.sides", {}, ["a", "b"].map((side) => group(app, side, sides[side]))),
      progress === "plane" ? h("p.quiet", { role: "status" }, t("working")) : null,
      found ? outcome(app, found) : null,
      sides.a || sides.b ? h("button.plain", { type: "button", "data-key": "again", onclick: () => reset(app) }, t("startAgain")) : null,
    ];
  },
};

function group(app, side, numbers) {
  const ask = () => {
    app.wanted = side;
    app.store.set({ tool: "lasso" });
    app.stage.main.canvas.focus();
  };
  return h("div.side", {}, h("span.swatch", { style: { background: categoryColour(SIDES[side], app.dark) } }),
    h("b", {}, side.toUpperCase()), h("span", {}, numbers ? t("items", { n: number(numbers.length) }) : t("nobody")),
    h("button.small", { type: "button", "data-key": `side${side}`, onclick: ask }, t("loop")));
}

function reset(app) {
  app.stage.main.overlay.line = null;
  app.store.set({ sides: { a: null, b: null }, plane: null });
}

async function measure(app) {
  const { sides, space } = app.state;
  app.store.set({ progress: "plane" });
  try {
    const map = app.stage.main.frame.map?.id ?? null;
    const { arrays, meta } = await api.plane({ space, a: sides.a, b: sides.b, map, method: "ridge" });
    const found = { ...meta, space, items: arrays.items.array, distance: arrays.distance.array };
    app.store.set({ plane: found, progress: null });
    if (app.screen.id === "plane") across(app, found);
  } catch (error) {
    app.store.set({ progress: null });
    app.fail(error);
  }
}

function across(app, found) {
  app.stage.main.overlay.line = found.line;
  app.stage.main.schedule();
}

function outcome(app, found) {
  const share = (value) => (value === null || value === undefined ? "–" : percent(value));
  const kind = { separable: "good", "no better than chance": "bad", "too few": "quiet" }[found.verdict] ?? "quiet";
  return [
    h(`p.verdict.${kind}`, { role: "status" }, t(`verdict.${found.verdict}`)),
    h("dl.figures", {},
      h("dt", {}, t("heldOut")), h("dd", {}, share(found.accuracy), found.spread ? h("small", {}, ` ± ${percent(found.spread)}`) : null),
      h("dt", {}, t("shuffledControl")), h("dd", {}, share(found.control?.mean), found.control?.spread ? h("small", {}, ` ± ${percent(found.control.spread)}`) : null),
      found.line ? [h("dt", {}, t(found.line.exact ? "lineExact" : "lineBest")), h("dd", {}, share(found.line.accuracy))] : null),
    h("p.quiet", {}, t("planeMore", { dim: number(found.dim) })),
    h("h3", {}, t("signedDistances")), histogram(app, found),
    found.odd.length ? [h("h3", {}, t("oddOnes")), h("p.quiet", {}, t("oddMore")),
      rows(app, found.odd.slice(0, 12), ({ side, distance }) => ({ key: "odd", figure: `${side.toUpperCase()} ${number(distance, { maximumFractionDigits: 2, signDisplay: "always" })}` }))] : null,
  ];
}

/** Counts of signed distances, symmetric about the plane: {counts, edge}. Pure. */
export function binned(distance, bins = BINS) {
  let edge = 1e-9;
  for (const value of distance) edge = Math.max(edge, Math.abs(value));
  const counts = new Array(bins).fill(0);
  for (const value of distance) counts[Math.min(Math.floor(((value / edge + 1) / 2) * bins), bins - 1)]++;
  return { counts, edge };
}

function histogram(app, found) {
  const { counts, edge } = binned(found.distance);
  const most = Math.max(...counts, 1);
  const width = 280 / counts.length;
  const bars = counts.map((count, i) => s("rect", {
    x: i * width + 0.5, y: 80 - (count / most) * 76, width: width - 1, height: (count / most) * 76,
    fill: categoryColour(i < counts.length / 2 ? SIDES.b : SIDES.a, app.dark),
  }));
  const label = t("histogram", { b: number(found.distance.filter((one) => one <= 0).length), a: number(found.distance.filter((one) => one > 0).length) });
  return h("figure.histogram", {}, s("svg", { viewBox: "0 0 280 82", role: "img", "aria-label": label }, bars, s("line", { x1: 140, x2: 140, y1: 0, y2: 82 })),
    h("figcaption", {}, h("span", {}, `−${edge.toFixed(2)} · B`), h("span", {}, "0"), h("span", {}, `A · +${edge.toFixed(2)}`)));
}
