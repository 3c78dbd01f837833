// Which colour each item has, by what; and the legend that says so. Codes are by item number.

import { api } from "./api.js";
import { categoryColour, MOST, scaleColour } from "./palette.js";

const NONE = 255; // the code of items without a value
const BINS = 6;
const columnCodes = new Map();

/** Forget what was loaded: items came or went. */
export function forgetCodes() {
  columnCodes.clear();
}

export function loadCodes(column) {
  if (!columnCodes.has(column)) columnCodes.set(column, api.codes(column));
  return columnCodes.get(column);
}

/** Columns that are worth colours, the most useful first. */
export function choices(columns, items) {
  const useful = ({ type, distinct, missing }) =>
    items > missing && (type !== "category" || (distinct > 1 && distinct <= Math.max(60, items / 20)));
  return columns.filter(useful);
}

/**
 * Colours of items: {name, codes, entries: [{code, label, count, colour}], colours}. `codes` is a byte an item number;
 * NONE where there is no value.
 */
export async function colouring(name, { frame, columns, dark, values }) {
  if (values) return scaled(name, values, dark);
  if (name === "region") return byRegion(frame, dark);
  const column = columns.find((known) => known.name === name);
  if (!column) return byRegion(frame, dark);
  const { arrays, meta } = await loadCodes(name);
  if (column.type === "category") return byCategory(meta.values ? meta : column, arrays.codes.array, dark);
  return { ...scaled(name, arrays.values.array, dark, column.type), column };
}

function finished(name, codes, entries, dark) {
  const none = categoryColour(MOST, dark);
  const colours = Array.from({ length: 256 }, () => none);
  for (const { code, colour } of entries) colours[code] = colour;
  return { name, codes, entries, colours };
}

/** By the coarsest regions of a map: what lies together. */
export function byRegion(frame, dark) {
  const length = frame.items.reduce((a, b) => Math.max(a, b), -1) + 1;
  const codes = new Uint8Array(length).fill(frame.codes ? NONE : 0);
  const regions = frame.regions[0] ?? [];
  const counts = new Array(256).fill(0);
  frame.codes?.forEach((region, i) => counts[(codes[frame.items[i]] = Math.min(region, MOST))]++);
  const entries = regions.slice(0, MOST).map((region) => ({
    code: region.number, label: region.label || `#${region.number + 1}`, count: counts[region.number],
    colour: categoryColour(region.number, dark),
  })).filter((entry) => entry.count);
  if (!frame.codes) return finished("region", codes, [{ code: 0, colour: categoryColour(0, dark) }], dark);
  return finished("region", codes, entries, dark);
}

/** By the values of a column: the commonest eleven, and "other". Server codes: 0 none, i + 1 = values[i]. */
export function byCategory(column, given, dark) {
  const codes = new Uint8Array(given.length);
  given.forEach((code, number) => (codes[number] = code === 0 ? NONE : Math.min(code - 1, MOST)));
  const entries = column.values.slice(0, MOST).map((label, code) => ({
    code, label, count: column.counts[code], colour: categoryColour(code, dark),
  }));
  const rest = column.counts.slice(MOST).reduce((a, b) => a + b, 0) + (column.other ?? 0);
  if (rest) entries.push({ code: MOST, label: "…", other: true, count: rest, colour: categoryColour(MOST, dark) });
  return finished(column.name, codes, entries, dark);
}

/** By numbers, in up to six ranges that hold about as many items each; NaN is no value. */
export function scaled(name, values, dark, type = "number") {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const edges = [...new Set(Array.from({ length: BINS + 1 }, (_, i) => sorted[Math.round((i / BINS) * (sorted.length - 1))]))];
  const bins = Math.max(edges.length - 1, 1);
  const codes = new Uint8Array(values.length).fill(NONE);
  const counts = new Array(bins).fill(0);
  values.forEach((value, number) => {
    if (Number.isNaN(value)) return;
    let bin = 0;
    while (bin < bins - 1 && value >= edges[bin + 1]) bin++;
    codes[number] = bin;
    counts[bin]++;
  });
  const entries = counts.map((count, code) => ({
    code, count, label: range(edges[code], edges[code + 1] ?? edges[code], type),
    colour: scaleColour(bins > 1 ? code / (bins - 1) : 0.5, dark),
  }));
  return finished(name, codes, sorted.length ? entries : [], dark);
}

function range(low, high, type) {
  if (type === "date") return `${day(low)} – ${day(high)}`;
  const digits = Math.max(Math.abs(low), Math.abs(high)) >= 100 ? 0 : 2;
  const write = (value) => String(Number(value.toFixed(digits)));
  return write(low) === write(high) ? write(low) : `${write(low)} – ${write(high)}`;
}

const day = (days) => new Date(days * 864e5).toISOString().slice(0, 10);

/** Labels of `hidden` as a test of an item number; each column's codes must have been loaded. */
export function hiding(hidden, byName) {
  const tests = Object.entries(hidden).flatMap(([name, labels]) => {
    const colours = byName.get(name);
    if (!colours || !labels.length) return [];
    const off = new Set(colours.entries.filter((entry) => labels.includes(entry.label)).map((entry) => entry.code));
    return [(number) => off.has(colours.codes[number])];
  });
  return tests.length ? (number) => tests.some((test) => test(number)) : null;
}

/** Four bytes a point for the renderer: colour, shape, hidden, 0. */
export function styleOf(items, codes, shapes, isHidden) {
  const style = new Uint8Array(items.length * 4);
  for (let i = 0; i < items.length; i++) {
    const number = items[i];
    style[i * 4] = codes[number] ?? NONE;
    style[i * 4 + 1] = shapes?.[number] ?? 0;
    style[i * 4 + 2] = isHidden?.(number) ? 1 : 0;
  }
  return style;
}
