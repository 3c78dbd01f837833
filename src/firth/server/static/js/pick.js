// Which point is meant: by a pixel, or by a direction from another point. Pure; `each(visit)` as in lasso.js.

/** The visible point nearest to a pixel within `reach` pixels, or -1. A marked point wins over one as near. */
export function nearest(px, py, each, reach = 12, marked = null) {
  let best = -1;
  let least = reach * reach;
  each((i, x, y) => {
    let far = (x - px) ** 2 + (y - py) ** 2;
    if (marked?.has(i)) far *= 0.36;
    if (far < least) {
      least = far;
      best = i;
    }
  });
  return best;
}

/** The next point from `from` towards (dx, dy), for arrow keys: near, and within 45 degrees or so. -1 if none. */
export function towards(from, [x0, y0], [dx, dy], each) {
  let best = -1;
  let least = Infinity;
  each((i, x, y) => {
    if (i === from) return;
    const along = (x - x0) * dx + (y - y0) * dy;
    const aside = Math.abs((x - x0) * dy - (y - y0) * dx);
    if (along < 1 || aside > along) return;
    const cost = along + 2 * aside;
    if (cost < least) {
      least = cost;
      best = i;
    }
  });
  return best;
}

/** How many points lie in the view, from a sample of `most`; and their indices where they are few. */
export function inView(n, project, width, height, hidden, few = 400) {
  const step = Math.max(1, Math.floor(n / 20000));
  let seen = 0;
  const found = [];
  for (let i = 0; i < n; i += step) {
    if (hidden?.[i]) continue;
    const [x, y] = project(i);
    if (x >= 0 && y >= 0 && x <= width && y <= height) {
      seen++;
      if (step === 1 && found.length < few) found.push(i);
    }
  }
  if (step > 1 && seen * step < few * 2) return inViewExactly(n, project, width, height, hidden, few);
  return { count: seen * step, indices: step === 1 && seen <= few ? found : null };
}

function inViewExactly(n, project, width, height, hidden, few) {
  const found = [];
  for (let i = 0; i < n; i++) {
    if (hidden?.[i]) continue;
    const [x, y] = project(i);
    if (x >= 0 && y >= 0 && x <= width && y <= height) found.push(i);
  }
  return { count: found.length, indices: found.length <= few ? found : null };
}
