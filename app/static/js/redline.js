/** Redlines: N and P go to the next change and the one before; the list at the left follows. */

const changes = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-redline] [data-change]")]);

/** @param {HTMLElement} change @param {boolean} focus */
function show(change, focus) {
  for (const other of changes()) other.removeAttribute("aria-current");
  change.setAttribute("aria-current", "true");
  for (const link of document.querySelectorAll("[data-changes] a")) {
    if (link.getAttribute("href") === `#${change.id}`) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
  if (focus) {
    change.focus({ preventScroll: true });
    change.scrollIntoView({ block: "center" });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  const target = event.target;
  if (target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]")) return;
  const step = { n: 1, p: -1 }[event.key.toLowerCase()];
  const all = changes();
  if (!step || !all.length) return;
  event.preventDefault();
  const here = all.findIndex((change) => change.hasAttribute("aria-current"));
  const next = here < 0 && step < 0 ? all.length - 1 : here + step;
  show(all[(next + all.length) % all.length], true);
});

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-changes] a") : null;
  const change = document.getElementById(link?.getAttribute("href")?.slice(1) ?? "");
  if (change) show(change, false);
});

const wanted = document.getElementById(location.hash.slice(1));
if (wanted?.hasAttribute("data-change")) show(wanted, false);
