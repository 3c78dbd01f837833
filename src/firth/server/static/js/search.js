// From what a person asks to hits, and from hits to those that are shown.

import { api } from "./api.js";
import { asks } from "./state.js";
import { titleOf } from "./titles.js";

const K = 50;

/** The body of a search for a query. */
export function bodyOf(query) {
  const example = ({ item, text }) => (item === undefined ? { text } : { item });
  return {
    ...(query.text.trim() && { text: query.text.trim() }),
    ...(query.picture && { picture: query.picture.handle }),
    ...(query.positive.length && { positive: query.positive.map(example) }),
    ...(query.negative.length && { negative: query.negative.map(example) }),
    ...(query.vector && { vector: query.vector }),
    mode: query.picture || query.positive.length || query.negative.length ? "hybrid" : query.mode,
    kind: query.kind || null,
    k: K,
  };
}

/** Searches as the query changes; a newer search ends an older one. */
export function searcher(store, items) {
  let running = null;

  async function run() {
    running?.abort();
    const { query } = store.get();
    if (!asks(query)) return store.set({ hits: null, searching: false });
    const mine = (running = new AbortController());
    store.set({ searching: true });
    try {
      const { hits, note } = await api.search(bodyOf(query), mine.signal);
      if (running !== mine) return undefined;
      items.put(hits.map(({ score, percentile, passage, excerpt, ...item }) => item));
      store.set({ hits: { list: hits, note }, searching: false });
    } catch (error) {
      if (error.name === "AbortError" || running !== mine) return undefined;
      store.set({ hits: { list: [], note: "", error }, searching: false });
    }
    return undefined;
  }

  store.on(["query"], run);
  return run;
}

/** The hits that pass the cut-off and the legend, in the order asked for. Pure. */
export function shownHits({ hits, cutoff, order }, isHidden = null) {
  if (!hits) return [];
  const kept = hits.list.filter((hit) => (hit.percentile ?? 100) >= cutoff && !isHidden?.(hit.item));
  if (order === "score") return kept;
  const down = order.startsWith("-");
  const field = order.replace(/^-?field:/, "");
  const value = (hit) => (order === "title" ? titleOf(hit) : hit.fields?.[field]);
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  return [...kept].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a == null || b == null) return (a == null) - (b == null); // without a value: last
    return down ? compare(b, a) : compare(a, b);
  });
}
