/**
 * The overlay below the search box: from two letters on, a fragment of results; arrow keys choose, Enter opens the
 * chosen one or the first, Esc closes. Without script the form leads to the page of results.
 */

const form = document.querySelector("form[data-search]");
const box = form?.querySelector("input[type=search]");
const list = form?.querySelector(".over-search");
const status = form?.querySelector("[data-search-status]");

if (
  form instanceof HTMLFormElement &&
  box instanceof HTMLInputElement &&
  list instanceof HTMLElement
) {
  let timer = 0;
  let asked = "";
  let chosen = -1;
  /** @type {AbortController | null} */
  let running = null;

  const hits = () => /** @type {HTMLAnchorElement[]} */ ([...list.querySelectorAll("a")]);

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-autocomplete", "list");

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    asked = "";
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    if (status) status.textContent = "";
  };

  /** @param {number} place */
  const choose = (place) => {
    const all = hits();
    if (!all.length) return;
    chosen = (place + all.length) % all.length;
    all.forEach((hit, index) => hit.setAttribute("aria-selected", String(index === chosen)));
    box.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  /** @param {string} words */
  const ask = async (words) => {
    running?.abort();
    running = new AbortController();
    const address = `${form.dataset.search}?q=${encodeURIComponent(words)}`;
    try {
      const answer = await fetch(address, {
        signal: running.signal,
        headers: { "HX-Request": "true" },
      });
      // an expired sign-in answers with another page: that is no list of results
      if (!answer.ok || answer.redirected) return close();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...page.body.childNodes);
      asked = words;
      chosen = -1;
      hits().forEach((hit, index) => {
        hit.id = `found-${index}`;
        hit.setAttribute("role", "option");
        hit.setAttribute("aria-selected", "false");
        hit.tabIndex = -1;
        hit.removeAttribute("aria-current");
      });
      // words of "nothing found" are no options
      list.setAttribute("role", hits().length ? "listbox" : "group");
      list.hidden = !list.hasChildNodes();
      box.setAttribute("aria-expanded", String(!list.hidden));
      if (status instanceof HTMLElement) {
        status.textContent = hits().length ? `${hits().length}. ${status.dataset.found}` : "";
      }
    } catch (problem) {
      if (!(problem instanceof DOMException && problem.name === "AbortError")) close();
    }
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    const words = box.value.trim();
    if (words.length < 2) return close();
    timer = window.setTimeout(() => ask(words), 120);
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (!list.hidden) event.preventDefault(); // the first Esc closes the list and keeps the words
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    } else if (event.key === "Enter") {
      // only an answer to these very words is opened; faster typists go to the page of results
      const target = hits()[Math.max(chosen, 0)];
      if (target && asked === box.value.trim()) {
        event.preventDefault();
        location.assign(target.href);
      }
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !form.contains(event.target)) close();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !form.contains(event.relatedTarget)) close();
  });
}
