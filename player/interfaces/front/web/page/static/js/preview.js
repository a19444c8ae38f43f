// What the camera sees, in <details id="look">: only while it is open and this page is in front. The light says
// that it is being looked at. Nothing is kept.

import { base } from "page/api";

const EVERY_MS = 1000;
const words = document.getElementById("words").dataset;
let timer;
let shown = "";

const looking = () => document.getElementById("look")?.open && document.visibilityState === "visible";

function show(address) {
  const place = document.getElementById("look");
  if (shown) URL.revokeObjectURL(shown);
  shown = address;
  if (!place) return;
  place.querySelector("img").hidden = !address;
  place.querySelector(".live").hidden = !address;
  if (address) place.querySelector("img").src = address;
}

async function look() {
  clearTimeout(timer);
  if (!looking()) return show("");
  const said = document.querySelector("#look [role=status]");
  try {
    const answer = await fetch(`${base}/api/camera/preview`);
    if (!looking()) return show("");
    if (answer.ok) {
      show(URL.createObjectURL(await answer.blob()));
      said.textContent = "";
    } else {
      show("");
      said.textContent = (await answer.json()).detail || words.noPicture;
    }
  } catch {
    show("");
    said.textContent = words.noPicture;
  }
  timer = setTimeout(look, EVERY_MS);
}

document.addEventListener("toggle", (event) => {
  if (event.target.id === "look") look();
}, true);
document.addEventListener("visibilitychange", look);
