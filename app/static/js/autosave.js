/**
 * form[data-draft]: its fields are sent to that address every five seconds when something changed, and on leaving.
 * Files and passwords are never part of a draft. The status line says when, or that it failed.
 */

const EVERY = 5000;

/** @param {HTMLFormElement} form */
function fields(form) {
  const data = new FormData(form);
  for (const field of form.elements) {
    const secret = field instanceof HTMLInputElement && ["password", "file"].includes(field.type);
    if (secret && field.name) data.delete(field.name);
  }
  return data;
}

/** @param {FormData} data */
const digest = (data) => JSON.stringify([...data.entries()]);

/** @param {HTMLFormElement} form */
function watch(form) {
  const address = form.dataset.draft ?? "";
  const status = form.querySelector("[data-draft-status]");
  let kept = digest(fields(form));
  let busy = false;

  /** @param {string} text @param {boolean} failed */
  const say = (text, failed) => {
    if (!(status instanceof HTMLElement)) return;
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("bad", failed);
  };

  const save = async () => {
    const data = fields(form);
    const now = digest(data);
    if (busy || now === kept || form.dataset.sent) return;
    busy = true;
    try {
      const answer = await fetch(address, { method: "POST", body: data, keepalive: true });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      kept = now;
      const time = new Date().toTimeString().slice(0, 5);
      if (status instanceof HTMLElement) say(`${status.dataset.saved} ${time}`, false);
    } catch {
      if (status instanceof HTMLElement) say(status.dataset.failed ?? "", true);
    } finally {
      busy = false;
    }
  };

  setInterval(save, EVERY);
  form.addEventListener("focusout", () => setTimeout(save, 50));
  // leaving, or the phone put into the pocket: the last words go with a beacon, which survives the page
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || form.dataset.sent) return;
    const data = fields(form);
    const now = digest(data);
    if (now !== kept && navigator.sendBeacon(address, data)) kept = now;
  });
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  if (form instanceof HTMLFormElement) watch(form);
}
