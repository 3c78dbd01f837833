// What a search found: how many, how good, in which order, and the cards.

import { hitCard } from "./cards.js";
import { fill, h } from "./dom.js";
import { number, percent, t } from "./i18n.js";
import { shownHits } from "./search.js";
import { fieldLabel, isTag } from "./tags.js";

/** The panel of results; `grid` for cards side by side. */
export function results(app, grid = false) {
  const { state } = app;
  const { hits, searching } = state;
  if (!hits) return [h("p.quiet", { role: "status" }, searching ? t("searching") : "")];
  if (hits.error) {
    return [h("div.none", { role: "alert" }, h("h2", {}, t("searchFailed")), h("p", {}, hits.error.message), h("p", {}, hits.error.next ?? ""))];
  }
  const head = h("div.results-head");
  const holder = h("div");
  const show = () => {
    const shown = shownHits(app.state, app.painter.isHidden);
    const cut = hits.list.length - shown.length;
    fill(head, h("h2", { role: "status" }, shown.length ? t("found", { n: number(shown.length) }) : t("noGoodMatch")),
      cut ? h("span.quiet", {}, t("below", { n: number(cut) })) : null);
    const told = hits.note && hits.note !== "no good match" ? hits.note : t("noGoodMatchMore");
    fill(holder, shown.length ? null : h("div.none", {}, h("p", {}, told)),
      h(grid ? "ul.cards.grid" : "ul.cards", { "aria-label": t("results") }, shown.map((hit) => hitCard(app, hit))));
  };
  show();
  return [head, h("div.controls", {}, cutoff(app, show), order(app)), holder];
}

/** A slider that stays while the list below it changes. */
function cutoff(app, show) {
  const { hits, cutoff: value } = app.state;
  if (!hits.list.some((hit) => typeof hit.percentile === "number")) return null;
  const label = h("output", { for: "cutoff" }, percent(value / 100));
  const input = h("input", {
    type: "range", id: "cutoff", min: "0", max: "100", step: "1", value: String(value), "data-key": "cutoff",
    oninput: () => {
      app.store.set({ cutoff: Number(input.value) });
      label.textContent = percent(app.state.cutoff / 100);
      show();
    },
  });
  return h("label.cutoff", { title: t("cutoffMore") }, h("span", {}, t("cutoff")), input, label);
}

function order(app) {
  const fields = app.state.columns.filter((column) => column.name.startsWith("field:") && column.type !== "category");
  const options = [["score", t("byScore")], ["title", t("byTitle")],
    ...fields.filter(({ label }) => !isTag(label)).flatMap(({ name, label }) => [[name, `${label} ↑`], [`-${name}`, `${label} ↓`]]),
    ...fields.filter(({ label }) => isTag(label)).map(({ name, label }) => [`-${name}`, fieldLabel(label)])];
  const select = h("select", { "data-key": "order", onchange: () => app.store.set({ order: select.value }) },
    options.map(([value, label]) => h("option", { value, selected: value === app.state.order }, label)));
  return h("label.order", {}, h("span", {}, t("order")), select);
}
