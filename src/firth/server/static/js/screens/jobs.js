// What the server is at: files to add by drop, maps to draw, how far they are, and a way to stop them.

import { api, followJob } from "../api.js";
import { liveFrames } from "../atlas.js";
import { h } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { stageName } from "./map.js";

const followed = new Set();

export const jobs = {
  id: "jobs",
  standalone: () => false,

  async enter(app, still) {
    app.store.set({ jobs: await api.jobs() });
    for (const job of app.state.jobs) if (isOpen(job)) follow(app, job);
    if (still() && app.state.status.items >= 3) await app.showMap(still);
  },

  panel(app) {
    const { jobs: known = [] } = app.state;
    const file = h("input", { type: "file", multiple: true, hidden: true, onchange: () => addFiles(app, [...file.files]) });
    const redraw = async () => start(app, { kind: "map", space: app.state.space, dim: 2, method: app.state.status.default.method, again: true });
    return [
      h("h1", {}, t("jobsTitle")), h("p.lead", {}, t("jobsLead")),
      h("button.dropzone", { type: "button", "data-key": "add", onclick: () => file.click() }, h("b", {}, t("dropHere")), h("span", {}, t("dropTypes"))), file,
      h("div.actions", {}, h("button", { type: "button", "data-key": "redraw", onclick: redraw }, t("redraw"))),
      h("h3", {}, t("jobsList")),
      known.length ? h("ul.jobs", {}, known.map((job) => line(app, job))) : h("p.quiet", {}, t("noJobs")),
    ];
  },
};

const isOpen = (job) => job.state === "waiting" || job.state === "running";

function line(app, job) {
  const cancel = () => api.cancelJob(job.id).then((told) => put(app, told), (error) => app.fail(error));
  const { result } = job;
  const outcome = job.error ? job.error.message
    : result && job.kind === "add" ? t("addedCounts", Object.fromEntries(["added", "updated", "unchanged"].map((key) => [key, number(count(result[key]))]))) : "";
  return h(`li.job.${job.state}`, {},
    h("div.head", {}, h("b", {}, t(`job.${job.kind}`), of(job)), h("span", {}, t(`state.${job.state}`)),
      isOpen(job) ? h("button.small", { type: "button", "data-key": `cancel${job.id}`, onclick: cancel }, t("cancel")) : null),
    isOpen(job) ? h("div.working", {}, h("progress", { max: "1", value: job.share ?? 0, "aria-label": t(`job.${job.kind}`) }), h("span.figure", {}, percent(job.share ?? 0))) : null,
    h("p.quiet", {}, isOpen(job) ? job.message || stageName(job.stage) : outcome),
    result?.skipped?.length ? h("ul.skipped", {}, result.skipped.slice(0, 10).map(({ source, reason }) => h("li", { dir: "auto" }, `${source}: ${reason}`))) : null);
}

/** Of which spaces it is, as far as that is known. */
function of({ params = {} }) {
  const spaces = [params.space, params.a, params.b].filter(Boolean).map((space) => space.replace(/^saved:/, ""));
  return spaces.length ? h("i", {}, ` ${spaces.join(" · ")}${params.dim === 3 ? " 3-D" : ""}`) : null;
}

const count = (told) => (Array.isArray(told) ? told.length : told ?? 0);

function put(app, job) {
  const others = (app.state.jobs ?? []).filter((one) => one.id !== job.id);
  const all = [job, ...others].sort((a, b) => String(b.made_at).localeCompare(String(a.made_at)));
  app.store.set({ jobs: all });
}

/** Starts a job, follows it, and shows what it brought. */
export async function start(app, body) {
  try {
    const job = await api.startJob(body);
    put(app, job);
    return await follow(app, job);
  } catch (error) {
    return app.fail(error);
  }
}

async function follow(app, job) {
  if (followed.has(job.id)) return;
  followed.add(job.id);
  try {
    const draw = liveFrames(`live:${job.id}`, (frame) => app.screen.id === "jobs" && app.stage.show(frame));
    const ended = await followJob(job.id, (told) => put(app, told), job.kind === "map" ? draw : undefined);
    app.say(t(`state.${ended.state}`));
    await app.refresh();
    app.thumbs.forget();
    if (ended.kind === "add" && app.state.status.items >= 3) return void (await start(app, { kind: "map", space: app.state.space, dim: 2, method: app.state.status.default.method }));
    if (app.screen.id === "jobs") await app.showMap(() => app.screen.id === "jobs");
  } catch (error) {
    put(app, await fetchOne(job.id));
    if (error.message !== "cancelled") app.fail(error);
  }
}

const fetchOne = async (id) => (await api.jobs()).find((job) => job.id === id) ?? { id, state: "failed" };

/** Sends files and has them added. */
export async function addFiles(app, files) {
  if (!files.length) return;
  app.store.set({ screen: "jobs", panel: "screen" });
  const most = app.state.status.limits?.upload_bytes ?? Infinity;
  const fitting = files.filter((file) => file.size <= most);
  try {
    const upload = await api.upload();
    for (const file of fitting) await api.uploadFile(upload, file);
    if (fitting.length < files.length) app.fail(new Error(t("tooLarge", { n: files.length - fitting.length })));
    if (fitting.length) await start(app, { kind: "add", upload });
  } catch (error) {
    app.fail(error);
  }
}

