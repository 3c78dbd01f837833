// Before and after: a slider between two states of a space, or between two named vectors.

import { api } from "../api.js";
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { working } from "./map.js";
import { compared, nameOf, overlapValues, spacesOf, spaceSelect, verdict } from "./pairs.js";

export const change = {
  id: "change",
  standalone: () => false,

  async enter(app, still) {
    const spaces = api.standalone ? [] : await spacesOf(app);
    if (!still()) return;
    const was = app.state.change;
    const saved = spaces.findLast((space) => space.startsWith("saved:"));
    const b = spaces.includes(was.b) ? was.b : saved ? app.state.space : spaces.find((space) => space !== app.state.space);
    const a = spaces.includes(was.a) && was.a !== b ? was.a : saved ?? app.state.space;
    app.store.set({ change: { ...was, a, b, spaces }, comparison: null });
    if (!b || a === b) return void (await app.showMap(still));
    const found = await compared(app, a, b, (job) => still() && app.store.set({ progress: job }));
    app.store.set({ progress: null });
    if (!still()) return;
    app.stage.show({ ...found.frame, nameless: true });
    slider(app, a, b);
    app.store.set({ comparison: found.told });
  },

  leave(app) {
    app.stage.setExtra();
    app.stage.main.setMorph(0);
    app.store.set({ comparison: null, progress: null });
  },

  extraColour(app) {
    const frame = app.stage.main?.frame;
    return frame?.overlap ? { name: "overlap", title: t("overlap"), values: () => overlapValues(frame) } : null;
  },

  panel(app) {
    const { change: { a, b, spaces = [] }, comparison, progress } = app.state;
    const choose = (of) => (chosen) => {
      app.store.set({ change: { ...app.state.change, [of]: chosen } });
      app.reenter();
    };
    return [
      h("h1", {}, t("changeTitle")), h("p.lead", {}, t("changeLead")),
      spaces.length > 1 ? h("div.controls", {},
        spaceSelect(app, { label: t("before"), spaces, chosen: a, without: b, onchoose: choose("a") }),
        spaceSelect(app, { label: t("after"), spaces, chosen: b, without: a, onchoose: choose("b") })) : h("p", {}, t("changeNone")),
      progress ? working(progress) : null,
      comparison ? verdict(app, comparison) : null,
      save(app),
    ];
  },
};

/** The slider under the map, and a button that plays it. */
function slider(app, a, b) {
  const { main } = app.stage;
  const set = (value) => {
    main.setMorph(value);
    input.setAttribute("aria-valuetext", `${Math.round(value * 100)} %`);
  };
  const input = h("input", {
    type: "range", min: "0", max: "1", step: "0.01", value: "0", "aria-label": t("changeSlider"), id: "morph",
    oninput: () => set(Number(input.value)),
  });
  let playing = null;
  const play = () => {
    const [from, begun] = [Number(input.value) >= 1 ? 0 : Number(input.value), performance.now()];
    const mine = (playing = {});
    const step = (now) => {
      if (playing !== mine || !input.isConnected) return;
      const share = Math.min(from + (now - begun) / 1800, 1);
      const eased = share * share * (3 - 2 * share);
      input.value = String(eased);
      set(eased);
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };
  input.addEventListener("pointerdown", () => (playing = null));
  app.stage.setExtra(h("span", {}, nameOf(a)), input, h("span", {}, nameOf(b)),
    h("button.plain", { type: "button", "aria-label": t("play"), title: t("play"), onclick: play }, icon("play")));
  set(0);
}

/** Keeps the vectors as they are now, to come back to after training. */
function save(app) {
  const name = h("input", { type: "text", required: true, maxlength: "60", "aria-label": t("stateName"), placeholder: t("stateName"), "data-key": "statename" });
  const submit = async (event) => {
    event.preventDefault();
    const wanted = name.value.trim();
    name.value = "";
    try {
      await api.saveState({ name: wanted, vector: app.state.space });
      app.say(t("stateSaved"));
      app.store.set({ change: { ...app.state.change, a: null, b: null } }); // from this state to what comes
      await app.reenter();
    } catch (error) {
      name.value = wanted;
      app.fail(error);
    }
  };
  return h("form.save-state", { onsubmit: submit }, h("h3", {}, t("saveState")), h("p.quiet", {}, t("saveStateMore", { space: app.state.space })),
    h("div.line", {}, name, h("button", { type: "submit" }, t("save"))));
}
