// The plane of moods as one looks at it: what part of it is seen, where a mood lies on the screen, and back.
// Gladness (valence) runs from left to right and energy upwards, each from -1 to 1.

const MARGIN = 1.06; // of the plane's half, so that no point lies on the edge
const CLOSEST = 40;

/** The view of a plane in a box of `width` by `height` CSS pixels, which resize() tells. */
export function planeView() {
  const view = { zoom: 1, v: 0, e: 0, width: 1, height: 1 };
  const perUnit = (size) => (size * view.zoom) / (2 * MARGIN);

  function keepInside() {
    const most = MARGIN * (1 - 1 / view.zoom);
    view.v = Math.min(most, Math.max(-most, view.v));
    view.e = Math.min(most, Math.max(-most, view.e));
  }

  return {
    view,
    resize(width, height) { Object.assign(view, { width, height }); },
    x: (v) => view.width / 2 + (v - view.v) * perUnit(view.width),
    y: (e) => view.height / 2 - (e - view.e) * perUnit(view.height),
    v: (x) => view.v + (x - view.width / 2) / perUnit(view.width),
    e: (y) => view.e - (y - view.height / 2) / perUnit(view.height),
    get perV() { return perUnit(view.width); },
    get perE() { return perUnit(view.height); },

    /** Come closer by a factor, with what lies at (x, y) staying there. */
    zoomBy(factor, x = view.width / 2, y = view.height / 2) {
      const [v, e] = [this.v(x), this.e(y)];
      view.zoom = Math.min(CLOSEST, Math.max(1, view.zoom * factor));
      view.v += v - this.v(x);
      view.e += e - this.e(y);
      keepInside();
    },
    panBy(dx, dy) {
      view.v -= dx / perUnit(view.width);
      view.e += dy / perUnit(view.height);
      keepInside();
    },
    whole() { Object.assign(view, { zoom: 1, v: 0, e: 0 }); },

    /** Move, if need be, so that a mood is seen. */
    show(v, e) {
      const [x, y] = [this.x(v), this.y(e)];
      if (x > 24 && y > 24 && x < view.width - 24 && y < view.height - 24) return false;
      Object.assign(view, { v, e });
      keepInside();
      return true;
    },
  };
}
