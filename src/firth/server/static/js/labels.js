// Which names stand on the map, and where: the regions of a level that fits the zoom, no two overlapping. Pure.

/** The level of regions for a zoom that is `times` the one that shows everything. */
export function levelFor(times, levels) {
  const wanted = times < 1.7 ? 0 : times < 4 ? 1 : 2;
  return Math.min(wanted, levels - 1);
}

/**
 * Places labels, the largest first: [{text, x, y, width, height, item}], those that overlap none placed before.
 * `taken` are boxes where no label may stand. `measure(text)` gives [width, height] in pixels; x, y is the middle.
 */
export function placed(wanted, measure, width, height, { gap = 4, taken = [] } = {}) {
  const boxes = [];
  for (const label of wanted) {
    const [w, h] = measure(label.text);
    const box = { ...label, width: w, height: h };
    if (box.x + w / 2 < 0 || box.x - w / 2 > width || box.y < h || box.y > height - h) continue;
    box.x = Math.min(Math.max(box.x, w / 2 + gap), width - w / 2 - gap);
    if (![...taken, ...boxes].some((other) => overlap(box, other, gap))) boxes.push(box);
  }
  return boxes;
}

function overlap(a, b, gap) {
  return Math.abs(a.x - b.x) * 2 < a.width + b.width + 2 * gap
    && Math.abs(a.y - b.y) * 2 < a.height + b.height + 2 * gap;
}
