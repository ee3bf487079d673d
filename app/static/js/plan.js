/**
 * The year's timeline: the arrow keys move the chosen audit a week, dragging a bar asks what that half month would
 * mean; the planner's progress leads on when it has come to its end. Links and forms do the same without this.
 */

const MOVES = { ArrowLeft: "left", ArrowRight: "right" };

document.addEventListener("keydown", (event) => {
  const bar = event.target;
  const step = /** @type {Record<string, string>} */ (MOVES)[event.key];
  if (!step || !(bar instanceof HTMLAnchorElement) || !bar.matches("[data-bar]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  event.preventDefault();
  const button = document.querySelector(`[data-step="${step}"]`);
  if (bar.hasAttribute("data-chosen") && button instanceof HTMLElement) button.click();
  else location.assign(bar.href);
});

/** @type {HTMLAnchorElement | null} */
let carried = null;

document.addEventListener("dragstart", (event) => {
  const bar = event.target;
  carried = bar instanceof HTMLAnchorElement && bar.matches("[data-bar][draggable]") ? bar : null;
});

/** The half month below, in the row the bar came from. @param {EventTarget | null} target */
function place(target) {
  const cell = target instanceof Element ? target.closest("td[data-to]") : null;
  if (!(cell instanceof HTMLElement) || !carried) return null;
  return cell.closest("tr") === carried.closest("tr") ? cell : null;
}

document.addEventListener("dragover", (event) => {
  if (place(event.target)) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const cell = place(event.target);
  if (!cell || !carried || cell === carried.closest("td")) return;
  event.preventDefault();
  const address = new URL(carried.href);
  address.searchParams.set("to", cell.dataset.to ?? "");
  location.assign(address);
});

// the planner has come to its end: show what came of it
document.addEventListener("htmx:afterSwap", () => {
  const on = document.querySelector("[data-go]");
  if (on instanceof HTMLAnchorElement) location.assign(on.href);
});
