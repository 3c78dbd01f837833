// What the GPU runs. Points are laid out by two layouts and a mix of both; shape and colour come with each point.

export const VERTEX = `#version 300 es
layout(location=0) in vec3 a;
layout(location=1) in vec3 b;
layout(location=2) in vec4 style;  // colour, shape, hidden, side
uniform mat4 fromA, fromB;
uniform float morph, size, deep, marked, dimmed, opacity;
uniform vec3 quiet, paper;
uniform sampler2D palette;
out vec4 colour;
flat out int shape;
out float pixels;
void main() {
  gl_Position = mix(fromA * vec4(a, 1.), fromB * vec4(b, 1.), morph);
  float near = deep > 0. ? clamp(.5 - gl_Position.z, 0., 1.) : 1.;
  pixels = size * (deep > 0. ? mix(.55, 1.25, near) : 1.) * (marked > 0. ? 1.55 : 1.);
  shape = int(style.y);
  vec3 own = texelFetch(palette, ivec2(int(style.x), 0), 0).rgb;
  bool rest = dimmed > 0. && marked == 0.;
  vec3 seen = rest ? quiet : own;
  colour = vec4(deep > 0. ? mix(paper, seen, mix(.35, 1., near)) : seen, marked > 0. ? 1. : opacity * (rest ? .6 : 1.));
  if (style.z > 0.) gl_Position = vec4(2., 2., 2., 1.);
  gl_PointSize = pixels + 2.;
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour;
flat in int shape;
in float pixels;
uniform vec3 paper;
uniform float marked, deep;
out vec4 drawn;
float edge(vec2 p) {  // signed distance in units of the radius, below 0 within
  if (shape == 1) { vec2 q = abs(p) - .62; return length(max(q, 0.)) + min(max(q.x, q.y), 0.) - .2; }
  if (shape == 2) return (abs(p.x) + abs(p.y) - 1.05) * .72;
  if (shape == 3) { p.y = p.y * 1.05 - .12; return max(abs(p.x) * .87 - p.y * .5, p.y) - .52; }
  return length(p) - .96;
}
void main() {
  float radius = .5 * pixels;
  vec2 p = (gl_PointCoord - .5) * (pixels + 2.) / radius;
  float far = edge(p) * radius;
  float cover = clamp(.5 - far, 0., 1.);
  if (cover <= (deep > 0. ? .5 : 0.)) discard;
  float rim = marked > 0. ? clamp(far + 1.9, 0., 1.) : 0.;
  drawn = vec4(mix(colour.rgb, paper, rim * .9), 1.) * colour.a * cover;
}`;
