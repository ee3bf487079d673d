/**
 * [data-people]: two letters of a name fetch a fragment of options from data-source; arrows and Enter or a tap choose.
 * The chosen become hidden fields named data-name; the server folds tone marks, so none need be typed.
 */

/** @param {HTMLElement} picker */
function prepare(picker) {
  if (picker.dataset.ready) return;
  picker.dataset.ready = "yes";
  const box = picker.querySelector("input[type=text]");
  const list = picker.querySelector("[role=listbox]");
  const chosen = picker.querySelector(".who-chosen");
  const status = picker.querySelector("[data-people-status]");
  if (!(box instanceof HTMLInputElement) || !(list instanceof HTMLElement) || !chosen) return;
  let timer = 0;
  let place = -1;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-autocomplete", "list");

  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);

  const close = () => {
    list.replaceChildren();
    place = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  /** @param {number} next */
  const mark = (next) => {
    const all = options();
    if (!all.length) return;
    place = (next + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === place)));
    box.setAttribute("aria-activedescendant", all[place].id);
    all[place].scrollIntoView({ block: "nearest" });
  };

  /** @param {HTMLElement} option */
  const take = (option) => {
    const { id = "", name = "" } = option.dataset;
    if (picker.dataset.several === "no") chosen.replaceChildren();
    const known = [...chosen.querySelectorAll("input")].some((field) => field.value === id);
    if (!known) {
      const tag = document.createElement("span");
      tag.className = "tag";
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = picker.dataset.name ?? "";
      field.value = id;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.dataset.dropPerson = "";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${picker.dataset.remove} ${name}`);
      tag.append(field, name, remove);
      chosen.append(tag);
    }
    box.value = "";
    close();
    box.focus();
    picker.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const ask = async () => {
    const source = picker.dataset.source ?? "";
    const words = box.value.trim();
    const address = `${source}${source.includes("?") ? "&" : "?"}q=${encodeURIComponent(words)}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    // an answer to words that have changed since is dropped
    if (!answer?.ok || answer.redirected || words !== box.value.trim()) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...page.body.querySelectorAll("[role=option]"));
    options().forEach((option, index) => (option.id = `${box.id}-option-${index}`));
    place = -1;
    box.setAttribute("aria-expanded", String(options().length > 0));
    if (status) status.textContent = options().length ? String(options().length) : (picker.dataset.none ?? "");
    if (options().length) mark(0);
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim().length < 2) return close();
    timer = window.setTimeout(ask, 150);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(place + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && options()[place]) {
      event.preventDefault();
      take(options()[place]);
    } else if (event.key === "Escape") {
      close();
    }
  });
  list.addEventListener("mousedown", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    event.preventDefault();
    if (option instanceof HTMLElement) take(option);
  });
  box.addEventListener("blur", close);
  chosen.addEventListener("click", (event) => {
    const remove = event.target instanceof Element ? event.target.closest("[data-drop-person]") : null;
    if (!remove) return;
    remove.closest(".tag")?.remove();
    box.focus();
    picker.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** @param {ParentNode} root */
function start(root) {
  for (const picker of root.querySelectorAll("[data-people]")) {
    if (picker instanceof HTMLElement) prepare(picker);
  }
}
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target instanceof Element) start(event.target);
});
start(document);
