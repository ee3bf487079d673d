/** The button of confirming opens when the end of the text has been in sight; without script it is open. */

const end = document.querySelector("[data-read-end]");
const form = document.querySelector("form[data-read]");
const button = form?.querySelector("button.primary");
const why = form?.querySelector("[data-read-why]");

if (end && form && button && why && "IntersectionObserver" in window) {
  let reached = false;
  button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-describedby", why.id);
  why.hidden = false;
  form.addEventListener("submit", (event) => {
    if (!reached) event.preventDefault();
  });
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    reached = true;
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-describedby");
    why.hidden = true;
    watch.disconnect();
  });
  watch.observe(end);
}
