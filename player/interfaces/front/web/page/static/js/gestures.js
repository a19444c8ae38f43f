// What fingers, mouse and keys do to the plane of moods: look around, come closer, point at a track.

const WHEEL = 1.0015;
const TAP_PX = 6; // a finger that has moved no further has tapped

const middle = (touches) => touches.reduce((sum, each) => [sum[0] + each[0] / touches.length, sum[1] + each[1] / touches.length], [0, 0]);
const apart = ([one, other]) => Math.hypot(one[0] - other[0], one[1] - other[1]);

/**
 * Watch the canvas. `does` is told: moved() when another part is seen, zoomedOut(whether)
 * with it, pointed(x, y, reach) and left() of what a
 * mouse is over, tapped(x, y, reach), stepped(right, up) and chosen() of the keys.
 */
export function gestures(canvas, plane, does) {
  const down = new Map();
  let travelled = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const reach = (event) => (event.pointerType === "mouse" ? 14 : 26);
  const seen = () => {
    does.zoomedOut(plane.view.zoom === 1);
    canvas.classList.toggle("closer", plane.view.zoom > 1); // from then on one finger looks around
    does.moved();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    if (!down.size) travelled = 0;
    down.set(event.pointerId, at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = at(event);
    if (!down.has(event.pointerId)) {
      if (event.pointerType === "mouse") does.pointed(...place, reach(event));
      return;
    }
    const before = [...down.values()];
    down.set(event.pointerId, place);
    const after = [...down.values()];
    const [from, to] = [middle(before), middle(after)];
    travelled += Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (after.length === 2) {
      travelled += TAP_PX;
      plane.zoomBy(apart(after) / Math.max(1, apart(before)), ...to);
    }
    if (travelled < TAP_PX) return;
    plane.panBy(to[0] - from[0], to[1] - from[1]);
    seen();
  });
  const up = (event) => {
    const place = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (event.type === "pointerup" && place && !down.size && travelled < TAP_PX) does.tapped(...place, reach(event));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => does.left());
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls; two fingers on a touchpad come so
    event.preventDefault();
    plane.zoomBy(WHEEL ** -event.deltaY, ...at(event));
    seen();
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => {
    plane.zoomBy(2, ...at(event));
    seen();
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) does.stepped(...step);
    else if (event.key === "Enter" || event.key === " ") does.chosen();
    else if (event.key === "+" || event.key === "=") does.zoomed(2);
    else if (event.key === "-") does.zoomed(0.5);
    else if (event.key === "0") does.zoomed(0);
    else return;
    event.preventDefault();
  });
  return { seen };
}
