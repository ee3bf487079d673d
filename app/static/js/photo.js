/**
 * input[data-photo]: the photo is made smaller on the device, and parts of it are covered or cut away before it
 * leaves (photo-parts.js draws): what is sent is the picture as it is seen here. Where this does not work the photo
 * goes as it is, and the server makes it smaller.
 */

const MOST = 1600;
const QUALITY = 0.8;

/** @param {HTMLInputElement} field @param {HTMLDialogElement} dialog @param {HTMLElement & {parts?: any}} canvas */
function editor(field, dialog, canvas) {
  const masked = document.querySelector("[data-masked]");
  const away = () => {
    field.value = "";
  };

  /** @param {Blob | null} blob @param {boolean} changed */
  const take = (blob, changed) => {
    if (!blob) return;
    const files = new DataTransfer();
    files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    field.files = files.files;
    if (masked instanceof HTMLInputElement) masked.value = changed ? "y" : "";
    dialog.close();
    const add = field.form?.querySelector("[data-evidence='photo']");
    if (add instanceof HTMLElement) field.form?.requestSubmit(add);
  };

  dialog.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("button") : null;
    if (!pressed) return;
    const mode = pressed.dataset.photoMode;
    if (mode) {
      canvas.parts.mode = mode;
      for (const one of dialog.querySelectorAll("[data-photo-mode]"))
        one.setAttribute("aria-pressed", String(one === pressed));
    } else if (pressed.hasAttribute("data-photo-undo")) canvas.parts.undo();
    else if (pressed.hasAttribute("data-photo-use")) {
      const changed = canvas.parts.isChanged();
      canvas.parts.finished().toBlob((/** @type {Blob | null} */ blob) => take(blob, changed), "image/jpeg", QUALITY);
    } else if (pressed.hasAttribute("data-photo-close")) {
      away();
      dialog.close();
    }
  });
  dialog.addEventListener("cancel", away);

  field.addEventListener("change", async () => {
    const file = field.files?.[0];
    if (!file || !canvas.parts) return;
    try {
      const picture = await createImageBitmap(file);
      canvas.parts.show(picture, Math.min(1, MOST / Math.max(picture.width, picture.height)));
    } catch {
      return; // no picture this browser can draw: it goes as it is, and the server says what it is
    }
    dialog.showModal();
    canvas.focus();
  });
}

const field = document.querySelector("input[data-photo]");
const dialog = document.querySelector("[data-photo-box]");
const canvas = document.querySelector("[data-photo-canvas]");
if (field instanceof HTMLInputElement && dialog instanceof HTMLDialogElement && canvas instanceof HTMLCanvasElement)
  editor(field, dialog, canvas);
