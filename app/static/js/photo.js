/**
 * input[data-photo]: the photo is made smaller on the device, and parts of it are covered or cut away before it
 * leaves: what is sent is the picture as it is seen here. Where this does not work the photo goes as it is, and the
 * server makes it smaller.
 */

const MOST = 1600;
const QUALITY = 0.8;
const STEP = 0.04; // of the width: how far an arrow key moves the cover

/** @typedef {{ x: number, y: number, w: number, h: number }} Box */

/** @param {HTMLInputElement} field @param {HTMLDialogElement} dialog @param {HTMLCanvasElement} canvas */
function editor(field, dialog, canvas) {
  const draw = canvas.getContext("2d");
  const said = dialog.querySelector("[data-photo-said]");
  const masked = document.querySelector("[data-masked]");
  /** @type {ImageBitmap | HTMLCanvasElement | null} */
  let picture = null;
  /** @type {Box[]} */
  let covers = [];
  /** @type {Box | null} */
  let cut = null;
  /** @type {Box | null} */
  let open = null;
  let mode = "mask";
  let name = "photo.jpg";

  const paint = () => {
    if (!draw || !picture) return;
    draw.drawImage(picture, 0, 0, canvas.width, canvas.height);
    draw.fillStyle = "#15212B";
    for (const box of covers) draw.fillRect(box.x, box.y, box.w, box.h);
    if (cut) {
      draw.fillStyle = "rgb(21 33 43 / .6)";
      draw.fillRect(0, 0, canvas.width, cut.y);
      draw.fillRect(0, cut.y + cut.h, canvas.width, canvas.height);
      draw.fillRect(0, cut.y, cut.x, cut.h);
      draw.fillRect(cut.x + cut.w, cut.y, canvas.width, cut.h);
    }
    if (open) {
      draw.lineWidth = Math.max(3, canvas.width / 300);
      draw.strokeStyle = "#FFBF47";
      draw.strokeRect(open.x, open.y, open.w, open.h);
    }
    if (said instanceof HTMLElement) said.textContent = `${covers.length} ${said.dataset.said}`;
  };

  /** @param {Box} box */
  const upright = (box) => ({
    x: Math.max(0, Math.min(box.x, box.x + box.w)),
    y: Math.max(0, Math.min(box.y, box.y + box.h)),
    w: Math.min(canvas.width, Math.abs(box.w)),
    h: Math.min(canvas.height, Math.abs(box.h)),
  });

  const settle = () => {
    if (!open) return;
    const box = upright(open);
    open = null;
    if (box.w > 4 && box.h > 4) {
      if (mode === "mask") covers.push(box);
      else cut = box;
    }
    paint();
  };

  /** @param {PointerEvent} event */
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - frame.left) / frame.width) * canvas.width,
      y: ((event.clientY - frame.top) / frame.height) * canvas.height,
    };
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    open = { ...at(event), w: 0, h: 0 };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!open || !event.buttons) return;
    const now = at(event);
    open = { ...open, w: now.x - open.x, h: now.y - open.y };
    paint();
  });
  canvas.addEventListener("pointerup", settle);
  canvas.addEventListener("keydown", (event) => {
    const far = canvas.width * STEP;
    const move = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
    if (event.key === "Enter") settle();
    else if (!move) return;
    else {
      open = open ?? { x: canvas.width * 0.4, y: canvas.height * 0.4, w: canvas.width * 0.2, h: canvas.height * 0.2 };
      if (event.shiftKey) open = { ...open, w: open.w + move[0], h: open.h + move[1] };
      else open = { ...open, x: open.x + move[0], y: open.y + move[1] };
      paint();
    }
    event.preventDefault();
  });

  const finished = () => {
    const box = cut ?? { x: 0, y: 0, w: canvas.width, h: canvas.height };
    const out = document.createElement("canvas");
    out.width = Math.round(box.w);
    out.height = Math.round(box.h);
    cut = null;
    paint();
    out.getContext("2d")?.drawImage(canvas, box.x, box.y, box.w, box.h, 0, 0, out.width, out.height);
    return out;
  };

  dialog.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("button") : null;
    if (!pressed) return;
    const chosen = pressed.dataset.photoMode;
    if (chosen) {
      mode = chosen;
      for (const one of dialog.querySelectorAll("[data-photo-mode]"))
        one.setAttribute("aria-pressed", String(one === pressed));
    } else if (pressed.hasAttribute("data-photo-undo")) {
      if (open) open = null;
      else if (cut) cut = null;
      else covers.pop();
      paint();
    } else if (pressed.hasAttribute("data-photo-close")) {
      field.value = "";
      dialog.close();
    } else if (pressed.hasAttribute("data-photo-use")) {
      const changed = covers.length > 0 || cut !== null;
      open = null;
      finished().toBlob(
        (blob) => {
          if (!blob) return;
          const files = new DataTransfer();
          files.items.add(new File([blob], name, { type: "image/jpeg" }));
          field.files = files.files;
          if (masked instanceof HTMLInputElement) masked.value = changed ? "y" : "";
          dialog.close();
          const add = field.form?.querySelector("[data-evidence='photo']");
          if (add instanceof HTMLElement) field.form?.requestSubmit(add);
        },
        "image/jpeg",
        QUALITY,
      );
    }
  });
  dialog.addEventListener("cancel", () => {
    field.value = "";
  });

  field.addEventListener("change", async () => {
    const file = field.files?.[0];
    if (!file) return;
    try {
      picture = await createImageBitmap(file);
    } catch {
      return; // no picture this browser can draw: it goes as it is, and the server says what it is
    }
    const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    name = "photo.jpg";
    covers = [];
    cut = open = null;
    paint();
    dialog.showModal();
    canvas.focus();
  });
}

const field = document.querySelector("input[data-photo]");
const dialog = document.querySelector("[data-photo-box]");
const canvas = document.querySelector("[data-photo-canvas]");
if (field instanceof HTMLInputElement && dialog instanceof HTMLDialogElement && canvas instanceof HTMLCanvasElement)
  editor(field, dialog, canvas);
