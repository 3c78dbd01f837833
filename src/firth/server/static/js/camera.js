// Where one looks from: a camera in the plane (x, y, zoom) that may orbit (yaw, pitch) where a map has three dimensions.
// All pure. A camera is {x, y, zoom, yaw, pitch}; zoom = pixels for one unit of the map.

export const still = { x: 0, y: 0, zoom: 1, yaw: 0, pitch: 0 };

/** Camera that shows `share` of the points of all layouts in a view of width x height pixels, with a margin and room under them. */
export function fit(layouts, width, height, { share = 0.98, margin = 40, under = 0 } = {}) {
  const [layout] = layouts;
  const over = (axis) => layouts.map((one) => spread(one, axis, share))
    .reduce((a, b) => [Math.min(a[0], b[0]), Math.max(a[1], b[1])]);
  const spans = [0, 1].map(over);
  const room = (size, span) => Math.max(size - 2 * margin, size / 2) / Math.max(span, 1e-9);
  const high = height - under;
  const deep = layout.dims === 3;
  const widest = deep ? Math.max(...[0, 1, 2].map((axis) => widthOf(over(axis)))) : 0;
  const zoom = deep
    ? Math.min(room(width, widest), room(high, widest))
    : Math.min(room(width, widthOf(spans[0])), room(high, widthOf(spans[1])));
  const [x, y] = spans.map(([low, high]) => (low + high) / 2);
  return { x, y: y - under / 2 / zoom, zoom, yaw: deep ? 0.5 : 0, pitch: deep ? 0.35 : 0 };
}

const widthOf = ([low, high]) => high - low;

/** The range of an axis that holds `share` of a sample of the points. */
export function spread(layout, axis, share) {
  const { n, dims } = layout;
  const step = Math.max(1, Math.floor(n / 20000));
  const values = [];
  for (let i = 0; i < n; i += step) values.push(valueAt(layout, i, axis));
  values.sort((a, b) => a - b);
  if (!values.length || axis >= dims) return [0, 0];
  const cut = Math.floor((values.length * (1 - share)) / 2);
  return [values[cut], values[values.length - 1 - cut]];
}

const valueAt = (layout, i, axis) =>
  layout.array[i * layout.dims + axis] * layout.scale[axis] + layout.offset[axis];

/** The middle of a layout's ranges: around it a camera orbits. */
export function middle(layout) {
  return [0, 1, 2].map((axis) => {
    if (axis >= layout.dims) return 0;
    const [low, high] = spread(layout, axis, 1);
    return (low + high) / 2;
  });
}

/**
 * Column-major 4 x 4 matrix from the raw numbers of a layout to clip space.
 * The scale and offset of whole-number coordinates are folded in, so that they go to the GPU as they came.
 */
export function matrix(camera, layout, width, height) {
  const { dims, scale, offset } = layout;
  const [cy, sy] = [Math.cos(camera.yaw), Math.sin(camera.yaw)];
  const [cx, sx] = [Math.cos(camera.pitch), Math.sin(camera.pitch)];
  const turn = dims === 3
    ? [[cy, sx * sy, -cx * sy], [0, cx, sx], [sy, -sx * cy, cx * cy]]
    : [[1, 0, 0], [0, 1, 0], [0, 0, 0]];
  const pivot = dims === 3 ? layout.pivot ?? (layout.pivot = middle(layout)) : [0, 0, 0];
  const [kx, ky] = [(2 * camera.zoom) / width, (2 * camera.zoom) / height];
  const kz = dims === 3 ? -0.5 / (layout.radius ?? (layout.radius = radius(layout))) : 0;
  const out = new Float32Array(16);
  const moved = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const s = axis < dims ? scale[axis] : 0;
    const o = axis < dims ? offset[axis] - pivot[axis] : 0;
    for (let row = 0; row < 3; row++) {
      out[axis * 4 + row] = turn[axis][row] * s;
      moved[row] += turn[axis][row] * o;
    }
  }
  const k = [kx, ky, kz];
  const at = [moved[0] + pivot[0] - camera.x, moved[1] + pivot[1] - camera.y, moved[2]];
  for (let axis = 0; axis < 3; axis++) for (let row = 0; row < 3; row++) out[axis * 4 + row] *= k[row];
  for (let row = 0; row < 3; row++) out[12 + row] = at[row] * k[row];
  out[15] = 1;
  return out;
}

function radius(layout) {
  return Math.max(...[0, 1, 2].map((axis) => widthOf(spread(layout, axis, 1)))) || 1;
}

/** The camera after a drag by (dx, dy) pixels. */
export function pan(camera, dx, dy) {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y + dy / camera.zoom };
}

/** The camera after zooming by `factor` with the map's place under the pixel (px, py) staying there. */
export function zoomAt(camera, factor, px, py, width, height, limits = [0, Infinity]) {
  const zoom = Math.min(Math.max(camera.zoom * factor, limits[0]), limits[1]);
  const dx = px - width / 2;
  const dy = height / 2 - py;
  return { ...camera, zoom, x: camera.x + dx / camera.zoom - dx / zoom, y: camera.y + dy / camera.zoom - dy / zoom };
}

/** The camera after an orbit by (dx, dy) pixels. */
export function orbit(camera, dx, dy) {
  const pitch = Math.min(Math.max(camera.pitch + dy * 0.008, -1.5), 1.5);
  return { ...camera, yaw: camera.yaw - dx * 0.008, pitch };
}

/** Between two cameras; zoom goes geometrically, so that a flight looks even. */
export function between(a, b, t) {
  const mix = (p, q) => p + (q - p) * t;
  const zoom = a.zoom * Math.pow(b.zoom / a.zoom, t);
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), zoom, yaw: mix(a.yaw, b.yaw), pitch: mix(a.pitch, b.pitch) };
}
