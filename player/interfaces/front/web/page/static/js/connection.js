// Says when the player does not answer, and takes that back when it does. A page hears of it from its stream of events;
// one that has none (the hub's) from what it asks for every few seconds.

const notice = document.getElementById("connection");
const away = (isAway) => { notice.hidden = !isAway; };

document.addEventListener("htmx:sse:error", () => away(true));
document.addEventListener("htmx:sse:close", (event) => { if (event.detail.reason === "ended") away(true); });
document.addEventListener("away", () => away(true));
document.addEventListener("changed", () => away(false));
document.addEventListener("htmx:sse:after:connection", () => away(false));

const asksAgain = ({ target }) => target.matches?.('[hx-trigger*="every "]');
document.addEventListener("htmx:error", (event) => { if (asksAgain(event)) away(true); });
document.addEventListener("htmx:after:request", (event) => {
  if (asksAgain(event)) away(event.detail.ctx.response.status >= 500);
});
