/**
 * [data-drop]: the drop zone names the chosen file, shows when something hovers over it, and sends the form at once
 * where the field says data-submit-on-choose. The field itself covers the zone, so dropping works natively.
 */

/** @param {HTMLInputElement} field */
function chosen(field) {
  const words = field.closest("[data-drop]")?.querySelector("[data-chosen]");
  const files = [...(field.files ?? [])];
  if (!words || !files.length) return;
  const names = document.createElement("strong");
  names.textContent = files.map((file) => file.name).join(", ");
  words.replaceChildren(names);
  if (field.hasAttribute("data-submit-on-choose")) field.form?.requestSubmit();
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.type === "file") chosen(field);
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
    if (zone) zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    // a file dropped beside the zone must not replace the page
    else if (kind === "dragover" || kind === "drop") event.preventDefault();
  });
}
