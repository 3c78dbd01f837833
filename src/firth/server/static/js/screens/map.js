// The map of a space.

import { api } from "../api.js";
import { drawMap } from "../atlas.js";
import { h } from "../dom.js";
import { group } from "../group.js";
import { number, percent, t } from "../i18n.js";
import { results } from "../results.js";
import { asks } from "../state.js";

export const map = {
  id: "map",
  spaces: true,
  standalone: () => true,
  enter: (app, still) => showOrDraw(app, still),
  panel(app) {
    const { state } = app;
    if (asks(state.query)) return results(app);
    if (state.group) return group(app);
    return about(app);
  },
};

/** Shows the map of the space in use; has it drawn first where there is none, and watches it settle. */
export async function showOrDraw(app, still, { dim = 2, again = false } = {}) {
  let frame = again ? null : await app.showMap(still, { dim });
  if (!frame && !api.standalone) {
    if (app.state.status.items < 3) return app.store.set({ screen: "jobs" });
    const { status, space } = app.state;
    const body = { space, dim, method: status.default.method, again };
    await drawMap(body, (job) => still() && app.store.set({ progress: job }), (live) => still() && app.stage.show(live));
    app.store.set({ progress: null });
    await app.refresh();
    frame = still() ? await app.showMap(still, { dim }) : null;
  }
  if (frame?.map?.fresh === false && still() && !api.standalone) stale(app, dim);
  return frame;
}

function stale(app, dim) {
  app.store.set({ notice: { kind: "quiet", text: t("stale"), label: t("update"), act: async () => {
    app.store.set({ notice: null });
    const { status, space } = app.state;
    try {
      await drawMap({ space, dim, method: status.default.method }, (job) => app.store.set({ progress: job }));
      app.store.set({ progress: null });
      await app.refresh();
      await app.reenter();
    } catch (error) {
      app.fail(error);
    }
  } } });
}

/** What one sees, and what one can do. */
export function about(app) {
  const { status, progress } = app.state;
  const frame = app.stage?.main?.frame;
  const kinds = Object.entries(status.kinds).map(([kind, n]) => t(`count.${kind}`, { n: number(n) }));
  return [
    h("h1", { dir: "auto" }, status.name),
    h("p.lead", {}, t("has", { kinds: kinds.join(t("comma")) })),
    progress ? working(progress) : null,
    regions(app, frame),
    h("ul.help", {}, ["helpClick", "helpLasso", "helpZoom", "helpSearch", "helpKeys"].map((key) => h("li", {}, t(key)))),
    frame?.map ? h("p.quiet.method", {}, t("drawnBy", { method: frame.map.method, space: frame.map.space }), " ", t("distances")) : null,
  ];
}

/** What a job is at, in words. */
export function stageName(stage) {
  const words = t(`stage.${stage}`);
  return words === `stage.${stage}` ? t("working") : words;
}

/** How far a job is. */
export function working(job) {
  return h("div.working", { role: "status" }, h("span", {}, stageName(job.stage)),
    h("progress", { max: "1", value: job.share ?? 0, "aria-label": t("working") }), h("span.figure", {}, percent(job.share ?? 0)));
}

/** Regions as a list to go to: for keys, and for those who do not see the map. */
function regions(app, frame) {
  const list = (frame?.regions?.[0] ?? []).filter((region) => region.label);
  if (!list.length) return null;
  const go = ({ center }) => {
    const plot = app.stage.main;
    const [x, y] = plot.place(center);
    const { camera, width, height, fitted } = plot;
    const to = { x: camera.x + (x - width / 2) / camera.zoom, y: camera.y - (y - height / 2) / camera.zoom };
    plot.fly({ ...camera, ...to, zoom: fitted.zoom * 3 });
  };
  return h("section", {}, h("h3", {}, t("regions")), h("ul.regions", {}, list.map((region) =>
    h("li", {}, h("button", { type: "button", onclick: () => go(region) },
      app.painter.regionColour(region) ? h("span.swatch", { style: { background: app.painter.regionColour(region) } }) : null,
      h("span.name", { dir: "auto" }, region.label), h("span.n", {}, number(region.size)))))));
}
