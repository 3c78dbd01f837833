// The items of a lasso: what they are, and what one can do with them.

import { api } from "./api.js";
import { rows } from "./cards.js";
import { h, icon } from "./dom.js";
import { number, percent, t } from "./i18n.js";
import { emptyQuery } from "./state.js";

const SHOWN = 40;
const EXAMPLES = 8;

export function group(app) {
  const numbers = app.state.group;
  const close = h("button.plain.back", { type: "button", "data-key": "back", onclick: () => app.store.set({ group: null }) }, icon("back"), t("back"));
  const like = () => app.store.set({
    query: { ...emptyQuery(), positive: spread(numbers, EXAMPLES).map((item) => ({ item })) }, group: null, screen: "search",
  });
  const plane = (side) => () => app.store.set({ sides: { ...app.state.sides, [side]: numbers }, plane: null, screen: "plane" });
  return [
    close,
    h("h2", { role: "status" }, t("groupOf", { n: number(numbers.length) })),
    composition(app, numbers),
    h("div.actions", {},
      api.standalone ? null : [
        h("button", { type: "button", onclick: like }, t("moreLikeThese")),
        h("button", { type: "button", onclick: plane("a") }, t("useAs", { side: "A" })),
        h("button", { type: "button", onclick: plane("b") }, t("useAs", { side: "B" }))],
      h("button", { type: "button", onclick: () => saveIds(app, numbers) }, t("saveIds"))),
    rows(app, numbers.slice(0, SHOWN).map((item) => ({ item }))),
    numbers.length > SHOWN ? h("p.quiet", {}, t("andMore", { n: number(numbers.length - SHOWN) })) : null,
  ];
}

/** Some of many, evenly. */
export function spread(numbers, most) {
  const step = Math.max(1, numbers.length / most);
  return Array.from({ length: Math.min(most, numbers.length) }, (_, i) => numbers[Math.floor(i * step)]);
}

/** Bars: of which colours the group is. */
export function composition(app, numbers) {
  const made = app.painter.colours;
  if (!made) return null;
  const counts = new Map();
  for (const item of numbers) counts.set(made.codes[item], (counts.get(made.codes[item]) ?? 0) + 1);
  const lines = made.entries.filter((entry) => counts.has(entry.code))
    .map((entry) => ({ ...entry, here: counts.get(entry.code) })).sort((a, b) => b.here - a.here);
  return h("ul.composition", {}, lines.map(({ label, other, colour, here }) => h("li", {},
    h("span.name", { dir: "auto" }, other ? t("other") : made.name === "kind" ? t(`kind.${label}`) : label),
    h("span.bar", { "aria-hidden": "true" }, h("i", { style: { width: `${(here / numbers.length) * 100}%`, background: colour } })),
    h("span.figure", {}, percent(here / numbers.length)))));
}

async function saveIds(app, numbers) {
  const ids = [];
  for (let from = 0; from < numbers.length; from += 300) {
    ids.push(...(await app.items.need(numbers.slice(from, from + 300))).map((item) => item.id));
  }
  const url = URL.createObjectURL(new Blob([`${ids.join("\n")}\n`], { type: "text/plain" }));
  h("a", { href: url, download: "ids.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
