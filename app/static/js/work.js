/**
 * Lists of work: J and K move, Enter opens, A and R open the form to approve or return, C the comment; the chosen
 * item's preview (data-preview) is fetched into #preview. Rows are links, so everything works without this too.
 */

const wide = window.matchMedia("(min-width: 1101px)");
const rows = () => /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[data-work]")]);
const place = () => rows().findIndex((row) => row.hasAttribute("aria-current"));

/** @type {AbortController | null} */
let running = null;

/** @param {HTMLAnchorElement} row */
async function preview(row) {
  const pane = document.getElementById("preview");
  if (!pane || !row.dataset.preview || !wide.matches) return;
  running?.abort();
  running = new AbortController();
  pane.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(row.dataset.preview, {
      signal: running.signal,
      headers: { "HX-Request": "true" },
    });
    if (answer.redirected || !answer.ok) {
      location.assign(row.href);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    pane.replaceChildren(...page.body.childNodes);
    pane.dispatchEvent(new CustomEvent("htmx:afterSwap", { bubbles: true }));
    // htmx must see the attributes of what came in
    /** @type {any} */ (window).htmx?.process(pane);
  } catch (problem) {
    if (!(problem instanceof DOMException && problem.name === "AbortError")) location.assign(row.href);
  } finally {
    pane.removeAttribute("aria-busy");
  }
}

/** @param {HTMLAnchorElement} row */
function choose(row) {
  for (const other of rows()) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  preview(row);
}

/** Open the form of one decision, or follow its link. @param {string} kind */
function open(kind) {
  const target = document.querySelector(`[data-opens="${kind}"]`);
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    const field = target.querySelector("input:not([type=hidden]), textarea");
    (field instanceof HTMLElement ? field : target.querySelector("summary"))?.focus();
  } else if (target instanceof HTMLElement) {
    target.click();
  } else {
    return false;
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  if (target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]")) return;
  const all = rows();
  const here = place();
  const key = event.key.toLowerCase();
  if (key === "j" && all.length) choose(all[Math.min(here + 1, all.length - 1)]);
  else if (key === "k" && all.length) choose(all[Math.max(here - 1, 0)]);
  else if (key === "enter" && target === document.body && here >= 0) location.assign(all[here].href);
  else if (key === "a" && open("approve")) event.preventDefault();
  else if (key === "r" && open("return")) event.preventDefault();
  else if (key === "c" && open("comment")) event.preventDefault();
  else return;
  event.preventDefault();
});

// on wide screens a click shows the evidence beside the list; a second one opens the page
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const row = event.target.closest("a[data-work]");
  if (!(row instanceof HTMLAnchorElement) || !row.dataset.preview || !wide.matches) return;
  if (!document.getElementById("preview") || row.hasAttribute("aria-current")) return;
  event.preventDefault();
  choose(row);
});
