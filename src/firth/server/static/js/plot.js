// One map on the screen: a canvas of points, and over it names, pictures, lines and rings. Knows nothing of the server.

import { between, fit, matrix, still } from "./camera.js";
import { CanvasPoints } from "./canvas2d.js";
import { h } from "./dom.js";
import { webgl } from "./gl.js";
import { listen } from "./input.js";
import { Overlay } from "./overlay.js";
import { inView } from "./pick.js";

const WIDE = 800; // pixels: the side of a view that is wide enough for points of full size
const UNDER = 44; // pixels below the points, where the tools are

/** How large points are, in pixels: smaller where there are more or where there is little room, larger from near. */
export function pointSize(n, times, area = WIDE * WIDE) {
  const room = Math.min(Math.max(Math.sqrt(area) / WIDE, 0.55), 1);
  const far = Math.min(Math.max((12.4 - 1.8 * Math.log10(Math.max(n, 1))) * room, 1.8), 9);
  return Math.min(far * Math.pow(Math.max(times, 0.5), 0.28), 15);
}

/** How opaque points are, so that `count` of them in a view of `area` pixels leave each other visible. */
export function pointOpacity(count, size, area) {
  const room = (area * 0.35) / Math.max(count * size * size, 1);
  return Math.min(Math.max(Math.pow(room, 0.7), 0.1), 0.9);
}

export class Plot {
  frame = null; // {key, items, a, b, regions}: see atlas.js
  camera = still;
  morph = 0;
  hidden = null; // a byte a point
  marked = null;
  #cameras = new Map();
  #due = false;

  /** `hooks`: onHover, onPick, onLasso, onCamera, onView, tool(), thumb(number), colourOf(number), title(number). */
  constructor(host, hooks) {
    this.hooks = hooks;
    this.host = host;
    this.canvas = h("canvas", { tabindex: "0", role: "application" });
    host.classList.add("plot");
    host.replaceChildren(this.canvas);
    this.renderer = webgl(this.canvas, () => this.schedule());
    if (!this.renderer) this.#withoutWebGL();
    this.overlay = new Overlay(this);
    this.unlisten = listen(this);
    this.watcher = new ResizeObserver(() => this.measure());
    this.watcher.observe(host);
    this.measure();
  }

  #withoutWebGL() {
    // a canvas that was asked for WebGL in vain still gives a plain one
    this.renderer = new CanvasPoints(this.canvas);
    this.hooks.onFallback?.();
  }

  get deep() {
    return this.frame?.a.dims === 3;
  }

  /** Shows a map; its camera is where it was when it was last shown, else around nearly all points. */
  setFrame(frame, { keepCamera = false } = {}) {
    if (this.flight) this.camera = this.flight.to;
    this.flight = null;
    const away = this.#away();
    if (this.frame && away) this.#cameras.set(this.frame.key, this.camera);
    else if (this.frame) this.#cameras.delete(this.frame.key); // fitted anew, for the view may have another size
    this.frame = frame;
    this.renderer.setLayouts(frame.a, frame.b ?? frame.a);
    this.#limits();
    if (!keepCamera) this.camera = this.#cameras.get(frame.key) ?? this.fitted;
    else if (!away) this.camera = this.fitted;
    this.hidden = null;
    this.cursor = -1;
    this.setMarked(null);
    this.schedule();
  }

  /** Whether somebody has moved the camera from where everything is seen. */
  #away() {
    const { fitted, camera } = this;
    return Boolean(fitted) && Math.abs(camera.zoom / fitted.zoom - 1) + Math.hypot(camera.x - fitted.x, camera.y - fitted.y) * fitted.zoom / 100 > 0.01;
  }

  #limits() {
    const { a, b, beside } = this.frame;
    const layouts = [a, b, beside].filter(Boolean);
    const fitted = fit(layouts, this.width, this.height, { margin: Math.min(56, this.width * 0.08), under: Math.min(UNDER, this.height * 0.12) });
    this.fitted = fitted;
    this.limits = [fitted.zoom * 0.4, fitted.zoom * 400];
  }

  /** `style`: four bytes a point (see gl.js). */
  setStyle(style) {
    this.hidden = new Uint8Array(style.length / 4);
    for (let i = 0; i < this.hidden.length; i++) this.hidden[i] = style[i * 4 + 2];
    this.renderer.setStyle(style);
    this.schedule();
  }

  setPalette(bytes, quiet, paper) {
    this.renderer.setPalette(bytes, quiet, paper);
    this.schedule();
  }

  setMarked(indices) {
    this.marked = indices;
    this.markedSet = indices ? new Set(indices) : null;
    this.renderer.setMarked(indices);
    this.schedule();
  }

  setMorph(t) {
    this.morph = t;
    this.schedule();
  }

  setCamera(camera, { quiet = false } = {}) {
    this.flight = null;
    this.camera = camera;
    if (!quiet) this.hooks.onCamera?.(camera, this);
    this.schedule();
  }

  /** Flies to a camera; at once for those who asked for less motion. */
  fly(camera, ms = 450) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.setCamera(camera);
    const [from, begun] = [this.camera, performance.now()];
    const flight = (this.flight = { to: camera });
    const step = (now) => {
      if (this.flight !== flight) return;
      const t = Math.min((now - begun) / ms, 1);
      this.camera = between(from, camera, t * t * (3 - 2 * t));
      this.hooks.onCamera?.(this.camera, this);
      this.schedule();
      if (t < 1) requestAnimationFrame(step);
      else this.flight = null;
    };
    requestAnimationFrame(step);
  }

  home() {
    this.fly(this.fitted);
  }

  /** Brings an item into the middle where it is out of view. */
  reveal(i) {
    const [x, y] = this.project(i);
    const edge = 40;
    if (x > edge && y > edge && x < this.width - edge && y < this.height - edge) return;
    const dx = this.width / 2 - x;
    const dy = this.height / 2 - y;
    const { zoom } = this.camera;
    this.fly({ ...this.camera, x: this.camera.x - dx / zoom, y: this.camera.y + dy / zoom });
  }

  matrices() {
    const { a, b } = this.frame;
    const fromA = matrix(this.camera, a, this.width, this.height);
    return { fromA, fromB: b ? matrix(this.camera, b, this.width, this.height) : fromA };
  }

  /** Calls visit(i, x, y) in pixels for every point that is not hidden. */
  each(visit, all = false) {
    const project = this.projector();
    for (let i = 0; i < this.frame.a.n; i++) {
      if (!all && this.hidden?.[i]) continue;
      const at = project(i);
      visit(i, at[0], at[1]);
    }
  }

  /** A function from a point to [x, y] in pixels. The same array is given each time. */
  projector() {
    const { fromA, fromB } = this.matrices();
    const { a, b } = this.frame;
    const [t, w, half] = [b ? this.morph : 0, this.width / 2, this.height / 2];
    const at = [0, 0];
    const flat = ({ array, dims }, m, i, row) =>
      m[row] * array[i * dims] + m[4 + row] * array[i * dims + 1] + (dims > 2 ? m[8 + row] * array[i * dims + 2] : 0) + m[12 + row];
    return (i) => {
      let x = flat(a, fromA, i, 0);
      let y = flat(a, fromA, i, 1);
      if (t) {
        x += (flat(b, fromB, i, 0) - x) * t;
        y += (flat(b, fromB, i, 1) - y) * t;
      }
      at[0] = (x + 1) * w;
      at[1] = (1 - y) * half;
      return at;
    };
  }

  project(i) {
    return [...this.projector()(i)];
  }

  /** A place of the map, not of an item, in pixels. */
  place(center) {
    const layout = { ...this.frame.a, scale: [1, 1, 1], offset: [0, 0, 0] };
    const m = matrix(this.camera, layout, this.width, this.height);
    const [x, y, z = 0] = center;
    const at = (row) => m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row];
    return [((at(0) + 1) * this.width) / 2, ((1 - at(1)) * this.height) / 2];
  }

  measure() {
    const { clientWidth, clientHeight } = this.host;
    if (!clientWidth || !clientHeight) return;
    const away = this.#away();
    [this.width, this.height] = [clientWidth, clientHeight];
    this.dpr = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(clientWidth * this.dpr);
    this.canvas.height = Math.round(clientHeight * this.dpr);
    if (this.frame) {
      this.#limits();
      if (!away) this.camera = this.fitted;
      this.draw();
    }
  }

  schedule() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.draw();
    });
  }

  draw() {
    if (!this.frame || !this.width || this.disposed) return;
    const project = this.projector();
    this.view = inView(this.frame.a.n, project, this.width, this.height, this.hidden);
    const size = pointSize(this.frame.a.n, this.camera.zoom / this.fitted.zoom, this.width * this.height);
    const opacity = pointOpacity(this.view.count, size, this.width * this.height);
    const deep = this.deep;
    this.renderer.draw({ ...this.matrices(), morph: this.morph, size: size * this.dpr, opacity: deep ? 1 : opacity, deep });
    this.overlay.draw(project, size);
    this.hooks.onView?.(this.view, this);
  }

  dispose() {
    this.disposed = true;
    this.watcher.disconnect();
    this.unlisten();
    this.renderer.dispose();
    this.host.replaceChildren();
  }
}
