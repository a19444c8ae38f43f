// How far the track is: a bar, and two times.

import { onRunning } from "page/running";

function clock(seconds) {
  if (!(seconds >= 0)) return "–";
  const whole = Math.floor(seconds), minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  const tail = `${String(whole % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

onRunning((numbers, passed) => {
  const place = document.getElementById("place");
  if (!place) return;
  const long = numbers.duration_s > 0, known = typeof numbers.position_s === "number";
  let at = known ? numbers.position_s + (numbers.runs ? passed : 0) : NaN;
  if (long) at = Math.min(at, numbers.duration_s);
  const bar = place.querySelector("progress");
  bar.max = long ? numbers.duration_s : 1;
  bar.value = known && long ? at : 0;
  place.querySelector("[data-position]").textContent = clock(at);
  place.querySelector("[data-length]").textContent = long ? clock(numbers.duration_s) : "–";
});
