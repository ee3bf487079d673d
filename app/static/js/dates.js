/**
 * Date fields are text: what was typed is echoed below as weekday and full date; a button opens the native picker.
 * The same rules as parse_date in formats.py.
 */

const DAYS = {
  vi: ["Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};
const SPACED = /^(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})$/;
const TIGHT = /^(\d{2})(\d{2})(\d{4}|\d{2})$/;

/** @param {string} text @returns {Date | null} */
export function parse(text) {
  const parts = SPACED.exec(text.trim()) ?? TIGHT.exec(text.trim());
  if (!parts) return null;
  const [day, month, typed] = parts.slice(1).map(Number);
  const year = typed < 100 ? typed + 2000 : typed;
  const value = new Date(year, month - 1, day);
  // 31/02 would roll over into March: that is no date
  return value.getMonth() === month - 1 && value.getDate() === day ? value : null;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/** @param {Date} value */
const written = (value) => `${two(value.getDate())}/${two(value.getMonth() + 1)}/${value.getFullYear()}`;

/** @param {Date} value */
export function echo(value) {
  const names = document.documentElement.lang === "en" ? DAYS.en : DAYS.vi;
  return `${names[value.getDay()]}, ${written(value)}`;
}

/** @param {HTMLInputElement} field */
function show(field) {
  const line = document.getElementById(`${field.id}-echo`);
  const value = parse(field.value);
  if (line) line.textContent = value ? echo(value) : "";
}

/** @param {HTMLElement} button */
function prepare(button) {
  const field = document.getElementById(button.dataset.pick ?? "");
  if (!(field instanceof HTMLInputElement) || !button.hidden) return;
  const picker = document.createElement("input");
  picker.type = "date";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  button.after(picker);
  button.hidden = false;
  button.addEventListener("click", () => {
    const value = parse(field.value);
    picker.value = value
      ? `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`
      : "";
    picker.showPicker();
  });
  picker.addEventListener("change", () => {
    const [year, month, day] = picker.value.split("-").map(Number);
    if (!day) return;
    field.value = written(new Date(year, month - 1, day));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

/** @param {ParentNode} root */
function start(root) {
  for (const button of root.querySelectorAll("button[data-pick]")) {
    if (button instanceof HTMLElement) prepare(button);
  }
  for (const field of root.querySelectorAll("input[data-date]")) {
    if (field instanceof HTMLInputElement) show(field);
  }
}

document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.hasAttribute("data-date")) show(event.target);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target instanceof Element) start(event.target);
});
start(document);
