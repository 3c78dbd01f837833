// One item: its picture or text, its fields, and its neighbours by each named vector.

import { api } from "./api.js";
import { digitsFor, exampleButtons, itemRow, scoreOf } from "./cards.js";
import { fill, h, highlighted, icon } from "./dom.js";
import { t } from "./i18n.js";
import { isTag, tagBars } from "./tags.js";
import { titleOf } from "./titles.js";

const K = 12;
let vector = null; // by which neighbours were last looked at

/** The panel of an item; parts fill in as they come. */
export function itemPanel(app, number) {
  const holder = h("article.item", { "aria-busy": "true" });
  const back = h("button.plain.back", { type: "button", "data-key": "back", onclick: () => app.select(null) }, icon("back"), t("back"));
  const show = () => fill(holder, details(app, app.items.get(number)));
  if (app.items.get(number)?.fields) show();
  else app.items.need([number]).then(() => (app.items.get(number) ? show() : fill(holder, h("p", {}, t("gone")))), (error) => app.fail(error));
  const near = h("section.neighbours", {});
  neighbours(app, number, near);
  return [back, holder, near];
}

function details(app, item) {
  const hit = app.state.hits?.list.find((one) => one.item === item.item);
  const side = api.picture(item.item, 1024);
  const picture = item.kind === "image" && side
    ? h("figure", {}, h("img.large", { src: side, alt: titleOf(item), onerror: (event) => smaller(app, item, event.target) })) : null;
  const text = item.text && item.text !== item.title ? h("div.text", { dir: "auto" }, passages(item.text, hit)) : null;
  const fields = Object.entries(item.fields ?? {}).filter(([name, value]) => !isTag(name) && value !== null && value !== "" && String(value) !== titleOf(item));
  return [
    picture,
    h("h2", { dir: "auto" }, titleOf(item)),
    text,
    api.standalone ? null : exampleButtons(app, item.item, true),
    tagBars(app, item),
    h("dl", {}, fields.map(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, shown(value))]),
      h("dt", {}, t("id")), h("dd.id", {}, item.id)),
  ];
}

const shown = (value) => (Array.isArray(value) ? value.join(", ") : String(value));

/** The thumbnail, where there is no larger picture. */
function smaller(app, item, image) {
  image.onerror = null;
  const thumb = app.thumbs.address(item.item, 192);
  if (thumb && !image.src.endsWith(thumb)) image.replaceWith(h("img.large", { src: thumb, alt: image.alt }));
}

function passages(text, hit) {
  const passage = hit?.passage;
  return passage ? highlighted(text, [[passage.start, passage.end]]) : text;
}

async function neighbours(app, number, holder) {
  let lists;
  try {
    lists = await api.neighbours(number, K);
  } catch (error) {
    return app.fail(error);
  }
  if (app.state.selected !== number) return undefined;
  const names = Object.keys(lists).sort((a, b) => (b === app.state.space) - (a === app.state.space));
  for (const list of Object.values(lists)) app.items.put(list.map(({ score, percentile, passage, excerpt, ...item }) => item));
  const show = (name) => {
    vector = name;
    const list = lists[name];
    draw(app, number, list);
    const most = Math.max(...list.map((hit) => hit.score), 1e-9);
    const digits = digitsFor(list.map((hit) => hit.score));
    const least = Math.min(...list.map((hit) => hit.score), most);
    fill(holder, h("h3", {}, t("neighbours")), names.length > 1 ? tabs(names, name, show) : h("p.quiet", {}, t("by", { name })),
      h("ul.rows", {}, list.map((hit) => itemRow(app, hit, {
        key: "near", figure: scoreOf(hit.score, digits), share: 0.25 + 0.75 * ((hit.score - least) / Math.max(most - least, 1e-9)),
      }))));
    return undefined;
  };
  if (names.length) show(names.includes(vector) ? vector : names.includes(app.state.space) ? app.state.space : names[0]);
  return undefined;
}

function tabs(names, chosen, show) {
  return h("div.choice", { role: "group", "aria-label": t("space") }, names.map((name) =>
    h("button", { type: "button", "aria-pressed": String(name === chosen), "data-key": `by${name}`, onclick: () => show(name) }, name)));
}

/** Lines on the map from an item to its neighbours, the nearer the stronger. */
function draw(app, from, list) {
  const count = Math.max(list.length - 1, 1);
  app.store.set({ lines: { from, to: list.map((hit, rank) => ({ item: hit.item, near: 1 - rank / count })) } });
}
