/* Small comforts of the admin. Every page works without it. */
"use strict";

// Filters and the phone menu: one open at a time, Escape and a click elsewhere close them.
const popups = "#changelist-filter details, .pro-menu";

document.addEventListener("click", (event) => {
  document.querySelectorAll(popups).forEach((popup) => {
    if (popup.open && !popup.contains(event.target)) popup.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll(popups).forEach((popup) => {
    if (!popup.open) return;
    popup.open = false;
    popup.querySelector("summary").focus();
  });
});

// A secret that is shown once is selected as a whole, ready to copy.
document.querySelectorAll(".pro-secret").forEach((field) => {
  field.addEventListener("focus", () => field.select());
});

// The brand colour in the preview while it is being chosen; saving computes the exact shades.
const colour = document.querySelector("input.pro-colour");

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((start) => {
    const value = parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

if (colour) {
  colour.addEventListener("input", () => {
    const text = luminance(colour.value) > 0.1791 ? "#000000" : "#ffffff";
    document.querySelectorAll(".pro-preview .fill").forEach((shape) => shape.setAttribute("fill", colour.value));
    document.querySelectorAll(".pro-preview .on").forEach((shape) => shape.setAttribute("fill", text));
  });
}
