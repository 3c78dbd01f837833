// The pure functions of the page: coordinates, loops, picking, labels, colours, reading, words of the interface.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

const at = (name) => import(`../../src/firth/server/static/js/${name}.js`);
const { between, fit, matrix, orbit, pan, spread, zoomAt } = await at("camera");
const { layoutOf, position, readTensors } = await at("points");
const { extend, inside, lassoed } = await at("lasso");
const { inView, nearest, towards } = await at("pick");
const { levelFor, placed } = await at("labels");
const { categoryColour, MOST, rgb, scaleColour, texture } = await at("palette");
const { byCategory, byRegion, choices, hiding, scaled, styleOf } = await at("colouring");
const { asWide, framed } = await at("atlas");
const { fromHash, toHash } = await at("hash");
const { asks, BEGINNING, createStore, emptyQuery } = await at("state");
const { bodyOf, shownHits } = await at("search");
const { fitting, LANGUAGES, setLanguage, t } = await at("i18n");
const { answering, find } = await at("embedded");
const { pointOpacity, pointSize } = await at("plot");
const { shuffled } = await at("gl");
const { titleOf } = await at("titles");
const { fieldLabel, isTag, tagsOf } = await at("tags");
const { binned } = await at("screens/plane");

function tensors(parts, meta) {
  let size = 0;
  const header = { __metadata__: { firth: JSON.stringify(meta) } };
  for (const [name, [dtype, shape, array]] of Object.entries(parts)) {
    header[name] = { dtype, shape, data_offsets: [size, size + array.byteLength] };
    size += array.byteLength;
  }
  let head = JSON.stringify(header);
  while ((8 + head.length) % 4) head += " ";
  const out = new Uint8Array(8 + head.length + size);
  new DataView(out.buffer).setBigUint64(0, BigInt(head.length), true);
  out.set(new TextEncoder().encode(head), 8);
  let place = 8 + head.length;
  for (const [, , array] of Object.values(parts)) {
    out.set(new Uint8Array(array.buffer), place);
    place += array.byteLength;
  }
  return out.buffer;
}

const flat = (points) => layoutOf({ array: Float32Array.from(points.flat()), shape: [points.length, points[0].length] });
const onScreen = (m, [x, y, z = 0], w, h) => [
  ((m[0] * x + m[4] * y + m[8] * z + m[12] + 1) / 2) * w, ((1 - (m[1] * x + m[5] * y + m[9] * z + m[13])) / 2) * h,
];

describe("the binary form", () => {
  test("floats and whole numbers, with what they mean", () => {
    const buffer = tensors({
      positions: ["U16", [2, 2], Uint16Array.from([0, 65535, 100, 200])], items: ["U32", [2], Uint32Array.from([7, 9])],
    }, { lo: [-1, -2], step: [0.5, 0.25] });
    const { arrays, meta } = readTensors(buffer);
    assert.deepEqual([...arrays.items.array], [7, 9]);
    assert.deepEqual(position(layoutOf(arrays.positions, meta), 1), [49, 48, 0]);
  });
  test("buffers that are not aligned are copied", () => {
    const buffer = tensors({ a: ["U8", [3], Uint8Array.from([1, 2, 3])], b: ["F32", [1], Float32Array.from([0.5])] }, {});
    assert.equal(readTensors(buffer).arrays.b.array[0], 0.5);
  });
  test("a layout can be stretched to be as wide as another", () => {
    const wide = flat([[0, 0], [10, 0], [0, 10], [10, 10]]);
    const b = asWide(flat([[4, 4], [6, 4], [4, 6], [6, 6]]), wide);
    assert.deepEqual(position(b, 0).map(Math.round), [0, 0, 0]);
    assert.deepEqual(position(b, 3).map(Math.round), [10, 10, 0]);
  });
  test("damage is told", () => {
    assert.throws(() => readTensors(new ArrayBuffer(3)), /expected a header/);
    assert.throws(() => readTensors(tensors({ a: ["F32", [2], Float32Array.from([1])] }, {})), /damaged/);
    assert.throws(() => layoutOf({ array: new Uint16Array(2), shape: [1, 2] }, {}), /lo and step/);
  });
});

describe("the camera", () => {
  const layout = flat([[0, 0], [10, 0], [10, 5], [0, 5], [5, 2.5]]);
  test("shows nearly all points", () => {
    const camera = fit([layout], 800, 600, { share: 1, margin: 40 });
    const m = matrix(camera, layout, 800, 600);
    for (const point of [[0, 0], [10, 5]]) {
      const [x, y] = onScreen(m, point, 800, 600);
      assert.ok(x >= 39 && x <= 761 && y >= 39 && y <= 561, `${x} ${y}`);
    }
  });
  test("leaves a far stray out of the first view", () => {
    const many = flat([...Array.from({ length: 198 }, (_, i) => [i % 14, i / 14]), [1e6, 0], [0, -1e6]]);
    const [low, high] = spread(many, 0, 0.98);
    assert.ok(high - low < 20);
  });
  test("whole numbers land where floats do", () => {
    const whole = layoutOf({ array: Uint16Array.from([0, 0, 20, 10]), shape: [2, 2] }, { lo: [0, 0], step: [0.5, 0.5] });
    const camera = { x: 3, y: 1, zoom: 20, yaw: 0, pitch: 0 };
    const a = onScreen(matrix(camera, whole, 300, 200), [20, 10], 300, 200);
    const b = onScreen(matrix(camera, layout, 300, 200), [10, 5], 300, 200);
    a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-3));
  });
  test("zooming keeps the place under the pointer", () => {
    const camera = { x: 3, y: 1, zoom: 20, yaw: 0, pitch: 0 };
    const after = zoomAt(camera, 3, 100, 50, 300, 200);
    const place = (c) => [c.x + (100 - 150) / c.zoom, c.y + (100 - 50) / c.zoom];
    place(camera).forEach((value, i) => assert.ok(Math.abs(value - place(after)[i]) < 1e-9));
    assert.equal(zoomAt(camera, 1000, 0, 0, 300, 200, [1, 40]).zoom, 40);
  });
  test("pans, orbits within limits, flies", () => {
    assert.deepEqual(pan({ x: 0, y: 0, zoom: 2 }, 10, 10), { x: -5, y: 5, zoom: 2 });
    assert.equal(orbit({ yaw: 0, pitch: 1.4 }, 0, 1000).pitch, 1.5);
    const half = between({ x: 0, y: 0, zoom: 1, yaw: 0, pitch: 0 }, { x: 2, y: 4, zoom: 100, yaw: 0, pitch: 0 }, 0.5);
    assert.deepEqual([half.x, half.y, half.zoom], [1, 2, 10]);
  });
  test("three dimensions turn about their middle", () => {
    const deep = flat([[-1, -1, -1], [1, 1, 1], [1, -1, 1], [-1, 1, -1]]);
    const at = (yaw) => onScreen(matrix({ x: 0, y: 0, zoom: 50, yaw, pitch: 0 }, deep, 200, 200), [0, 0, 0], 200, 200);
    assert.deepEqual(at(0).map(Math.round), [100, 100]);
    assert.deepEqual(at(1).map(Math.round), [100, 100]);
    const [x] = onScreen(matrix({ x: 0, y: 0, zoom: 50, yaw: Math.PI / 2, pitch: 0 }, deep, 200, 200), [0, 0, 1], 200, 200);
    assert.equal(Math.round(x), 150);
  });
});

describe("taking points", () => {
  const square = [[0, 0], [10, 0], [10, 10], [0, 10]];
  const each = (points) => (visit) => points.forEach(([x, y], i) => visit(i, x, y));
  test("a loop", () => {
    assert.ok(inside(square, 5, 5) && !inside(square, 15, 5));
    assert.deepEqual(lassoed(square, each([[1, 1], [11, 1], [9, 9]])), [0, 2]);
    assert.deepEqual(lassoed([[0, 0], [1, 1]], each([[0, 0]])), []);
    assert.equal(extend([[0, 0]], 1, 1).length, 1);
    assert.equal(extend([[0, 0]], 9, 1).length, 2);
  });
  test("a loop with a notch leaves the notch out", () => {
    const notched = [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10]];
    assert.deepEqual(lassoed(notched, each([[5, 8], [5, 1]])), [1]);
  });
  test("the nearest within reach; a marked one first", () => {
    const points = each([[0, 0], [5, 0], [100, 0]]);
    assert.equal(nearest(3, 0, points), 1);
    assert.equal(nearest(50, 0, points), -1);
    assert.equal(nearest(3, 0, points, 12, new Set([0])), 0);
  });
  test("arrow keys go the way they point", () => {
    const points = each([[0, 0], [10, 0], [0, 10], [-10, 0], [11, 9]]);
    assert.equal(towards(0, [0, 0], [1, 0], points), 1);
    assert.equal(towards(0, [0, 0], [0, 1], points), 2);
    assert.equal(towards(0, [0, 0], [-1, 0], points), 3);
    assert.equal(towards(0, [0, 0], [0, -1], points), -1);
  });
  test("counts those in view, exactly where they are few", () => {
    const project = (i) => [i, 5];
    assert.deepEqual(inView(10, project, 4, 10, null), { count: 5, indices: [0, 1, 2, 3, 4] });
    assert.deepEqual(inView(10, project, 4, 10, Uint8Array.from([1, 1])).indices, [2, 3, 4]);
    assert.equal(inView(1000, project, 1000, 10, null).indices, null);
    assert.equal(inView(100_000, (i) => [i === 77_777 ? 1 : -1, 5], 10, 10, null).count, 1);
  });
});

describe("names on the map", () => {
  test("finer from near", () => assert.deepEqual([1, 2, 9].map((times) => levelFor(times, 3)), [0, 1, 2]));
  test("no more levels than there are", () => assert.equal(levelFor(9, 1), 0));
  test("the first wins, and none overlaps", () => {
    const labels = [{ text: "a", x: 100, y: 50 }, { text: "b", x: 110, y: 50 }, { text: "c", x: 100, y: 90 }, { text: "d", x: 900, y: 50 }];
    assert.deepEqual(placed(labels, () => [40, 15], 300, 200).map((label) => label.text), ["a", "c"]);
    const taken = [{ x: 100, y: 55, width: 20, height: 20 }];
    assert.deepEqual(placed(labels, () => [40, 15], 300, 200, { taken }).map((label) => label.text), ["c"]);
  });
});

describe("colours", () => {
  test("eleven that differ, then one for the rest", () => {
    for (const dark of [false, true]) {
      const all = Array.from({ length: MOST }, (_, code) => categoryColour(code, dark));
      assert.equal(new Set(all).size, MOST);
      assert.equal(categoryColour(MOST, dark), categoryColour(200, dark));
    }
    assert.deepEqual(rgb("#0a10ff"), [10, 16, 255]);
    assert.match(scaleColour(0.5, false), /^#[0-9a-f]{6}$/);
    assert.deepEqual([...texture(["#010203"]).slice(1020)], [1, 2, 3, 255]);
  });
  test("by categories, with those that have none", () => {
    const column = { name: "field:x", values: ["en", "zh"], counts: [2, 1], other: 0 };
    const made = byCategory(column, Uint8Array.from([1, 2, 0, 1]), false);
    assert.deepEqual([...made.codes], [0, 1, 255, 0]);
    assert.deepEqual(made.entries.map((entry) => entry.label), ["en", "zh"]);
    assert.notEqual(made.colours[0], made.colours[255]);
  });
  test("more than eleven become other", () => {
    const values = Array.from({ length: 14 }, (_, i) => `v${i}`);
    const made = byCategory({ name: "x", values, counts: values.map(() => 1), other: 2 }, Uint8Array.from([14, 12, 11]), true);
    assert.deepEqual([...made.codes], [MOST, MOST, 10]);
    assert.equal(made.entries.at(-1).count, 5);
  });
  test("by numbers, in ranges with about as many each", () => {
    const values = Float32Array.from([...Array.from({ length: 60 }, (_, i) => i), NaN]);
    const made = scaled("field:year", values, false);
    assert.equal(made.entries.length, 6);
    assert.equal(made.entries.reduce((sum, entry) => sum + entry.count, 0), 60);
    assert.equal(made.codes[60], 255);
    assert.ok(made.entries.every((entry) => entry.count >= 8));
  });
  test("one value alone is one range", () => assert.equal(scaled("x", Float32Array.from([3, 3]), false).entries.length, 1));
  test("by regions", () => {
    const frame = framed("k", Uint32Array.from([5, 2]), flat([[0, 0], [1, 1]]), {
      regions: [[{ number: 0, label: "水果" }, { number: 1, label: "" }, { number: 2, label: "nobody here" }]], codes: Uint8Array.from([1, 0]),
    });
    const made = byRegion(frame, false);
    assert.deepEqual([made.codes[5], made.codes[2], made.codes[0]], [1, 0, 255]);
    assert.deepEqual(made.entries.map((entry) => entry.label), ["水果", "#2"]);
    assert.equal(frame.indexOf(2), 1);
    assert.equal(frame.indexOf(77), -1);
  });
  test("the legend hides by label", () => {
    const made = byCategory({ name: "c", values: ["a", "b"], counts: [1, 1] }, Uint8Array.from([1, 2]), false);
    const hidden = hiding({ c: ["b"] }, new Map([["c", made]]));
    assert.deepEqual([hidden(0), hidden(1)], [false, true]);
    assert.equal(hiding({ c: [] }, new Map()), null);
    assert.deepEqual([...styleOf([1, 0], made.codes, [0, 1], hidden)], [1, 1, 1, 0, 0, 0, 0, 0]);
  });
  test("columns that tell nothing are not offered", () => {
    const columns = [
      { name: "a", type: "category", distinct: 1, missing: 0 }, { name: "b", type: "category", distinct: 90, missing: 0 },
      { name: "c", type: "category", distinct: 4, missing: 0 }, { name: "d", type: "number", missing: 100 },
    ];
    assert.deepEqual(choices(columns, 100).map((column) => column.name), ["c"]);
  });
  test("points shrink and fade as they are more", () => {
    assert.ok(pointSize(100, 1) > pointSize(1e5, 1) && pointSize(1e5, 8) > pointSize(1e5, 1));
    assert.ok(pointOpacity(500, 7, 6e5) > pointOpacity(1e6, 2, 6e5));
    assert.ok(pointOpacity(1e7, 9, 1) > 0);
  });
  test("drawn in an order of chance that is a permutation", () => {
    const order = shuffled(1000);
    assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
    assert.deepEqual(order, shuffled(1000));
    assert.notEqual(order[0], 0);
  });
});

describe("state and address", () => {
  const status = { default: { space: "meaning" } };
  test("what is written is read back", () => {
    const state = {
      ...BEGINNING, status, screen: "search", space: "look", colour: "field:語言", cutoff: 40, order: "-field:year", selected: 3,
      hidden: { kind: ["text"], "field:a=b": ["x=y&z"] }, query: { ...emptyQuery(), text: "紅 & 蘋果?#", positive: [{ item: 1 }], negative: [{ item: 2 }] },
    };
    const read = fromHash(toHash(state, (item) => `id/${item}`));
    assert.equal(read.screen, "search");
    assert.equal(read.space, "look");
    assert.equal(read.query.text, "紅 & 蘋果?#");
    assert.deepEqual([read.like, read.unlike, read.itemId], [["id/1"], ["id/2"], "id/3"]);
    assert.deepEqual([read.cutoff, read.order, read.colour], [40, "-field:year", "field:語言"]);
    assert.deepEqual(read.hidden.kind, ["text"]);
  });
  test("what is usual is left out; nonsense is the map", () => {
    assert.equal(toHash({ ...BEGINNING, status, space: "meaning" }, () => "x"), "#map");
    assert.equal(fromHash("#nonsense?colour=").screen, "map");
    assert.equal(fromHash("").query.text, "");
  });
  test("listeners are told once, of what changed", async () => {
    const store = createStore({ a: 1, b: 2 });
    const told = [];
    const off = store.on(["a"], (state, changed) => told.push([state.a, [...changed]]));
    store.set({ a: 2 });
    store.set({ a: 3, b: 2 });
    await null;
    assert.deepEqual(told, [[3, ["a"]]]);
    off();
    store.set({ a: 4 });
    await null;
    assert.equal(told.length, 1);
  });
});

describe("searching", () => {
  const list = [
    { item: 1, score: 0.9, percentile: 99, title: "b", fields: { year: 1990 } }, { item: 2, score: 0.5, percentile: 60, title: "a", fields: {} },
    { item: 3, score: 0.4, percentile: null, title: "c", fields: { year: 2001 } },
  ];
  const ids = (state, hidden) => shownHits({ hits: { list }, cutoff: 0, order: "score", ...state }, hidden).map((hit) => hit.item);
  test("cut-off, order, legend", () => {
    assert.deepEqual(ids({ cutoff: 80 }), [1, 3]);
    assert.deepEqual(ids({ order: "-field:year" }), [3, 1, 2]);
    assert.deepEqual(ids({ order: "title" }), [2, 1, 3]);
    assert.deepEqual(ids({}, (item) => item === 1), [2, 3]);
    assert.deepEqual(shownHits({ hits: null }), []);
  });
  test("the body of a question", () => {
    const query = { ...emptyQuery(), text: "  蘋果 ", positive: [{ item: 4 }], kind: "image", mode: "text" };
    assert.deepEqual(bodyOf(query), { text: "蘋果", positive: [{ item: 4 }], mode: "hybrid", kind: "image", k: 50 });
    assert.ok(!asks(emptyQuery()) && asks({ ...emptyQuery(), picture: {} }));
  });
});

describe("words of the interface", () => {
  test("all languages have the same keys and the same gaps", () => {
    const gaps = (words) => [...words.matchAll(/\{\w+\}/g)].map(String).sort().join();
    const { en, ...others } = LANGUAGES;
    for (const [name, strings] of Object.entries(others)) {
      assert.deepEqual(Object.keys(strings).sort(), Object.keys(en).sort(), name);
      for (const key of Object.keys(en)) assert.equal(gaps(strings[key]), gaps(en[key]), `${name} ${key}`);
    }
  });
  test("the browser's language", () => {
    assert.equal(fitting(["zh-TW"]), "zh-Hant");
    assert.equal(fitting(["zh-HK", "en"]), "zh-Hant");
    assert.equal(fitting(["fr", "zh-CN"]), "zh-Hans");
    assert.equal(fitting(["zh"]), "zh-Hans");
    assert.equal(fitting(["fr"]), "en");
  });
  test("filled in", () => {
    setLanguage("zh-Hant");
    assert.equal(t("found", { n: 3 }), "找到 3 項");
    setLanguage("en");
    assert.equal(t("no such key"), "no such key");
  });
});

describe("a page in one file", () => {
  const data = {
    responses: { "GET /api/maps": { maps: [] } }, binary: { "GET /x": btoa("abcd") },
    items: [{ id: "a", kind: "text", title: "紅蘋果", text: "紅蘋果", fields: {} }, null, { id: "c", kind: "image", title: "red apple", fields: { n: "Apple apple" } }],
    neighbours: { meaning: [[[2, 0.8]], null, [[0, 0.8]]] }, thumbs: [null, null, btoa("RIFF")],
  };
  const inFile = answering(data);
  test("items, neighbours, words", async () => {
    assert.deepEqual(await inFile.json("GET", "/api/maps"), { maps: [] });
    const { items } = await inFile.json("POST", "/api/items", { ids: ["c", "gone"] });
    assert.deepEqual(items.map((item) => [item.item, item.id]), [[2, "c"]]);
    const { neighbours } = await inFile.json("GET", "/api/items/0/neighbours?k=12");
    assert.deepEqual(neighbours.meaning.map((hit) => [hit.item, hit.score]), [[2, 0.8]]);
    assert.deepEqual(find(data.items, { text: "apple" }).map((hit) => hit.item), [2]);
    await assert.rejects(inFile.json("GET", "/api/none"), /not in this file/);
  });
  test("small pictures as data addresses", () => {
    assert.equal(inFile.thumb(2), `data:image/webp;base64,${btoa("RIFF")}`);
    assert.equal(inFile.thumb(0), null);
  });
});

test("signed distances in bins about the plane", () => {
  const { counts, edge } = binned(Float32Array.from([-1, -0.5, 0.1, 2]), 4);
  assert.equal(edge, 2);
  assert.deepEqual(counts, [0, 2, 1, 1]);
});

describe("what an item is called and how it is tagged", () => {
  const apple = { id: "a", title: "red apple", fields: { name_en: "red apple", name_zh_hant: "紅蘋果", name_zh_hans: "红苹果", credit_zh: "x" } };
  for (const [language, name] of [["en", "red apple"], ["zh-Hant", "紅蘋果"], ["zh-Hans", "红苹果"]]) {
    test(`its name in ${language}`, () => {
      setLanguage(language);
      assert.equal(titleOf(apple), name);
      setLanguage("en");
    });
  }
  test("the other script where only that is there, else what the server says, else the id", () => {
    setLanguage("zh-Hant");
    assert.equal(titleOf({ id: "a", title: "pear", fields: { title_zh: "梨" } }), "梨");
    assert.equal(titleOf({ id: "a", title: "a text", text: "a text that is long", fields: { name_zh: "梨" } }), "a text");
    setLanguage("en");
    assert.equal(titleOf({ id: "a", title: "", fields: {} }), "a");
  });
  test("tags, the strongest first; other fields and what is no number are none", () => {
    const item = { fields: { year: 3, "tag:war": 0.2, "tag:魔法": 0.9, "tag:odd": "x", "tag:none": null } };
    assert.deepEqual(tagsOf(item).map(({ name, value }) => [name, value]), [["魔法", 0.9], ["war", 0.2]]);
    assert.deepEqual([isTag("tag:war"), isTag("tags"), fieldLabel("tag:war"), fieldLabel("year")], [true, false, "war", "year"]);
  });
  test("points are smaller where there is little room, and room is left under them", () => {
    assert.ok(pointSize(600, 1, 390 * 440) < pointSize(600, 1, 1000 * 800));
    const layout = flat([[0, 0], [10, 10]]);
    const [plain, raised] = [0, 60].map((under) => fit([layout], 800, 600, { share: 1, margin: 40, under }));
    const lowest = (camera) => onScreen(matrix(camera, layout, 800, 600), [0, 0], 800, 600)[1];
    assert.ok(Math.abs(lowest(plain) - 560) < 0.01 && Math.abs(lowest(raised) - 500) < 0.01);
  });
});
