// One line at the foot of the page: what was done, or why not.

import { Refusal } from "page/api";

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

/** Why something was not done; what the browser itself says of a fault is not for its reader. */
export const whyNot = (error) => (error instanceof Refusal && error.message) || document.getElementById("connection").textContent;

/** Say that. */
export const sayWhy = (error) => say(whyNot(error), "refused");
