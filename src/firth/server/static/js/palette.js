// Colours of points. Eleven that most eyes tell apart, then "other"; a scale for numbers; quiet ones for what is dimmed.

export const MOST = 11;

// After Okabe-Ito and Tol, tuned to one weight on paper and on night: [light, dark]
const HUES = [
  ["#2a6fbb", "#6aa9f0"], ["#e0662b", "#f5935c"], ["#2b9a6b", "#5cc99a"], ["#b0468f", "#dd86c1"],
  ["#c59a16", "#e8c557"], ["#6a5bc4", "#a598f2"], ["#1b98a8", "#5cccd8"], ["#c23b4b", "#f27d88"],
  ["#7a8f2a", "#b4c965"], ["#8c5a3c", "#c9997a"], ["#4d6a86", "#9db8d2"],
];
const OTHER = ["#9a9a94", "#77808a"];
// perceptually even from deep blue to warm sand
const SCALE = [
  ["#26456e", "#3b5a8c"], ["#2f7294", "#4b8bb0"], ["#4ba08e", "#62b8a2"], ["#9bbd6a", "#a9cc78"],
  ["#e3b94c", "#ecc866"], ["#d9713f", "#f08f5c"],
];

/** Colour `code` of a list of categories; the eleventh and later share "other". */
export function categoryColour(code, dark) {
  return (code < MOST ? HUES[code] : OTHER)[dark ? 1 : 0];
}

/** Colour of a share 0..1 on the scale for numbers. */
export function scaleColour(share, dark) {
  const place = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1);
  const low = Math.min(Math.floor(place), SCALE.length - 2);
  const [a, b] = [rgb(SCALE[low][dark ? 1 : 0]), rgb(SCALE[low + 1][dark ? 1 : 0])];
  const t = place - low;
  return `#${a.map((v, i) => Math.round(v + (b[i] - v) * t).toString(16).padStart(2, "0")).join("")}`;
}

export function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** 256 colours as RGBA bytes for a texture. */
export function texture(colours) {
  const bytes = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) bytes.set([...rgb(colours[Math.min(i, colours.length - 1)]), 255], i * 4);
  return bytes;
}
