// Searching: the results in a wide grid beside the map.

import { api } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { results } from "../results.js";
import { asks } from "../state.js";
import { showOrDraw } from "./map.js";

const TRY = ["red fruit", "紅色的水果", "用望远镜看星星", "a musical instrument", "離別的悲傷", "a boy who learns magic"];

export const search = {
  id: "search",
  spaces: true,
  standalone: () => true,
  async enter(app, still) {
    await showOrDraw(app, still);
    if (!asks(app.state.query) && !matchMedia("(max-width: 720px)").matches) app.topbar.focusSearch();
  },
  panel(app) {
    const { query } = app.state;
    if (asks(query)) return [modes(app), ...results(app, true)];
    const go = (text) => () => app.store.set({ query: { ...query, text } });
    return [h("h1", {}, t("searchTitle")), h("p.lead", {}, t("searchLead")),
      h("ul.tries", {}, TRY.map((text) => h("li", {}, h("button", { type: "button", onclick: go(text) }, text)))),
      h("ul.help", {}, ["helpPicture", "helpExamples", "helpCutoff"].map((key) => h("li", {}, t(key))))];
  },
};

/** By meaning and words, by meaning alone, or by words alone; only words leave a choice. */
function modes(app) {
  const { query } = app.state;
  if (query.picture || query.positive.length || query.negative.length || api.standalone) return null;
  return h("div.choice", { role: "group", "aria-label": t("mode") }, ["hybrid", "vector", "text"].map((mode) =>
    h("button", { type: "button", "data-key": `mode${mode}`, "aria-pressed": String(query.mode === mode), onclick: () => app.store.set({ query: { ...query, mode } }) }, t(`mode.${mode}`))));
}
