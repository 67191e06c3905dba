// Dragging over the histogram chooses a range of days; without this script the two date fields do the same.
"use strict";
(() => {
  const form = document.getElementById("ask");
  if (!form) return;
  // An address without empty fields can be read and passed on.
  form.addEventListener("submit", () => {
    for (const field of form.elements) field.disabled = Boolean(field.name && !field.value);
  });
  addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });

  const brush = document.getElementById("brush");
  if (!brush) return;
  const told = document.getElementById("brushed");
  const chosen = brush.querySelector(".chosen");
  const counts = brush.dataset.counts.split(",").map(Number);
  const start = brush.dataset.start;
  const months = start.length > 4;
  const origin = Number(start.slice(0, 4)) * 12 + (months ? Number(start.slice(5)) - 1 : 0);
  let first = -1;
  let last = -1;

  const pad = (number) => String(number).padStart(2, "0");
  // The first and the last day of the bar at a place.
  const days = (place) => {
    const month = origin + place * (months ? 1 : 12);
    const after = month + (months ? 1 : 12);
    const end = new Date(Date.UTC(Math.floor(after / 12), after % 12, 0));
    return [`${Math.floor(month / 12)}-${pad((month % 12) + 1)}-01`, end.toISOString().slice(0, 10)];
  };
  const label = (place) => {
    const [year, month] = days(place)[0].split("-");
    return months ? `${Number(month)}/${year}` : year;
  };
  const at = (event) => {
    const box = brush.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * counts.length);
    return Math.max(0, Math.min(counts.length - 1, place));
  };
  const paint = (from, to) => {
    const step = brush.viewBox.baseVal.width / counts.length;
    chosen.setAttribute("x", from * step);
    chosen.setAttribute("width", Math.max(0, to - from + 1) * step);
    const sum = counts.slice(from, to + 1).reduce((a, b) => a + b, 0).toLocaleString(document.documentElement.lang);
    told.textContent = `${from === to ? label(from) : `${label(from)} – ${label(to)}`}: ${sum}`;
  };
  brush.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    brush.setPointerCapture(event.pointerId);
    first = last = at(event);
    paint(first, last);
  });
  brush.addEventListener("pointermove", (event) => {
    if (first >= 0) last = at(event);
    const place = at(event);
    paint(first < 0 ? place : Math.min(first, last), first < 0 ? place : Math.max(first, last));
  });
  brush.addEventListener("pointerup", () => {
    if (first < 0) return;
    form.elements.since.value = days(Math.min(first, last))[0];
    form.elements.until.value = days(Math.max(first, last))[1];
    first = -1;
    form.requestSubmit();
  });
  for (const gone of ["pointercancel", "pointerleave"]) {
    brush.addEventListener(gone, () => {
      if (gone === "pointercancel") first = -1;
      if (first < 0) { chosen.setAttribute("width", 0); told.textContent = ""; }
    });
  }
})();
