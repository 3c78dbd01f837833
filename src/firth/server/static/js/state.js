// One store for the whole page. Who wants to know asks to be told when one of some keys changes.

/** A store: get(), set(patch), on(keys, told). Changes within one turn are told together, in order of asking. */
export function createStore(initial) {
  let state = { ...initial };
  const listeners = new Set();
  let pending = null;

  function flush() {
    const changed = pending;
    pending = null;
    for (const { keys, told } of [...listeners]) if (keys.some((key) => changed.has(key))) told(state, changed);
  }

  return {
    get: () => state,
    set(patch) {
      const changed = Object.keys(patch).filter((key) => state[key] !== patch[key]);
      if (!changed.length) return;
      state = { ...state, ...patch };
      if (!pending) {
        pending = new Set();
        queueMicrotask(flush);
      }
      for (const key of changed) pending.add(key);
    },
    on(keys, told) {
      const listener = { keys, told };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What a page begins with. Items are numbers of this session; see the wire contract. */
export const BEGINNING = {
  screen: "map",
  status: null,
  maps: [],
  columns: [],
  space: null, // the named vector that the map shows
  method: null,
  colour: "region",
  hidden: {}, // by column: labels that the legend has switched off
  query: emptyQuery(),
  hits: null, // {list, note, error} of the last search
  searching: false,
  cutoff: 0, // percentile below which hits are left out
  order: "score",
  selected: null,
  hovered: null,
  group: null, // numbers in the last lasso
  sides: { a: null, b: null }, // two groups for the plane
  plane: null,
  compare: { b: null },
  change: { a: null, b: null, t: 0 },
  tool: "move",
  panel: "screen", // or "item"
  lines: null, // {from, to: [numbers]} on the map
  notice: null,
};

/** Names of the vectors, the one that maps show by default first. */
export function vectorNames({ vectors, default: { space } }) {
  return Object.keys(vectors).sort((a, b) => (b === space) - (a === space));
}

/** A query that asks nothing. */
export function emptyQuery() {
  return { text: "", picture: null, positive: [], negative: [], mode: "hybrid", kind: "", vector: "" };
}

/** Whether a query asks something. */
export function asks(query) {
  return Boolean(query.text.trim() || query.picture || query.positive.length);
}
