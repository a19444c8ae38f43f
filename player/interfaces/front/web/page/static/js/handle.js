// The point of a track as its owner takes hold of it: dragged by mouse or finger, moved by the arrow keys.

const [STEP, LEAP] = [0.02, 0.1];
const KEYS_MS = 1000; // so long after the last key the mood is taken as said
const kept = (value) => Math.max(-1, Math.min(1, Math.round(value * 1000) / 1000));

/** `does`: moving(v, e) while it is on its way, dropped(v, e) where it stays, and back() if it shall not. */
export function handle(button, plane, does) {
  const mood = { v: 0, e: 0 };
  let [grip, timer, before] = [null, 0, null];

  function place() {
    button.style.left = `${plane.x(mood.v)}px`;
    button.style.top = `${plane.y(mood.e)}px`;
  }
  function go(v, e) {
    Object.assign(mood, { v: kept(v), e: kept(e) });
    place();
    does.moving(mood.v, mood.e);
  }
  function drop() {
    clearTimeout(timer);
    const from = before;
    before = null;
    if (from && (from.v !== mood.v || from.e !== mood.e)) does.dropped(mood.v, mood.e);
  }
  function giveUp() {
    clearTimeout(timer);
    if (before) go(before.v, before.e);
    before = grip = null;
    does.back();
  }

  button.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    button.setPointerCapture(event.pointerId);
    before = { ...mood };
    grip = { x: event.clientX, y: event.clientY, v: mood.v, e: mood.e };
    event.preventDefault();
    button.focus({ preventScroll: true });
  });
  button.addEventListener("pointermove", (event) => {
    if (grip) go(grip.v + (event.clientX - grip.x) / plane.perV, grip.e - (event.clientY - grip.y) / plane.perE);
  });
  button.addEventListener("pointerup", () => {
    if (grip) drop();
    grip = null;
  });
  button.addEventListener("pointercancel", giveUp);
  button.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? LEAP : STEP;
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (way) {
      before ??= { ...mood };
      go(mood.v + way[0] * step, mood.e + way[1] * step);
      clearTimeout(timer);
      timer = setTimeout(drop, KEYS_MS);
    } else if (event.key === "Enter") drop();
    else if (event.key === "Escape") giveUp();
    else return;
    event.preventDefault();
  });
  button.addEventListener("blur", () => { if (!grip) drop(); });

  return {
    place,
    get held() { return before !== null; },
    put(v, e) { Object.assign(mood, { v, e }); before = null; clearTimeout(timer); place(); },
  };
}
