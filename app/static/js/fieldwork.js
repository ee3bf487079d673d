/**
 * form[data-answer]: what is written in the field is kept as a draft within 300 ms of every change, one sending at a
 * time. The line above the notes says when, or in words why not. Leaving is the form's own business: it records.
 */

const SOON = 120;

/** @param {HTMLFormElement} form */
function words(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File || name.startsWith("ev-")) data.delete(name);
  return data;
}

/** @param {HTMLFormElement} form */
function watch(form) {
  const line = form.querySelector("[data-saved-line]");
  const digest = () => JSON.stringify([...words(form).entries()].map(([name, value]) => [name, String(value)]));
  let kept = digest();
  let timer = 0;
  let busy = false;

  /** @param {string} text @param {boolean} failed */
  const say = (text, failed) => {
    if (!(line instanceof HTMLElement)) return;
    line.textContent = text;
    line.classList.toggle("bad", failed);
  };

  const save = async () => {
    const now = digest();
    if (busy || now === kept || form.dataset.sent) return;
    busy = true;
    try {
      const answer = await fetch(form.dataset.answer ?? "", { method: "POST", body: words(form), keepalive: true });
      if (answer.status === 409 || answer.status === 422) {
        kept = now; // the same words would be refused again
        say(await answer.text(), true);
      } else if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      else {
        kept = now;
        if (line instanceof HTMLElement) say(`${line.dataset.saved} ${new Date().toTimeString().slice(0, 5)}`, false);
      }
    } catch {
      if (line instanceof HTMLElement) say(line.dataset.failed ?? "", true);
    } finally {
      busy = false;
      if (digest() !== kept) later(navigator.onLine ? SOON : 5000);
    }
  };

  /** @param {number} wait */
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  form.addEventListener("input", () => later(SOON));
  form.addEventListener("change", () => later(SOON));
  window.addEventListener("online", () => later(0));
  form.addEventListener("submit", () => {
    form.dataset.sent = "y";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || form.dataset.sent || digest() === kept) return;
    if (navigator.sendBeacon(form.dataset.answer ?? "", words(form))) kept = digest();
  });
}

/** The code of a posted page is read from a picture where the browser can do that; otherwise it is typed. */
function scanning() {
  const label = document.querySelector("[data-scan]");
  const photo = document.querySelector("[data-scan-photo]");
  const field = document.querySelector("[name='ev-page_code']");
  const said = document.querySelector("[data-scan-said]");
  if (!("BarcodeDetector" in window) || !(label instanceof HTMLElement)) return;
  if (!(photo instanceof HTMLInputElement) || !(field instanceof HTMLInputElement)) return;
  label.hidden = false;
  photo.addEventListener("change", async () => {
    const file = photo.files?.[0];
    if (!file) return;
    let found = "";
    try {
      // @ts-ignore: not in every browser's list of types yet
      const codes = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(file));
      found = codes[0]?.rawValue ?? "";
    } catch {
      found = "";
    }
    photo.value = "";
    if (found) field.value = found;
    if (said) said.textContent = found || (photo.dataset.none ?? "");
  });
}

const form = document.querySelector("form[data-answer]");
if (form instanceof HTMLFormElement) watch(form);
scanning();
