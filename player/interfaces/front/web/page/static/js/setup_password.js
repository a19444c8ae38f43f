// The passwords: set or changed, then the page is loaded again, as whoever has the new one.

import { ask } from "page/api";
import { say, sayWhy } from "page/said";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-password]")) return;
  event.preventDefault();
  try {
    await ask("POST", "/api/password", { role: form.dataset.password, ...Object.fromEntries(new FormData(form)) });
    form.reset();
    say(form.dataset.done);
    location.reload();
  } catch (error) {
    sayWhy(error);
  }
});
