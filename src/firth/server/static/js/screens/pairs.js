// Two spaces side by side or one after the other: which there are, and what comparing them says.

import { api } from "../api.js";
import { compareFrame, compareSpaces, findMap, loadFrame } from "../atlas.js";
import { rows } from "../cards.js";
import { h } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { vectorNames } from "../state.js";

const done = new Map(); // "a|b" -> {told, frame}

/** Names of spaces: named vectors, then saved states. */
export async function spacesOf(app) {
  const states = await api.states();
  app.store.set({ states });
  return [...vectorNames(app.state.status), ...states.map((state) => state.space)];
}

/** A comparison, made once: {told, frame}. */
export async function compared(app, a, b, hear) {
  const { status } = app.state;
  const key = `${status.session}|${status.version}|${a}|${b}`;
  if (!done.has(key)) {
    const { compare } = await compareSpaces({ a, b, method: status.default.method, dim: 2 }, hear);
    const [told, frame] = await Promise.all([api.compare(compare), compareFrame(compare)]);
    await withRegions(app, a, frame);
    done.set(key, { told, frame });
  }
  return done.get(key);
}

/** Regions of A's own map, so that colours by region stay; they have no places here. */
async function withRegions(app, a, frame) {
  const maps = await api.maps();
  const map = findMap(maps, { space: a });
  if (!map) return;
  const own = await loadFrame(map);
  if (!own.codes) return;
  frame.regions = own.regions.slice(0, 1);
  frame.codes = Array.from(frame.items, (item) => own.codes[own.indexOf(item)] ?? 0);
}

/** How many neighbours each item kept, as values by item number, to colour by. */
export function overlapValues(frame) {
  const values = new Float32Array(frame.items.reduce((a, b) => Math.max(a, b), 0) + 1).fill(NaN);
  frame.items.forEach((item, i) => (values[item] = frame.overlap[i] / 255));
  return values;
}

/** A choice among spaces. */
export function spaceSelect(app, { label, spaces, chosen, without, onchoose }) {
  const select = h("select", { "data-key": label, onchange: () => onchoose(select.value) },
    spaces.filter((space) => space !== without).map((space) =>
      h("option", { value: space, selected: space === chosen }, nameOf(space))));
  return h("label.space", {}, h("span", {}, label), select);
}

export const nameOf = (space) => (space.startsWith("saved:") ? `${space.slice(6)} · ${t("saved")}` : space);

/** What changed: the mean, those that changed most, those that changed least. */
export function verdict(app, told) {
  const list = (items) => rows(app, items.slice(0, 12), ({ overlap }) => ({ key: "moved", figure: percent(overlap), share: overlap }));
  const [ahead, behind] = t("kept", { share: "\n", k: told.k, n: number(told.items) }).split("\n");
  return [
    h("p.big", {}, ahead, h("b", {}, percent(told.overlap_mean)), behind),
    h("h3", {}, t("movedMost")), list(told.most),
    h("h3", {}, t("movedLeast")), list(told.least),
  ];
}
