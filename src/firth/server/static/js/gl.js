// Draws points with WebGL2: two layouts and a mix of both, colours from a palette, shapes, marked points on top.

import { FRAGMENT, VERTEX } from "./shaders.js";

const UNIFORMS = [
  "fromA", "fromB", "morph", "size", "deep", "marked", "dimmed", "opacity", "quiet", "paper", "palette",
];

/** A renderer on a canvas, or null where there is no WebGL2. */
export function webgl(canvas, onRestored) {
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: false, powerPreference: "low-power" });
  return gl ? new GLPoints(canvas, gl, onRestored) : null;
}

class GLPoints {
  kind = "webgl2";
  lost = false;
  n = 0;
  #held = {}; // what was set last, to set again after a lost context
  #marks = 0;

  constructor(canvas, gl, onRestored) {
    this.gl = gl;
    this.canvas = canvas;
    this.onLost = (event) => {
      event.preventDefault();
      this.lost = true;
    };
    this.onBack = () => {
      this.lost = false;
      this.#build();
      const { layouts, style, palette, marked } = this.#held;
      if (layouts) this.setLayouts(...layouts);
      if (style) this.setStyle(style);
      if (palette) this.setPalette(...palette);
      this.setMarked(marked ?? null);
      onRestored?.();
    };
    canvas.addEventListener("webglcontextlost", this.onLost);
    canvas.addEventListener("webglcontextrestored", this.onBack);
    this.#build();
  }

  #build() {
    const { gl } = this;
    this.program = link(gl);
    this.at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.vao = gl.createVertexArray();
    this.buffers = Object.fromEntries(["a", "b", "style", "order", "marked"].map((key) => [key, gl.createBuffer()]));
    this.texture = gl.createTexture();
  }

  /** Where points are: a layout, and one to mix it with. */
  setLayouts(a, b = a) {
    const { gl } = this;
    this.#held.layouts = [a, b];
    this.n = a.n;
    gl.bindVertexArray(this.vao);
    this.#coordinates(0, "a", a);
    if (b === a) this.#attribute(1, this.buffers.a, a);
    else this.#coordinates(1, "b", b);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, shuffled(a.n), gl.STATIC_DRAW);
    gl.bindVertexArray(null);
  }

  #coordinates(location, key, layout) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[key]);
    gl.bufferData(gl.ARRAY_BUFFER, layout.array, gl.STATIC_DRAW);
    this.#attribute(location, this.buffers[key], layout);
  }

  #attribute(location, buffer, { array, dims }) {
    const { gl } = this;
    const type = array instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.FLOAT;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, dims, type, false, 0, 0);
  }

  /** Four bytes a point: colour code, shape, hidden or not, 0. */
  setStyle(style) {
    const { gl } = this;
    this.#held.style = style;
    gl.bindVertexArray(this.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.style);
    gl.bufferData(gl.ARRAY_BUFFER, style, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribPointer(2, 4, gl.UNSIGNED_BYTE, false, 0, 0);
    gl.bindVertexArray(null);
  }

  /** 256 colours in RGBA bytes, the one of dimmed points, and that of the paper. */
  setPalette(bytes, quiet, paper) {
    const { gl } = this;
    this.#held.palette = [bytes, quiet, paper];
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    this.quiet = quiet.map((v) => v / 255);
    this.paper = paper.map((v) => v / 255);
  }

  /** Points that stand out, by index; null for none, and then no point is dimmed. */
  setMarked(indices) {
    const { gl } = this;
    this.#held.marked = indices;
    this.#marks = indices ? indices.length : 0;
    gl.bindVertexArray(null); // an element buffer belongs to the bound array object
    if (this.#marks) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.marked);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(indices), gl.DYNAMIC_DRAW);
    }
  }

  /** One picture; `view` = {fromA, fromB, morph, size, opacity, deep}, sizes in device pixels. */
  draw(view) {
    const { gl, at } = this;
    if (this.lost || !this.n || !this.paper) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(...this.paper, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vao);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    view.deep ? gl.enable(gl.DEPTH_TEST) : gl.disable(gl.DEPTH_TEST);
    gl.uniformMatrix4fv(at.fromA, false, view.fromA);
    gl.uniformMatrix4fv(at.fromB, false, view.fromB);
    for (const name of ["morph", "size", "opacity"]) gl.uniform1f(at[name], view[name]);
    gl.uniform1f(at.deep, view.deep ? 1 : 0);
    gl.uniform1f(at.dimmed, this.#held.marked ? 1 : 0);
    gl.uniform3fv(at.quiet, this.quiet);
    gl.uniform3fv(at.paper, this.paper);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(at.palette, 0);
    this.#elements("order", this.n, 0);
    gl.disable(gl.DEPTH_TEST); // marked points are seen through the others
    if (this.#marks) this.#elements("marked", this.#marks, 1);
    gl.bindVertexArray(null);
  }

  #elements(buffer, count, marked) {
    const { gl } = this;
    gl.uniform1f(this.at.marked, marked);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers[buffer]);
    gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
  }

  /** Frees what the GPU holds. */
  dispose() {
    const { gl } = this;
    this.canvas.removeEventListener("webglcontextlost", this.onLost);
    this.canvas.removeEventListener("webglcontextrestored", this.onBack);
    for (const buffer of Object.values(this.buffers)) gl.deleteBuffer(buffer);
    gl.deleteVertexArray(this.vao);
    gl.deleteTexture(this.texture);
    gl.deleteProgram(this.program);
    gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function link(gl) {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`WebGL2: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}

/** 0..n-1 in an order of chance that is the same each time: no group lies over another only by its rank. */
export function shuffled(n) {
  const order = new Uint32Array(n);
  let seed = 12345;
  for (let i = 0; i < n; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = seed % (i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}
