// What of the state stands in the address, so that a reload or a sent link shows the same. Pure.
// Items stand by id: their numbers are good for one session only.

import { emptyQuery } from "./state.js";

const SCREENS = ["map", "search", "compare", "change", "plane", "orbit", "jobs"];

/** "#map?..." for a state; `idOf(number)` gives an item's id, or undefined while it is not known. */
export function toHash(state, idOf) {
  const words = new URLSearchParams();
  const put = (key, value, usual = "") => value && value !== usual && words.set(key, value);
  const ids = (numbers) => numbers.map(idOf).filter(Boolean);
  put("space", state.space, state.status?.default?.space);
  put("colour", state.colour, "region");
  put("q", state.query.text);
  put("mode", state.query.mode, "hybrid");
  put("kind", state.query.kind);
  put("vector", state.query.vector);
  put("order", state.order, "score");
  put("cut", state.cutoff ? String(state.cutoff) : "");
  for (const id of ids(state.query.positive.map((example) => example.item))) words.append("like", id);
  for (const id of ids(state.query.negative.map((example) => example.item))) words.append("unlike", id);
  for (const [column, labels] of Object.entries(state.hidden)) {
    for (const label of labels) words.append("hide", `${column}=${label}`);
  }
  if (state.selected !== null) put("item", idOf(state.selected));
  put("with", state.compare.b);
  const text = words.toString();
  return `#${state.screen}${text ? `?${text}` : ""}`;
}

/** What an address says: {screen, space, colour, query, order, cutoff, hidden, itemId, like, unlike}. */
export function fromHash(hash) {
  const [screen, text = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const words = new URLSearchParams(text);
  const hidden = {};
  for (const pair of words.getAll("hide")) {
    const [column, label] = pair.split(/=(.*)/s);
    (hidden[column] ??= []).push(label ?? "");
  }
  return {
    screen: SCREENS.includes(screen) ? screen : "map",
    space: words.get("space"),
    colour: words.get("colour") ?? "region",
    query: {
      ...emptyQuery(),
      text: words.get("q") ?? "",
      mode: words.get("mode") ?? "hybrid",
      kind: words.get("kind") ?? "",
      vector: words.get("vector") ?? "",
    },
    order: words.get("order") ?? "score",
    cutoff: Number(words.get("cut")) || 0,
    hidden,
    itemId: words.get("item"),
    like: words.getAll("like"),
    unlike: words.getAll("unlike"),
    with: words.get("with"),
  };
}
