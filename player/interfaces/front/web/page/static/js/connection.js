// Says when the player does not answer, and takes that back when it does.

const notice = document.getElementById("connection");
const away = (isAway) => { notice.hidden = !isAway; };

document.addEventListener("htmx:sse:error", () => away(true));
document.addEventListener("htmx:sse:close", (event) => { if (event.detail.reason === "ended") away(true); });
document.addEventListener("away", () => away(true));
document.addEventListener("changed", () => away(false));
document.addEventListener("htmx:sse:after:connection", () => away(false));
