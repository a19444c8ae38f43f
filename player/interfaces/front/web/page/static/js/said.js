// One line at the foot of the page: what was done, or why not.

const SHOWN_MS = 5000;
let timer;

/** Say a sentence for a while; `kind` is "done" or "refused". */
export function say(sentence, kind = "done") {
  const place = document.getElementById("said");
  place.textContent = sentence;
  place.dataset.kind = kind;
  clearTimeout(timer);
  timer = setTimeout(() => { place.textContent = ""; }, SHOWN_MS);
}

/** Say why something was not done. */
export const sayWhy = (error) => say(error.message || document.getElementById("connection").textContent, "refused");
