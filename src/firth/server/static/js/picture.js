// The map as a PNG: points, small pictures, names of regions.

import { h } from "./dom.js";

/** Draws what a plot shows on a canvas of its own. */
export function composed(plot, dark) {
  plot.draw(); // WebGL keeps its picture only until the end of this turn
  const { width, height } = plot.canvas;
  const canvas = h("canvas", { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(plot.canvas, 0, 0);
  context.scale(plot.dpr, plot.dpr);
  const box = plot.host.getBoundingClientRect();
  for (const image of plot.host.querySelectorAll(".thumbs img")) {
    const at = image.getBoundingClientRect();
    context.fillStyle = dark ? "#1b2229" : "#fff";
    context.fillRect(at.x - box.x, at.y - box.y, at.width, at.height);
    context.drawImage(image, at.x - box.x + 2, at.y - box.y + 2, at.width - 4, at.height - 4);
  }
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const name of plot.host.querySelectorAll(".names span")) {
    const at = name.getBoundingClientRect();
    const look = getComputedStyle(name);
    context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    context.strokeStyle = dark ? "#11161b" : "#fbfaf7";
    context.lineWidth = 4;
    const place = [name.textContent, at.x - box.x + at.width / 2, at.y - box.y + at.height / 2];
    context.strokeText(...place);
    context.fillStyle = look.color;
    context.fillText(...place);
  }
  return canvas;
}

/** Saves what the stage shows as NAME.png. */
export function savePicture(stage, name) {
  const canvas = composed(stage.main, stage.app.dark);
  canvas.toBlob((blob) => {
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: `${name}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}
