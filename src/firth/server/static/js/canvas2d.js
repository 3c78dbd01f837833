// The same picture where there is no WebGL2: a plain canvas, at most so many points, drawn on the processor.

export const MOST = 20000;

/** A renderer with the interface of gl.js. */
export class CanvasPoints {
  kind = "canvas";
  #marked = null;

  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
  }

  setLayouts(a, b = a) {
    [this.a, this.b] = [a, b];
  }

  setStyle(style) {
    this.style = style;
  }

  setPalette(bytes, quiet, paper) {
    const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
    this.colours = Array.from({ length: 256 }, (_, i) => css(bytes.subarray(i * 4, i * 4 + 3)));
    [this.quiet, this.paper] = [css(quiet), css(paper)];
  }

  setMarked(indices) {
    this.#marked = indices;
  }

  /** Points left out because there are too many. */
  get leftOut() {
    return this.a ? Math.max(0, this.a.n - MOST) : 0;
  }

  draw(view) {
    const { context, canvas, a } = this;
    if (!a || !this.colours) return;
    context.globalAlpha = 1;
    context.fillStyle = this.paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const step = Math.max(1, Math.ceil(a.n / MOST));
    context.globalAlpha = view.opacity * (this.#marked ? 0.6 : 1);
    for (let i = 0; i < a.n; i += step) this.#point(i, view, view.size, this.#marked ? this.quiet : null);
    context.globalAlpha = 1;
    for (const i of this.#marked ?? []) this.#point(i, view, view.size * 1.55, null);
  }

  #point(i, view, size, colour) {
    const { context, canvas, style } = this;
    if (style[i * 4 + 2]) return;
    const [xa, ya] = flat(this.a, i, view.fromA);
    const [xb, yb] = view.morph ? flat(this.b, i, view.fromB) : [xa, ya];
    const x = ((xa + (xb - xa) * view.morph + 1) / 2) * canvas.width;
    const y = ((1 - (ya + (yb - ya) * view.morph)) / 2) * canvas.height;
    if (x < -9 || y < -9 || x > canvas.width + 9 || y > canvas.height + 9) return;
    context.fillStyle = colour ?? this.colours[style[i * 4]];
    context.beginPath();
    if (style[i * 4 + 1] === 1) context.rect(x - size * 0.41, y - size * 0.41, size * 0.82, size * 0.82);
    else context.arc(x, y, size / 2, 0, 7);
    context.fill();
  }

  dispose() {}
}

function flat({ array, dims }, i, m) {
  const [x, y] = [array[i * dims], array[i * dims + 1]];
  const z = dims > 2 ? array[i * dims + 2] : 0;
  return [m[0] * x + m[4] * y + m[8] * z + m[12], m[1] * x + m[5] * y + m[9] * z + m[13]];
}
