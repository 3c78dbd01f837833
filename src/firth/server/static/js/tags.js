// Readable dimensions: fields named `tag:NAME` with numbers from 0 to 1, as bars.

import { h } from "./dom.js";
import { number, t } from "./i18n.js";

const TAG = "tag:";
const FIRST = 10;

export const isTag = (field) => field.startsWith(TAG);

/** A tag's or another field's name as a person reads it. */
export const fieldLabel = (field) => (isTag(field) ? field.slice(TAG.length) : field);

/** The tags of an item, the strongest first: [{field, name, value}]. Pure. */
export function tagsOf(item) {
  return Object.entries(item.fields ?? {}).filter(([field, value]) => isTag(field) && typeof value === "number")
    .map(([field, value]) => ({ field, name: fieldLabel(field), value })).sort((a, b) => b.value - a.value);
}

/** Bars, with a line where the collection's mean is; a click colours the map by the tag. */
export function tagBars(app, item) {
  const all = tagsOf(item);
  if (!all.length) return null;
  const list = h("ul.tags");
  const means = new Map(app.state.columns.map((column) => [column.name, column.mean]));
  const show = (some) => list.replaceChildren(...some.map((tag) => bar(app, tag, means.get(`field:${tag.field}`))));
  show(all.slice(0, FIRST));
  const more = all.length > FIRST ? h("button.plain.small", { type: "button", "data-key": "alltags", onclick: () => {
    show(all);
    more.remove();
  } }, t("allTags", { n: number(all.length) })) : null;
  return h("section", {}, h("h3", { title: t("tagsMore") }, t("tags")), list, more);
}

function bar(app, { field, name, value }, mean) {
  const colour = `field:${field}`;
  const figure = number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const share = `${Math.min(Math.max(value, 0), 1) * 100}%`;
  return h("li", {}, h("button", {
    type: "button", "data-key": colour, title: t("colourByTag", { name }), "aria-label": `${name}: ${figure}`,
    "aria-pressed": String(app.state.colour === colour), onclick: () => app.store.set({ colour }),
  },
  h("span.name", { dir: "auto" }, name),
  h("span.bar", { "aria-hidden": "true" }, h("i", { style: { width: share } }),
    typeof mean === "number" ? h("b", { style: { left: `${Math.min(Math.max(mean, 0), 1) * 100}%` } }) : null),
  h("span.figure", {}, figure)));
}
