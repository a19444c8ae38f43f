// How long ago the room was read.

import { onRunning } from "page/running";

const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });

function ago(seconds) {
  if (seconds < 90) return words.format(-Math.round(seconds), "second");
  return seconds < 5400 ? words.format(-Math.round(seconds / 60), "minute") : words.format(-Math.round(seconds / 3600), "hour");
}

onRunning((numbers, passed) => {
  const place = document.getElementById("age");
  if (!place) return;
  const age = numbers.read_s === null || numbers.read_s === undefined ? null : numbers.read_s + passed;
  const said = age === null ? "" : age < 5 ? place.dataset.now : ago(age < 60 ? Math.floor(age / 5) * 5 : age);
  if (place.textContent !== said) place.textContent = said;
});
