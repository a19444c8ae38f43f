// Lets the progress of a track run between two words of the player.

const STEP_MS = 500;

function step() {
  for (const bar of document.querySelectorAll("progress[data-runs]")) {
    const key = `${bar.dataset.since}/${bar.max}`;
    if (bar.shown !== key) {
      bar.shown = key;
      bar.startedAt = performance.now() - Number(bar.dataset.since || 0) * 1000;
    }
    bar.value = Math.min(bar.max, (performance.now() - bar.startedAt) / 1000);
  }
}

setInterval(() => { if (!document.hidden) step(); }, STEP_MS);
