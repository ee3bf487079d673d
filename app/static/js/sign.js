/** When a sign box opens, the focus goes to what is asked first: the reason, else the password. */

document.addEventListener(
  "toggle",
  (event) => {
    const opener = event.target;
    if (!(opener instanceof HTMLDetailsElement) || !opener.open) return;
    const box = opener.querySelector("[data-sign]");
    const field = box?.querySelector("textarea, input[type=password]");
    if (field instanceof HTMLElement) field.focus();
  },
  true, // toggle does not bubble
);

// Esc closes the box again and gives the focus back to its button
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !(event.target instanceof Element)) return;
  const opener = event.target.closest("details.sign-open[open]");
  if (!opener) return;
  opener.removeAttribute("open");
  opener.querySelector("summary")?.focus();
});
