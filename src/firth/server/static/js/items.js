// What the page knows of items: details on demand in batches, and small pictures.

import { api } from "./api.js";
import { titleOf } from "./titles.js";

const BATCH = 300;

/** A cache of items by number; `told()` is called when some have come. */
export function itemCache(told) {
  const known = new Map();
  const coming = new Map(); // number -> the promise of its batch
  let batch = null; // numbers that will be asked for together

  function ask(number) {
    if (!batch || batch.length >= BATCH) {
      const mine = (batch = []);
      mine.promise = pause(15).then(() => fetched(mine));
    }
    batch.push(number);
    coming.set(number, batch.promise);
  }

  async function fetched(mine) {
    if (batch === mine) batch = null;
    try {
      for (const item of await api.items({ items: mine })) known.set(item.item, item);
    } finally {
      mine.forEach((number) => coming.delete(number));
    }
    told?.();
  }

  return {
    get: (number) => known.get(number),
    put: (items) => items.forEach((item) => known.set(item.item, { ...known.get(item.item), ...item })),
    /** Asks for those that are not there yet; resolves, when they are, to all that exist. */
    async need(numbers) {
      const missing = numbers.filter((number) => !known.has(number));
      missing.filter((number) => !coming.has(number)).forEach(ask);
      await Promise.all(missing.map((number) => coming.get(number)));
      return numbers.map((number) => known.get(number)).filter(Boolean);
    },
    async byIds(ids) {
      if (!ids.length) return [];
      const items = await api.items({ ids });
      this.put(items);
      return items;
    },
    title: (number) => (known.has(number) ? titleOf(known.get(number)) : ""),
  };
}

const pause = (ms) => new Promise((go) => setTimeout(go, ms));

/** Small pictures as URLs; `has(number)` says who may have one, `told()` is called when some have come. */
export function thumbCache(has, told) {
  const urls = new Map(); // number -> URL, or null where there is none
  const asked = new Set();
  let due = null;

  async function fetchSome() {
    const wanted = [...asked].slice(0, BATCH);
    wanted.forEach((number) => asked.delete(number));
    const { arrays } = await api.thumbs(wanted, 64);
    const ends = arrays.ends.array;
    wanted.forEach((number, i) => {
      const bytes = arrays.bytes.array.slice(i ? ends[i - 1] : 0, ends[i]);
      urls.set(number, bytes.length ? URL.createObjectURL(new Blob([bytes], { type: "image/webp" })) : null);
    });
    due = asked.size ? setTimeout(fetchSome, 0) : null;
    told();
  }

  return {
    /** A 64-pixel picture's URL, or null while it is on its way or where there is none. */
    get(number) {
      if (api.standalone) return this.address(number, 64);
      if (urls.has(number) || !has(number)) return urls.get(number) ?? null;
      asked.add(number);
      due ??= setTimeout(fetchSome, 30);
      return null;
    },
    /** An address of one for lists, of 64 or 192 pixels. */
    address: (number, side) => (has(number) ? api.thumb(number, side) : null),
    forget() {
      for (const url of urls.values()) if (url) URL.revokeObjectURL(url);
      urls.clear();
    },
  };
}
