// Answers from the data inside a standalone page: the same shapes as the server's.

const holder = typeof document === "undefined" ? null : document.getElementById("firth-data");

/** {json, binary} or null where the page came from a server. */
export const embedded = holder ? answering(JSON.parse(holder.textContent)) : null;

/** Answers from `data`, see the wire contract. */
export function answering(data) {
  const byId = new Map(data.items.flatMap((item, number) => (item ? [[item.id, number]] : [])));
  const hit = ([number, score]) => ({ ...data.items[number], item: number, score, percentile: null, passage: null });
  const items = ({ items, ids }) =>
    (items ?? ids.map((id) => byId.get(id))).filter((n) => data.items[n]).map((n) => ({ ...data.items[n], item: n }));

  return {
    thumb: (item) => (data.thumbs[item] ? `data:image/webp;base64,${data.thumbs[item]}` : null),
    async json(method, path, body) {
      const known = data.responses[`${method} ${path}`];
      if (known) return known;
      if (path === "/api/items") return { items: items(body) };
      if (path === "/api/search") return { hits: find(data.items, body), note: "", vector: null };
      const asked = path.match(/^\/api\/items\/(\d+)\/neighbours/);
      if (asked) {
        const lists = Object.entries(data.neighbours).filter(([, rows]) => rows[asked[1]]);
        return { neighbours: Object.fromEntries(lists.map(([name, rows]) => [name, rows[asked[1]].map(hit)])) };
      }
      throw new Error(`${method} ${path} is not in this file`);
    },
    async binary(method, path) {
      const text = data.binary[`${method} ${path}`];
      if (text === undefined) throw new Error(`${method} ${path} is not in this file`);
      return bytes(text).buffer;
    },
  };
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** Items whose texts and fields hold all words, those with more of them first: no vectors here. */
export function find(items, { text = "", k = 50, kind = null }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [];
  items.forEach((item, number) => {
    if (!item || (kind && item.kind !== kind)) return;
    const all = [item.title, item.text, ...Object.values(item.fields ?? {})].join(" ").toLowerCase();
    const score = words.reduce((sum, word) => sum + (all.split(word).length - 1), 0);
    if (words.length && words.every((word) => all.includes(word))) {
      hits.push({ ...item, item: number, score, percentile: null, passage: null });
    }
  });
  return hits.sort((a, b) => b.score - a.score).slice(0, k);
}
