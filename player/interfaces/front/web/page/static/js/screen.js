// What a display in a room needs: a clock, a slow drift that burns nothing in, and to come back whatever happens.

import { base } from "page/api";

const DRIFT_MS = 20_000, REACH = 0.015, LOST_MS = 20_000, TRY_MS = 5000;
const live = document.getElementById("screen");
const words = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
let heardAt = performance.now();
let turn = 0;

function clock() {
  const now = words.format(new Date());
  for (const place of live.querySelectorAll("[data-clock]")) if (place.textContent !== now) place.textContent = now;
}

/** Every corner of a small square in turn, by steps that no two rounds have in common. */
function drift() {
  const reach = REACH * Math.min(innerWidth, innerHeight);
  turn += 1;
  const x = Math.cos(turn * 1.1) * reach, y = Math.sin(turn * 1.7) * reach;
  for (const place of live.querySelectorAll(".drift")) place.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
}

/** A server that has not been heard for a while is asked, and its page is loaded anew when it answers. */
async function comeBack() {
  if (performance.now() - heardAt < LOST_MS) return;
  try {
    const answer = await fetch(`${base}/screen`, { redirect: "follow", cache: "no-store" });
    if (answer.ok) location.reload();
  } catch { /* it is not there yet */ }
}

document.addEventListener("beat", (event) => {
  if (JSON.parse(event.detail.data).process !== live.dataset.process) location.reload();
});
const heard = () => { heardAt = performance.now(); };
for (const word of ["beat", "changed", "away", "htmx:sse:after:connection"]) document.addEventListener(word, heard);
document.addEventListener("htmx:after:swap", () => { clock(); drift(); });
const stayAwake = () => { if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); };
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
setInterval(clock, 1000);
setInterval(drift, DRIFT_MS);
setInterval(comeBack, TRY_MS);
clock();
drift();
