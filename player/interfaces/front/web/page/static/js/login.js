// The form that logs somebody in.

import { ask } from "page/api";

const form = document.getElementById("login");
const refusal = form.querySelector(".refusal");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  refusal.hidden = true;
  const fields = Object.fromEntries(new FormData(form));
  try {
    await ask("POST", "/api/login", fields);
    location.assign(form.dataset.then);
  } catch (error) {
    refusal.textContent = error.message || document.getElementById("connection").textContent;
    refusal.hidden = false;
  }
});
