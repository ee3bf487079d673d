/**
 * What every page needs: `/` finds the search, Esc closes menus, `?` shows the keys, G W goes to my work,
 * passwords can be shown, buttons that need a reason stay put, errors get the focus.
 */

/** @param {EventTarget | null} target @returns {boolean} whether somebody is typing there */
const typing = (target) =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]");

const keysOn = () => document.body.dataset.keys !== "off";

/** Menus are details elements: close those that do not hold the target. @param {Node | null} keep */
function closeMenus(keep) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (keep && menu.contains(keep)) continue;
    const held = menu.contains(document.activeElement);
    menu.removeAttribute("open");
    if (held) menu.querySelector("summary")?.focus();
  }
}

function toggleKeys() {
  const shown = document.querySelector("section.keys");
  if (shown) {
    shown.remove();
    return;
  }
  const template = document.getElementById("keys-help");
  if (!(template instanceof HTMLTemplateElement)) return;
  document.body.append(template.content.cloneNode(true));
  const box = document.querySelector("section.keys");
  if (box instanceof HTMLElement) box.focus();
  box?.querySelector("[data-close]")?.addEventListener("click", toggleKeys);
}

/** Where a drawing is wider than a phone, today comes first. @param {ParentNode} root */
function toNow(root) {
  for (const mark of root.querySelectorAll("[data-at-now] .b-today")) {
    const region = mark.closest("[data-at-now]");
    const left = mark.getBoundingClientRect().left - region.getBoundingClientRect().left;
    region.scrollLeft = left - region.clientWidth / 2;
  }
}

/** Things that work only with script stay hidden until here. @param {ParentNode} root */
function reveal(root) {
  const selector = "button[data-show], button[data-copy], button[data-print], button[data-keys-help]";
  for (const button of root.querySelectorAll(selector)) button.removeAttribute("hidden");
}

let waitingForW = false;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenus(null);
    document.querySelector("section.keys")?.remove();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !keysOn()) return;
  if (event.key === "/") {
    const box = document.getElementById("q") ?? document.getElementById("error-q");
    if (box instanceof HTMLInputElement) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  } else if (event.key === "?") {
    toggleKeys();
  } else if (event.key.toLowerCase() === "g") {
    waitingForW = true;
    setTimeout(() => (waitingForW = false), 1200);
    return;
  } else if (waitingForW && event.key.toLowerCase() === "w") {
    location.assign("/work");
  }
  waitingForW = false;
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  closeMenus(target);
  const wrong = target.closest("[data-errors] a");
  if (wrong) {
    // a group of choices takes no focus itself: its first choice does
    const group = document.getElementById(wrong.getAttribute("href")?.slice(1) ?? "");
    const field = group?.matches("fieldset, div") ? group.querySelector("input, select, textarea") : group;
    if (field instanceof HTMLElement) {
      event.preventDefault();
      field.focus();
    }
    return;
  }
  const button = target.closest("button, a.btn");
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
  } else if (button instanceof HTMLElement && button.dataset.show) {
    const field = document.getElementById(button.dataset.show);
    if (!(field instanceof HTMLInputElement)) return;
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.dataset.showLabel ??= button.textContent ?? "";
    button.textContent = (hidden ? button.dataset.hideLabel : button.dataset.showLabel) ?? "";
    button.setAttribute("aria-pressed", String(hidden));
  } else if (button.hasAttribute("data-print")) {
    window.print();
  } else if (button.hasAttribute("data-keys-help")) {
    closeMenus(null);
    toggleKeys();
  }
});

// a form is sent once: the second click of an impatient hand does nothing
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});

// htmx sends the token as a header, so that no fragment needs a hidden field of its own
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content");
  if (token && event instanceof CustomEvent) event.detail.headers["X-CSRFToken"] = token;
});

/** @param {ParentNode} root */
function focusErrors(root) {
  const box = root.querySelector("[data-errors]");
  if (box instanceof HTMLElement) box.focus();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (!(event.target instanceof Element)) return;
  reveal(event.target);
  toNow(event.target);
  focusErrors(event.target);
});

reveal(document);
toNow(document);
focusErrors(document);
