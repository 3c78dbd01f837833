// Which points lie in a drawn loop. Pure: polygons and points are in pixels.

/** Whether (x, y) lies within a polygon [[x, y], ...], by the even-odd rule. */
export function inside(polygon, x, y) {
  let within = false;
  for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
    const [xa, ya] = polygon[a];
    const [xb, yb] = polygon[b];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) within = !within;
  }
  return within;
}

/** Bounds of a polygon: [left, top, right, bottom]. */
export function bounds(polygon) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of polygon) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
}

/** Indices of the points within; `each(visit)` calls visit(i, x, y) for every visible point. */
export function lassoed(polygon, each) {
  const found = [];
  if (polygon.length < 3) return found;
  const [left, top, right, bottom] = bounds(polygon);
  each((i, x, y) => {
    if (x >= left && x <= right && y >= top && y <= bottom && inside(polygon, x, y)) found.push(i);
  });
  return found;
}

/** Adds a point to a drawn path unless it is nearer than `least` pixels to the last one. */
export function extend(path, x, y, least = 3) {
  const last = path[path.length - 1];
  if (!last || Math.hypot(x - last[0], y - last[1]) >= least) path.push([x, y]);
  return path;
}
