// Mouse, touch and keys on a map.

import { orbit, pan, zoomAt } from "./camera.js";
import { extend, lassoed } from "./lasso.js";
import { nearest, towards } from "./pick.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Listens on a plot's canvas; gives back what ends it. */
export function listen(plot) {
  const { canvas, hooks } = plot;
  const fingers = new Map();
  let drag = null; // {x, y, moved, path, wide}

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const pick = (x, y, reach) => nearest(x, y, (visit) => plot.each(visit), reach, plot.markedSet);

  const on = {
    pointerdown(event) {
      if (!plot.frame || event.button > 2) return;
      plot.host.classList.remove("keyed");
      canvas.setPointerCapture(event.pointerId);
      const [x, y] = at(event);
      fingers.set(event.pointerId, [x, y]);
      if (fingers.size > 1) {
        drag = null;
        plot.overlay.loop(null);
        return;
      }
      const looping = event.button === 0 && (event.shiftKey || hooks.tool?.() === "lasso");
      drag = { x, y, moved: 0, path: looping ? [[x, y]] : null, side: event.button !== 0 || event.ctrlKey };
      hooks.onHover?.(-1, plot);
    },

    pointermove(event) {
      if (!plot.frame) return;
      const [x, y] = at(event);
      if (fingers.size > 1 && fingers.has(event.pointerId)) return pinch(event.pointerId, x, y);
      if (!drag) return hover(x, y, event.pointerType);
      const [dx, dy] = [x - drag.x, y - drag.y];
      drag.moved += Math.hypot(dx, dy);
      [drag.x, drag.y] = [x, y];
      if (drag.path) plot.overlay.loop(extend(drag.path, x, y));
      else if (drag.moved > 3) plot.setCamera((plot.deep && !drag.side ? orbit : pan)(plot.camera, dx, dy));
    },

    pointerup(event) {
      fingers.delete(event.pointerId);
      const ended = drag;
      drag = null;
      if (!ended || !plot.frame) return;
      plot.overlay.loop(null);
      if (ended.path && ended.moved > 12) {
        hooks.onLasso?.(lassoed(ended.path, (visit) => plot.each(visit)), plot);
      } else if (ended.moved <= 4) {
        hooks.onPick?.(pick(ended.x, ended.y, event.pointerType === "touch" ? 24 : 12), plot);
      }
    },

    pointercancel(event) {
      fingers.delete(event.pointerId);
      drag = null;
      plot.overlay.loop(null);
    },

    pointerleave() {
      hooks.onHover?.(-1, plot);
    },

    wheel(event) {
      if (!plot.frame) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0018)), ...at(event));
    },

    dblclick(event) {
      zoom(1.8, ...at(event));
    },

    keyup: (event) => event.key === "Tab" && plot.host.classList.add("keyed"),

    keydown(event) {
      if (event.key !== "Shift") plot.host.classList.add("keyed");
      if (!plot.frame || event.ctrlKey || event.metaKey || event.altKey) return;
      if (key(event)) event.preventDefault();
    },

    contextmenu: (event) => plot.deep && event.preventDefault(),
  };

  let awaited = null;
  function hover(x, y, type) {
    if (type === "touch") return;
    if (!awaited) {
      requestAnimationFrame(() => {
        const [px, py] = awaited;
        awaited = null;
        if (!drag && !plot.disposed && plot.frame) hooks.onHover?.(pick(px, py, 12), plot);
      });
    }
    awaited = [x, y];
  }

  function pinch(id, x, y) {
    const [other] = [...fingers].filter(([known]) => known !== id).map(([, place]) => place);
    const [px, py] = fingers.get(id);
    const grown = Math.hypot(x - other[0], y - other[1]) / Math.max(Math.hypot(px - other[0], py - other[1]), 1);
    fingers.set(id, [x, y]);
    const moved = pan(plot.camera, (x - px) / 2, (y - py) / 2);
    plot.setCamera(zoomAt(moved, grown, (x + other[0]) / 2, (y + other[1]) / 2, plot.width, plot.height, plot.limits));
  }

  function zoom(factor, x = plot.width / 2, y = plot.height / 2) {
    plot.setCamera(zoomAt(plot.camera, factor, x, y, plot.width, plot.height, plot.limits));
  }

  /** Whether a key meant something here. */
  function key(event) {
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) {
      const [dx, dy] = arrow;
      plot.setCamera((plot.deep ? orbit : pan)(plot.camera, -60 * dx, -60 * dy));
    } else if (arrow) step(arrow);
    else if (event.key === "+" || event.key === "=") zoom(1.4);
    else if (event.key === "-") zoom(1 / 1.4);
    else if (event.key === "0" || event.key === "Home") plot.home();
    else if (event.key === "Enter" || event.key === " ") hooks.onPick?.(plot.cursor ?? -1, plot);
    else return false;
    return true;
  }

  function step(direction) {
    const begun = plot.cursor >= 0 && !plot.hidden?.[plot.cursor];
    const each = (visit) => plot.each(visit);
    const next = begun
      ? towards(plot.cursor, plot.project(plot.cursor), direction, each)
      : nearest(plot.width / 2, plot.height / 2, each, Infinity);
    if (next < 0) return;
    plot.cursor = next;
    plot.reveal(next);
    hooks.onHover?.(next, plot, { byKey: true });
  }

  for (const [name, heard] of Object.entries(on)) canvas.addEventListener(name, heard, { passive: false });
  return () => {
    for (const [name, heard] of Object.entries(on)) canvas.removeEventListener(name, heard);
  };
}
