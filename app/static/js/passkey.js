/** form[data-passkey]: asks the server for a challenge, the browser for its answer, then sends the form.
 * [data-sign-passkey] in a sign box: the same beside the password, in place of the code.
 * Shown only where the browser has passkeys; everything works without by the code of the phone. */

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const described = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const made = async (options) =>
  navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  });
const given = async (options) =>
  navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: described(options.allowCredentials),
    },
  });

/** What the server reads of an answer. */
const told = (key) => {
  const response = { clientDataJSON: text(key.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (key.response[name]) response[name] = text(key.response[name]);
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
};

const say = (form, words) => {
  const line = form.querySelector("[role=alert]") ?? document.createElement("p");
  line.setAttribute("role", "alert");
  line.className = "error";
  form.append(line);
  line.textContent = words;
};

const ask = async (form) => {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
  const options = await answer.json();
  if (!answer.ok) return say(form, options.problem);
  const key = await (form.dataset.passkey === "create" ? made(options) : given(options));
  for (const name of ["password", "code"]) form.elements.namedItem(name)?.remove();
  form.elements.namedItem("answer").value = told(key);
  form.submit();
};

const sign = async (row, form) => {
  const password = form.querySelector("input[type=password]");
  if (!password.value) {
    password.focus();
    return say(row, row.dataset.first);
  }
  const body = new FormData();
  body.set("csrf_token", form.elements.namedItem("csrf_token").value);
  const answer = await fetch(row.dataset.signPasskey, { method: "POST", body });
  const options = await answer.json();
  if (!answer.ok) return say(row, options.problem);
  form.querySelector("[data-passkey-answer]").value = told(await given(options));
  form.submit();
};

if (window.PublicKeyCredential) {
  for (const row of document.querySelectorAll("[data-sign-passkey]")) {
    row.hidden = false;
    row.querySelector("button").addEventListener("click", () => {
      sign(row, row.closest("form")).catch(() => say(row, row.dataset.failed));
    });
  }
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form).catch(() => say(form, form.dataset.failed));
    });
  }
}
