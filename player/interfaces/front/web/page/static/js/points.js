// Draws the library's tracks on the plane of moods: a few as dots, a hundred thousand as a cloud, pixel by pixel.

const MANY = 6000; // seen at once; beyond, dots would only cover each other
const DOT_PX = 3.5;
const CORNERS = {
  // Colours of the plane's corners, between which those of all moods lie: gloomy, calm, tense, lively.
  light: [[84, 78, 160], [10, 122, 108], [180, 44, 72], [196, 106, 0]],
  dark: [[150, 146, 255], [110, 220, 200], [255, 120, 140], [255, 190, 90]],
};

const between = (corners, v, e, channel) => {
  const right = (v + 1) / 2;
  const up = (e + 1) / 2;
  const low = corners[0][channel] * (1 - right) + corners[1][channel] * right;
  const high = corners[2][channel] * (1 - right) + corners[3][channel] * right;
  return low * (1 - up) + high * up;
};

/** What the tracks are: `ids`, `v` and `e` of one length; `corrected` and `found` are 1 for those that are. */
export function trackPoints(answer) {
  const count = answer.ids.length;
  const [v, e] = [new Float32Array(count), new Float32Array(count)];
  const at = new Map();
  for (let i = 0; i < count; i += 1) {
    v[i] = answer.valence[i] / answer.scale;
    e[i] = answer.energy[i] / answer.scale;
    at.set(answer.ids[i], i);
  }
  const corrected = new Set(answer.corrected);
  return { ids: answer.ids, v, e, at, corrected, found: null };
}

/** The track nearest to a place on the screen within a reach in pixels, by its index; -1 if there is none. */
export function nearest(points, plane, x, y, reach) {
  let [best, index] = [reach * reach, -1];
  for (let i = 0; i < points.ids.length; i += 1) {
    if (points.found && !points.found[i]) continue;
    const dx = plane.x(points.v[i]) - x;
    const dy = plane.y(points.e[i]) - y;
    const far = dx * dx + dy * dy;
    if (far < best) [best, index] = [far, i];
  }
  return index;
}

/** The next track in a direction (right and up are positive), by its index; -1 if there is none. */
export function neighbour(points, plane, from, right, up, least = 6) {
  const [x0, y0] = [plane.x(points.v[from]), plane.y(points.e[from])];
  let [best, index] = [Infinity, -1];
  for (let i = 0; i < points.ids.length; i += 1) {
    if (i === from || (points.found && !points.found[i])) continue;
    const dx = plane.x(points.v[i]) - x0;
    const dy = y0 - plane.y(points.e[i]);
    const along = dx * right + dy * up;
    const aside = Math.abs(dx * up) + Math.abs(dy * right);
    if (along < least || aside > 2 * along) continue;
    const cost = along + 2 * aside;
    if (cost < best) [best, index] = [cost, i];
  }
  return index;
}

function cloud(context, points, plane, width, height, density, corners) {
  const counts = new Uint16Array(width * height);
  const faint = points.found ? new Uint8Array(width * height) : null;
  const size = Math.max(2, Math.round(1.5 * density));
  for (let i = 0; i < points.ids.length; i += 1) {
    const x = Math.round(plane.x(points.v[i]) * density);
    const y = Math.round(plane.y(points.e[i]) * density);
    if (x < 0 || y < 0 || x >= width - size || y >= height - size) continue;
    const lies = faint && !points.found[i] ? faint : counts;
    for (let row = y; row < y + size; row += 1) {
      for (let pixel = row * width + x; pixel < row * width + x + size; pixel += 1) {
        if (lies[pixel] < 200) lies[pixel] += 1;
      }
    }
  }
  const image = context.createImageData(width, height);
  const { data } = image;
  for (let y = 0, pixel = 0; y < height; y += 1) {
    const e = plane.e(y / density);
    for (let x = 0; x < width; x += 1, pixel += 1) {
      const count = counts[pixel];
      if (!count && !(faint && faint[pixel])) continue;
      const v = plane.v(x / density);
      for (let channel = 0; channel < 3; channel += 1) data[pixel * 4 + channel] = between(corners, v, e, channel);
      data[pixel * 4 + 3] = count ? Math.min(255, 100 + 40 * count) : 28;
    }
  }
  context.putImageData(image, 0, 0);
}

function dots(context, points, plane, density, corners) {
  context.setTransform(density, 0, 0, density, 0, 0);
  for (let i = 0; i < points.ids.length; i += 1) {
    const [x, y] = [plane.x(points.v[i]), plane.y(points.e[i])];
    if (x < -9 || y < -9 || x > plane.view.width + 9 || y > plane.view.height + 9) continue;
    const colour = [0, 1, 2].map((channel) => Math.round(between(corners, points.v[i], points.e[i], channel)));
    context.globalAlpha = points.found && !points.found[i] ? 0.15 : 0.85;
    context.fillStyle = `rgb(${colour.join(" ")})`;
    context.beginPath();
    context.arc(x, y, DOT_PX, 0, 7);
    context.fill();
  }
}

function rings(context, points, plane, density, ink) {
  context.setTransform(density, 0, 0, density, 0, 0);
  context.globalAlpha = 0.9;
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  for (const id of points.corrected) {
    const i = points.at.get(id);
    if (i === undefined) continue;
    context.beginPath();
    context.arc(plane.x(points.v[i]), plane.y(points.e[i]), DOT_PX + 1.5, 0, 7);
    context.stroke();
  }
}

/** Draw them all onto a canvas, as the plane is seen. */
export function draw(canvas, points, plane) {
  const isMany = points.ids.length > MANY;
  const density = Math.min(devicePixelRatio || 1, isMany ? 1.5 : 3);
  const [width, height] = [Math.round(plane.view.width * density), Math.round(plane.view.height * density)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const corners = matchMedia("(prefers-color-scheme: dark)").matches ? CORNERS.dark : CORNERS.light;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  if (isMany) cloud(context, points, plane, width, height, density, corners);
  else dots(context, points, plane, density, corners);
  rings(context, points, plane, density, getComputedStyle(canvas).color);
}
