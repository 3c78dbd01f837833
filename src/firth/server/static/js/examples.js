// Searching by something other than words: a picture of one's own, items of the collection.

import { api } from "./api.js";

/** Searches with a picture from the person's disk. */
export async function searchWithPicture(app, file) {
  try {
    const { picture: handle, thumb } = await api.usePicture(file);
    const query = { ...app.state.query, picture: { handle, thumb, name: file.name } };
    app.store.set({ query, group: null, panel: "screen", screen: app.state.screen === "map" ? "map" : "search" });
  } catch (error) {
    app.fail(error);
  }
}

/** Takes an item as an example of what is wanted ("positive") or not ("negative"); again to take it back. */
export function toggleExample(app, list, number) {
  const { query } = app.state;
  const other = list === "positive" ? "negative" : "positive";
  const there = query[list].some((example) => example.item === number);
  const without = (name) => query[name].filter((example) => example.item !== number);
  app.store.set({
    query: { ...query, [other]: without(other), [list]: there ? without(list) : [...query[list], { item: number }] },
  });
}
