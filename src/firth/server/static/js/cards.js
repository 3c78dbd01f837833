// Items in lists: a card for a hit, a row for a neighbour.

import { api } from "./api.js";
import { h, highlighted, icon } from "./dom.js";
import { number, percent, t } from "./i18n.js";
import { toggleExample } from "./examples.js";
import { titleOf } from "./titles.js";

const WEAK = 30; // percentiles below are shown paler

/** A score as a person reads it. */
export const scoreOf = (score, digits = 2) => number(score, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** So many digits that the first and the last of a list differ. */
export function digitsFor(scores) {
  const range = Math.max(...scores) - Math.min(...scores);
  return range > 0 && range < 0.05 ? 3 : 2;
}

function pointing(app, item) {
  const over = (value) => () => app.store.set({ hovered: value });
  return { onmouseenter: over(item), onmouseleave: over(null), onfocus: over(item), onblur: over(null) };
}

/** Buttons that take an item as an example of what is wanted or not. */
export function exampleButtons(app, item, words = false) {
  const { query } = app.state;
  const button = (list, name, label) => {
    const on = query[list].some((example) => example.item === item);
    return h(`button.example.${list}`, {
      type: "button", "aria-pressed": String(on), "aria-label": t(label), title: t(label), "data-key": `${list}${item}`,
      onclick: (event) => {
        event.stopPropagation();
        toggleExample(app, list, item);
      },
    }, icon(name), words ? h("span", {}, t(`${label}Short`)) : null);
  };
  return h("div.examples", {}, button("positive", "plus", "moreLike"), button("negative", "minus", "lessLike"));
}

/** A hit with picture or text, score and percentile. */
export function hitCard(app, hit) {
  const picture = app.thumbs.address(hit.item, 192);
  const text = hit.excerpt?.text ?? hit.title;
  const open = h("button.open", {
    type: "button", "data-key": `hit${hit.item}`, onclick: () => app.select(hit.item), ...pointing(app, hit.item),
  },
  picture ? h("img", { src: picture, alt: "", loading: "lazy" }) : null,
  h("span.words", { dir: "auto" }, picture ? titleOf(hit) : highlighted(text || hit.id, hit.excerpt?.highlights ?? [])));
  const share = hit.percentile;
  const meter = share === null || share === undefined ? null
    : h("span.percentile", { title: t("percentileMore", { p: number(share, { maximumFractionDigits: 0 }) }) },
      h("i", { style: { width: `${share}%` } }), h("b", {}, percent(share / 100)));
  return h(`li.card.${hit.kind}${hit.item === app.state.selected ? ".chosen" : ""}${share < WEAK ? ".weak" : ""}`, {}, open,
    h("div.foot", {}, h("span.score", { title: t("score") }, scoreOf(hit.score)), meter, api.standalone ? null : exampleButtons(app, hit.item)));
}

/** A line with a small picture, the title and a figure. */
export function itemRow(app, item, { figure = "", share = null, key = "row" } = {}) {
  const picture = app.thumbs.address(item.item, 64);
  return h("li.row", {}, h("button.open", {
    type: "button", "data-key": `${key}${item.item}`, onclick: () => app.select(item.item), ...pointing(app, item.item),
  },
  picture ? h("img", { src: picture, alt: "" })
    : h(`span.dot.${item.kind}`, { style: { background: app.painter.colourOf(item.item) ?? "" }, "aria-hidden": "true" }),
  h("span.words", { dir: "auto" }, titleOf(item)),
  share === null ? null : h("span.bar", { "aria-hidden": "true" }, h("i", { style: { width: `${Math.max(share, 0.02) * 100}%` } })),
  h("span.figure", {}, figure)));
}

/** Rows for numbers whose details may still be on their way; filled in when they come. */
export function rows(app, wanted, describe = () => ({})) {
  const list = h("ul.rows");
  const show = () => list.replaceChildren(...wanted.map(({ item, ...rest }) => {
    const known = app.items.get(item);
    return known ? itemRow(app, known, describe({ item, ...rest })) : h("li.row.waiting", {}, "…");
  }));
  show();
  if (wanted.some(({ item }) => !app.items.get(item))) app.items.need(wanted.map(({ item }) => item)).then(show);
  return list;
}
