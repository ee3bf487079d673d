/** [data-copy]: copies the message; on phones that can, it opens the native sharing sheet. */

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!(button instanceof HTMLElement)) return;
  const text = button.dataset.copy ?? "";
  const phone = window.matchMedia("(pointer: coarse)").matches && "share" in navigator;
  try {
    if (phone) await navigator.share({ text });
    else await navigator.clipboard.writeText(text);
  } catch {
    // no permission, or an old browser: the text stands in the field above, selected for copying by hand
    const field = button.parentElement?.querySelector("textarea");
    field?.select();
    return;
  }
  if (phone) return;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  status.className = "good sm";
  button.parentElement?.querySelector("[role=status]")?.remove();
  button.after(status);
  status.textContent = button.dataset.copied ?? "";
});
