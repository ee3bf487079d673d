/**
 * canvas[data-photo-canvas]: draws a photo with what is covered and what is cut away, by finger, mouse or keys.
 * It hangs itself on the canvas as `parts`; photo.js asks it for the finished picture.
 */

const STEP = 0.04; // of the width: how far an arrow key moves the cover

/** @typedef {{ x: number, y: number, w: number, h: number }} Box */

class Parts {
  /** @param {HTMLCanvasElement} canvas @param {Element | null} said */
  constructor(canvas, said) {
    this.canvas = canvas;
    this.said = said;
    this.mode = "mask";
    /** @type {ImageBitmap | null} */
    this.picture = null;
    /** @type {Box[]} */
    this.covers = [];
    /** @type {Box | null} */
    this.cut = null;
    /** @type {Box | null} */
    this.open = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.open = { ...this.at(event), w: 0, h: 0 };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.open || !event.buttons) return;
      const now = this.at(event);
      this.open = { ...this.open, w: now.x - this.open.x, h: now.y - this.open.y };
      this.paint();
    });
    canvas.addEventListener("pointerup", () => this.settle());
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {ImageBitmap} picture @param {number} scale */
  show(picture, scale) {
    this.picture = picture;
    this.canvas.width = Math.round(picture.width * scale);
    this.canvas.height = Math.round(picture.height * scale);
    this.covers = [];
    this.cut = this.open = null;
    this.paint();
  }

  /** @param {PointerEvent} event */
  at(event) {
    const frame = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - frame.left) / frame.width) * this.canvas.width,
      y: ((event.clientY - frame.top) / frame.height) * this.canvas.height,
    };
  }

  paint() {
    const { canvas, cut, open } = this;
    const draw = canvas.getContext("2d");
    if (!draw || !this.picture) return;
    draw.drawImage(this.picture, 0, 0, canvas.width, canvas.height);
    draw.fillStyle = "#15212B";
    for (const box of this.covers) draw.fillRect(box.x, box.y, box.w, box.h);
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
    if (this.said instanceof HTMLElement) this.said.textContent = `${this.covers.length} ${this.said.dataset.said}`;
  }

  /** What was drawn becomes a cover or the part that stays; backwards drawing counts too, beyond the edge does not. */
  settle() {
    if (!this.open) return;
    const { x, y, w, h } = this.open;
    const left = Math.max(0, Math.min(x, x + w));
    const top = Math.max(0, Math.min(y, y + h));
    const right = Math.min(this.canvas.width, Math.max(x, x + w));
    const bottom = Math.min(this.canvas.height, Math.max(y, y + h));
    const box = { x: left, y: top, w: right - left, h: bottom - top };
    this.open = null;
    if (box.w > 4 && box.h > 4) {
      if (this.mode === "mask") this.covers.push(box);
      else this.cut = box;
    }
    this.paint();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { width, height } = this.canvas;
    const far = width * STEP;
    const move = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
    if (event.key === "Enter") this.settle();
    else if (move) {
      const open = this.open ?? { x: width * 0.4, y: height * 0.4, w: width * 0.2, h: height * 0.2 };
      if (event.shiftKey) this.open = { ...open, w: open.w + move[0], h: open.h + move[1] };
      else this.open = { ...open, x: open.x + move[0], y: open.y + move[1] };
      this.paint();
    } else return;
    event.preventDefault();
  }

  undo() {
    if (this.open) this.open = null;
    else if (this.cut) this.cut = null;
    else this.covers.pop();
    this.paint();
  }

  isChanged() {
    return this.covers.length > 0 || this.cut !== null || this.open !== null;
  }

  /** What somebody began to cover and did not finish is covered too. */
  finished() {
    this.settle();
    const box = this.cut ?? { x: 0, y: 0, w: this.canvas.width, h: this.canvas.height };
    const out = document.createElement("canvas");
    out.width = Math.max(1, Math.round(box.w));
    out.height = Math.max(1, Math.round(box.h));
    this.cut = null;
    this.paint();
    out.getContext("2d")?.drawImage(this.canvas, box.x, box.y, box.w, box.h, 0, 0, out.width, out.height);
    return out;
  }
}

const canvas = document.querySelector("[data-photo-canvas]");
if (canvas instanceof HTMLCanvasElement)
  // @ts-ignore: read by photo.js
  canvas.parts = new Parts(canvas, document.querySelector("[data-photo-said]"));
