// Everything works without this file. It keeps the remaining time current (minutes, never seconds),
// says so to screen readers at 10 and 2 minutes, and moves focus to what matters after a page came in.
(function () {
  "use strict";
  const ANNOUNCE_AT = [10, 2];
  let lastMinutes = null;

  function words(timer, minutes) {
    const hours = Math.floor(minutes / 60);
    const text = minutes < 1 ? timer.dataset.under : hours ? timer.dataset.hours : timer.dataset.minutes;
    return text.replace("{h}", hours).replace("{m}", hours ? String(minutes % 60).padStart(2, "0") : minutes);
  }

  function tick() {
    const timer = document.querySelector("[data-closes]");
    if (!timer) return;
    // The server's clock decides; the page only knows how far its own is off.
    const skew = Number(timer.dataset.skew);
    const left = Number(timer.dataset.closes) - Date.now() - skew;
    if (left <= 0) {
      timer.removeAttribute("data-closes");
      timer.textContent = timer.dataset.closed;
      if (timer.dataset.then === "reload") window.location.reload();
      return;
    }
    const minutes = Math.floor(left / 60000);
    const text = words(timer, minutes);
    if (timer.textContent !== text) timer.textContent = text;
    const bar = document.querySelector(".window progress");
    if (bar) bar.value = Math.ceil(left / 60000);
    if (lastMinutes !== null && minutes !== lastMinutes && ANNOUNCE_AT.includes(minutes)) {
      document.getElementById("live").textContent = text;
    }
    lastMinutes = minutes;
  }

  function start() {
    const timer = document.querySelector("[data-closes]");
    if (timer && !timer.dataset.skew) timer.dataset.skew = String(Number(timer.dataset.now) - Date.now());
    tick();
  }

  document.addEventListener("DOMContentLoaded", function () {
    start();
    const problem = document.querySelector(".errors");
    if (problem) problem.focus();
  });
  document.addEventListener("htmx:afterSettle", function () {
    start();
    // The button that was pressed is gone, for instance with the last unit: do not throw the reader back to the top.
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  });
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, 5000);
})();
