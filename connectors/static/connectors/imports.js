/* Progress of an import moves on by itself; when the state changes, so does the page. */
"use strict";

const EVERY_MS = 2000;

async function follow() {
  const panel = document.getElementById("import-progress");
  if (!panel) return;
  let fresh = panel;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    fresh = page.getElementById("import-progress");
  } catch {
    // Offline for a moment: try again.
  }
  if (!fresh || fresh.dataset.state !== panel.dataset.state) {
    location.reload();
    return;
  }
  panel.replaceWith(document.adoptNode(fresh));
  setTimeout(follow, EVERY_MS);
}

setTimeout(follow, EVERY_MS);
