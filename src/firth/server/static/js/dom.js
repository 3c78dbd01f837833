// Building the page's elements. Text goes in as text: nothing that comes from data is ever parsed as HTML.

import { bridge } from "./bridge.js";

const SVG = "http://www.w3.org/2000/svg";

/** h("button.quiet", {onclick, title}, "text", child, ...): an element; null and false children are left out. */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElement(tag), attributes, children, classes);
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElementNS(SVG, tag), attributes, children, classes);
}

function filled(element, attributes, children, classes) {
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "indeterminate") element[key] = value;
    else if (key === "src" && bridge && value.startsWith("/api/")) bridge.address(value).then((address) => (element.src = address));
    else if (key === "style") for (const [name, set] of Object.entries(value)) element.style.setProperty(name, set);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts children in place of what was there. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A text with stretches in <mark>; offsets count code points, as the server counts them. */
export function highlighted(text, stretches) {
  const signs = Array.from(text);
  const parts = [];
  let at = 0;
  for (const [start, end] of stretches) {
    if (start < at) continue;
    parts.push(signs.slice(at, start).join(""), h("mark", {}, signs.slice(start, end).join("")));
    at = end;
  }
  return [...parts, signs.slice(at).join("")].filter((part) => part !== "");
}

const ICONS = {
  map: "M4 6l5-2 6 2 5-2v14l-5 2-6-2-5 2zM9 4v14M15 6v14",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  compare: "M4 5h6v14H4zM14 5h6v14h-6z",
  change: "M4 8h13l-3-3M20 16H7l3 3",
  plane: "M5 19L19 5M7 8h.01M10 6h.01M15 17h.01M18 14h.01",
  orbit: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
  jobs: "M12 15V4M8 8l4-4 4 4M4 15v4h16v-4",
  lasso: "M12 5c5 0 8 2 8 5s-3 5-8 5c-4 0-7-1.500-7-4.500S8 5 12 5zM8 14c-1 2-1 3 0 5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  close: "M6 6l12 12M18 6L6 18",
  back: "M14 6l-6 6 6 6",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  legend: "M4 7h.01M8 7h12M4 12h.01M8 12h12M4 17h.01M8 17h12",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
  play: "M8 5l11 7-11 7z",
  save: "M12 4v11M8 11l4 4 4-4M4 19h16",
};

/** A small line drawing, hidden from screen readers. */
export function icon(name) {
  return s("svg.icon", { viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
}
