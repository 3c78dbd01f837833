// What lies over the points: names of regions, small pictures, lines to neighbours, rings, the loop of a lasso.

import { fill, h, s } from "./dom.js";
import { levelFor, placed } from "./labels.js";

export const FEW = 240; // so many in view or fewer are shown as pictures
const APART = 0.86; // of their side: pictures that would lie more on each other stay points
const HITS = 24; // so many of the marked ones are, however many are in view

export class Overlay {
  rings = new Map(); // index -> class
  lines = []; // [{from, to, near: 0..1}]
  line = null; // {normal, offset}: a straight line across
  #pictures = new Map();
  #sizes = new Map();
  #names = new Map();

  constructor(plot) {
    this.plot = plot;
    this.svg = s("svg.over", { "aria-hidden": "true" });
    this.thumbs = h("div.thumbs", { "aria-hidden": "true" });
    this.names = h("div.names", { "aria-hidden": "true" });
    plot.host.append(this.svg, this.thumbs, this.names);
    this.context = document.createElement("canvas").getContext("2d");
  }

  /** The loop that is being drawn, or null. */
  loop(path) {
    this.path = path;
    this.#vectors(this.plot.projector(), this.size ?? 8);
  }

  draw(project, size) {
    this.size = size;
    this.#labels();
    this.#thumbnails(project);
    this.#vectors(project, size);
  }

  #labels() {
    const { plot } = this;
    const { regions } = plot.frame;
    const shown = new Set();
    if (regions?.length && !plot.frame.nameless) {
      const level = levelFor(plot.camera.zoom / plot.fitted.zoom, regions.length);
      const wanted = regions[level].filter((region) => region.label).map((region) => {
        const [x, y] = plot.place(region.center);
        return { text: region.words.slice(0, level ? 2 : 3).join(" · "), x, y, region };
      });
      const taken = plot.hooks.taken?.(plot) ?? [];
      for (const label of placed(wanted, (text) => this.#measure(text, level), plot.width, plot.height, { taken })) {
        const key = `${level}:${label.region.number}`;
        shown.add(key);
        this.#name(key, label, level);
      }
    }
    for (const [key, element] of this.#names) {
      if (!shown.has(key)) {
        element.remove();
        this.#names.delete(key);
      }
    }
  }

  #name(key, { text, x, y, region }, level) {
    let element = this.#names.get(key);
    if (!element) {
      element = h(`span.level${level}`, { dir: "auto" });
      this.names.append(element);
      this.#names.set(key, element);
    }
    if (element.textContent !== text) element.textContent = text;
    element.style.setProperty("--own", this.plot.hooks.regionColour?.(region) || "currentColor");
    element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
  }

  #measure(text, level) {
    const key = `${level}${text}`;
    if (!this.#sizes.has(key)) {
      const pixels = level ? 12.5 : 15;
      this.context.font = `600 ${pixels}px ${getComputedStyle(document.body).fontFamily}`;
      this.#sizes.set(key, [this.context.measureText(text).width * 1.02 + 4, pixels * 1.3]);
    }
    return this.#sizes.get(key);
  }

  #thumbnails(project) {
    const { plot } = this;
    const few = plot.view.indices && plot.view.count <= FEW ? plot.view.indices : [];
    const first = [...(plot.marked ?? [])].slice(0, HITS).filter((i) => !plot.hidden?.[i]);
    const near = [...this.rings].filter(([, kind]) => kind === "chosen").map(([i]) => i).concat(this.lines.map((line) => line.to));
    const wanted = [...new Set([...near.filter((i) => i >= 0), ...first, ...few])];
    const side = Math.min(Math.max((0.67 * Math.sqrt(plot.width * plot.height)) / Math.sqrt(Math.max(wanted.length, 1)), 24), few.length ? 64 : 44);
    const shown = new Set();
    const places = [];
    for (const i of wanted) {
      const number = plot.frame.items[i];
      const url = plot.hooks.thumb?.(number);
      if (!url) continue;
      const [x, y] = project(i);
      const free = places.every(([px, py]) => Math.abs(px - x) > side * APART || Math.abs(py - y) > side * APART);
      if (!free) continue;
      places.push([x, y]);
      shown.add(number);
      this.#picture(number, url, x, y, side, plot.marked && !plot.markedSet.has(i));
    }
    for (const [number, element] of this.#pictures) {
      if (!shown.has(number)) {
        element.remove();
        this.#pictures.delete(number);
      }
    }
  }

  #picture(number, url, x, y, side, dim) {
    let element = this.#pictures.get(number);
    if (!element) {
      element = h("img", { src: url, alt: "", draggable: "false" });
      this.thumbs.append(element);
      this.#pictures.set(number, element);
    }
    element.classList.toggle("dim", Boolean(dim));
    element.style.borderColor = this.plot.hooks.colourOf?.(number) ?? "";
    element.style.width = element.style.height = `${side}px`;
    element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
  }

  #vectors(project, size) {
    const { plot } = this;
    const parts = [];
    if (this.line) parts.push(this.#across());
    for (const { from, to, near } of this.lines) {
      const [x1, y1] = project(from);
      const a = [x1, y1];
      const [x2, y2] = project(to);
      parts.push(s("line.link", { x1: a[0], y1: a[1], x2, y2, "stroke-opacity": 0.25 + 0.6 * near }));
    }
    for (const [i, kind] of this.rings) {
      if (i < 0 || i >= plot.frame.a.n) continue;
      const [x, y] = project(i);
      const around = this.#pictures.has(plot.frame.items[i]) ? 26 : size * 0.8 + 5;
      parts.push(s(`circle.ring.${kind}`, { cx: x, cy: y, r: around }));
    }
    if (this.path) parts.push(s("polygon.loop", { points: this.path.map((p) => p.join(",")).join(" ") }));
    fill(this.svg, parts);
  }

  /** A straight line of the map's plane, long enough to leave the view. */
  #across() {
    const { normal: [nx, ny], offset } = this.line;
    const length = Math.hypot(nx, ny) || 1;
    const foot = [(-offset * nx) / length ** 2, (-offset * ny) / length ** 2];
    const [dx, dy] = [-ny / length, nx / length];
    const { x, y, zoom } = this.plot.camera;
    const along = (x - foot[0]) * dx + (y - foot[1]) * dy;
    const reach = (this.plot.width + this.plot.height) / zoom;
    const end = (t) => this.plot.place([foot[0] + dx * t, foot[1] + dy * t]);
    const [[x1, y1], [x2, y2]] = [end(along - reach), end(along + reach)];
    return s("line.across", { x1, y1, x2, y2 });
  }

  /** Region labels seen now, for tests and for pictures. */
  get labels() {
    return [...this.#names.values()].map((element) => element.textContent);
  }

  get pictures() {
    return [...this.#pictures.keys()];
  }
}
