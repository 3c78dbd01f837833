// The map in three dimensions: drag to turn it.

import { t } from "../i18n.js";
import { map, showOrDraw } from "./map.js";

export const orbit = {
  id: "orbit",
  spaces: true,
  standalone: (app) => app.state.maps.some((one) => one.dim === 3),
  async enter(app, still) {
    await showOrDraw(app, still, { dim: 3 });
    if (still()) app.say(t("orbitSay"));
  },
  panel: (app) => map.panel(app),
};
