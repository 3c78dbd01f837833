// The page begins here: what the server has, what the address says, then the screens.

import { api } from "./api.js";
import { App } from "./app.js";
import { bridge } from "./bridge.js";
import { h } from "./dom.js";
import { fromHash } from "./hash.js";
import { setLanguage, t } from "./i18n.js";
import { preferredLanguage, preferredTheme } from "./settings.js";
import { BEGINNING, createStore } from "./state.js";

async function begin() {
  setLanguage(preferredLanguage());
  const [status, maps, columns] = await Promise.all([api.status(), api.maps(), api.columns()]);
  const said = fromHash(location.hash);
  const store = createStore({
    ...BEGINNING, ...said, status, maps, columns,
    space: [said.space, bridge?.space].find((space) => status.vectors[space]) ?? status.default.space,
    compare: { b: said.with },
    theme: preferredTheme(),
  });
  const app = new App(store);
  window.app = app;
  await app.start(said);
  bridge?.share(app);
}

begin().catch((error) => {
  document.body.dataset.ready = "1";
  const told = error.status === 401 ? t("notAllowed") : `${error.message} ${error.next ?? ""}`;
  document.body.append(h("p.broken", { role: "alert" }, told));
  if (error.status === undefined) throw error;
});
