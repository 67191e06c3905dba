// Dragging over the histogram chooses a range of days; without this script the two date fields do the same.
"use strict";
(() => {
  const brush = document.getElementById("brush");
  const form = document.getElementById("ask");
  if (!brush || !form) return;
  const slots = [...brush.querySelectorAll(".slot")];
  let first = -1;
  let last = -1;

  const at = (event) => {
    const box = brush.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * slots.length);
    return Math.max(0, Math.min(slots.length - 1, place));
  };
  const paint = () => {
    const [from, to] = [Math.min(first, last), Math.max(first, last)];
    slots.forEach((slot, n) => slot.classList.toggle("in", first >= 0 && n >= from && n <= to));
  };
  const end = () => {
    if (first < 0) return;
    const [from, to] = [Math.min(first, last), Math.max(first, last)];
    form.elements.since.value = slots[from].dataset.since;
    form.elements.until.value = slots[to].dataset.until;
    first = -1;
    form.requestSubmit();
  };
  brush.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    brush.setPointerCapture(event.pointerId);
    first = last = at(event);
    paint();
  });
  brush.addEventListener("pointermove", (event) => {
    if (first < 0) return;
    last = at(event);
    paint();
  });
  brush.addEventListener("pointerup", end);
  brush.addEventListener("pointercancel", () => { first = -1; paint(); });

  // An address without empty fields can be read and passed on.
  form.addEventListener("submit", () => {
    for (const field of form.elements) field.disabled = field.name && !field.value;
  });
  addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
})();
