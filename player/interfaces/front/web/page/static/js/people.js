// Shows a new token, this once, and copies it.

import { say } from "page/said";

const dialog = document.getElementById("token");
const field = dialog.querySelector("input");

document.getElementById("new-token").addEventListener("command:done", (event) => {
  field.value = event.detail.token;
  dialog.showModal();
  field.select();
});

dialog.querySelector("[data-copies]").addEventListener("click", async (event) => {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // without TLS, browsers have no clipboard of the newer kind
  }
  say(event.target.dataset.done);
});

dialog.addEventListener("close", () => { field.value = ""; });
