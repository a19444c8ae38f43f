// What runs by itself between two words of the player: told by the event "beat", and once by the page itself.

const listeners = [];
let told = {}, toldAt = performance.now();

function take(numbers) {
  told = numbers;
  toldAt = performance.now();
  show();
}

function show() {
  const passed = (performance.now() - toldAt) / 1000;
  for (const listener of listeners) listener(told, passed);
}

/** Call `listener` with the numbers and their age in seconds: at each word of them, and once a second. */
export function onRunning(listener) {
  listeners.push(listener);
  listener(told, (performance.now() - toldAt) / 1000);
}

const start = document.querySelector("[data-running]");
if (start) take(JSON.parse(start.dataset.running));
document.addEventListener("beat", (event) => take(JSON.parse(event.detail.data)));
document.addEventListener("htmx:after:swap", show);
setInterval(() => { if (!document.hidden) show(); }, 1000);
