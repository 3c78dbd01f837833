// Maps as frames that a plot can show: {key, map, items, a, b?, regions, codes, indexOf}.

import { api, followJob } from "./api.js";
import { layoutOf, position } from "./points.js";

const frames = new Map();

/** The map of a space that was drawn last, or undefined; one laid out beside another only in a file. */
export function findMap(maps, { space, dim = 2 }) {
  return maps.findLast((map) => map.space === space && map.dim === dim && (!map.aligned_to || api.standalone));
}

/** The frame of a map, loaded once for each version. */
export async function loadFrame(map) {
  const key = `${map.id}@${map.version}`;
  if (!frames.has(key)) frames.set(key, load(map, key).catch((error) => {
    frames.delete(key);
    throw error;
  }));
  return frames.get(key);
}

async function load(map, key) {
  const [points, regions] = await Promise.all([api.points(map.id), api.regions(map.id)]);
  const codes = regions.length ? (await api.regionCodes(map.id, 0)).arrays.codes.array : null;
  const a = layoutOf(points.arrays.positions, points.meta);
  return framed(key, points.arrays.items?.array, a, { map: points.meta.id ? points.meta : map, regions, codes });
}

/** A frame from its parts; `items` are left out where they are 0..n-1. */
export function framed(key, items, a, rest = {}) {
  const numbers = items ?? Uint32Array.from({ length: a.n }, (_, i) => i);
  return { key, items: numbers, a, regions: [], codes: null, indexOf: inverse(numbers), ...rest };
}

/** From an item's number to its point, or -1. */
function inverse(numbers) {
  const most = numbers.reduce((a, b) => Math.max(a, b), -1);
  const index = new Int32Array(most + 1).fill(-1);
  numbers.forEach((number, i) => (index[number] = i));
  return (number) => index[number] ?? -1;
}

/** The frame of a comparison: two layouts of the shared items. */
export async function compareFrame(id) {
  const { arrays, meta } = await api.comparePoints(id);
  const key = `compare:${id}:${meta.version ?? ""}`;
  const a = layoutOf(arrays.a, meta);
  const b = asWide(layoutOf(arrays.b, meta), a);
  return framed(key, arrays.items.array, a, { b, overlap: arrays.overlap.array, moved: arrays.moved.array });
}

/**
 * A layout stretched about its middle until it is as wide as another: the fit that turned it towards the other also
 * shrinks it, the more the less they agree, and then nothing could be read from it.
 */
export function asWide(layout, other) {
  const [own, wanted] = [extent(layout), extent(other)];
  const times = own.width > 0 ? wanted.width / own.width : 1;
  const scale = layout.scale.map((value) => value * times);
  const offset = layout.offset.map((value, axis) => (value - own.middle[axis]) * times + own.middle[axis]);
  return { ...layout, scale, offset };
}

/** The middle of a layout, and the root mean square distance from it. */
function extent(layout) {
  const middle = [0, 0, 0];
  let width = 0;
  for (let i = 0; i < layout.n; i++) position(layout, i).forEach((value, axis) => (middle[axis] += value / layout.n));
  for (let i = 0; i < layout.n; i++) position(layout, i).forEach((value, axis) => (width += (value - middle[axis]) ** 2 / layout.n));
  return { middle, width: Math.sqrt(width) };
}

/** Reads the frames of a map job as they come; `show` is given one to draw. */
export function liveFrames(key, show) {
  let items = null;
  let count = 0;
  return (told) => {
    if (told.items) items = new Uint32Array(bytes(told.items).buffer);
    const array = new Uint16Array(bytes(told.positions).buffer);
    const a = layoutOf({ array, shape: [array.length / told.dim, told.dim] }, told);
    show(framed(key, items, a, { live: true, number: count++ }), told);
  };
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** Has a map drawn and waits for it; `hear` is told of jobs, `show` of frames. Resolves to the job's result. */
export async function drawMap(body, hear, show) {
  const job = await api.startJob({ kind: "map", ...body });
  const ended = await followJob(job.id, hear, show && liveFrames(`live:${job.id}`, show));
  return ended.result;
}

/** Compares two spaces and waits. */
export async function compareSpaces(body, hear) {
  const job = await api.startJob({ kind: "compare", ...body });
  return (await followJob(job.id, hear)).result;
}
