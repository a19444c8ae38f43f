// The volume's slider: goes where the volume goes, but not while somebody moves it, and within what they may set.

const live = document.getElementById("now");
const [least, most] = live.dataset.volumeLimits.split(" ");
let held = false;

function slider() { return document.getElementById("volume-range"); }

function follow() {
  const range = slider(), said = live.querySelector("[data-volume]");
  if (!range || !said || held) return;
  range.min = least;
  range.max = most;
  range.value = said.dataset.volume;
  range.nextElementSibling.textContent = said.dataset.volume;
}

live.addEventListener("input", (event) => {
  if (event.target !== slider()) return;
  held = true;
  event.target.nextElementSibling.textContent = event.target.value;
});
live.addEventListener("change", (event) => { if (event.target === slider()) setTimeout(() => { held = false; }, 1000); });
document.addEventListener("htmx:after:swap", follow);
follow();
