// The volume's slider: goes where the volume goes, but not while somebody moves it, and within what they may set.

const live = document.getElementById("now");
const [least, most] = live.dataset.volumeLimits.split(" ");
const RESTS_MS = 1000; // what was wanted is in the status by then, if it was done
let held = false;
let timer;

function slider() { return document.getElementById("volume-range"); }

function follow() {
  const range = slider(), said = live.querySelector("[data-volume]");
  if (!range || !said || held) return;
  range.min = least;
  range.max = most;
  range.value = said.dataset.volume;
  range.nextElementSibling.textContent = said.dataset.volume;
}

function letGo() {
  clearTimeout(timer);
  timer = setTimeout(() => { held = false; follow(); }, RESTS_MS);
}

live.addEventListener("input", (event) => {
  if (event.target !== slider()) return;
  clearTimeout(timer);
  held = true;
  event.target.nextElementSibling.textContent = event.target.value;
});
// Back where it was, it has not changed.
for (const kind of ["change", "focusout", "pointerup", "pointercancel"]) document.addEventListener(kind, () => { if (held) letGo(); });
document.addEventListener("htmx:after:swap", follow);
follow();
