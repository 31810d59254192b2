// What every form does where there is JavaScript: it is sent once however often its button is pressed, and only when there is a
// connection; and a name that was typed is still there when its writer comes back. Passwords are never kept. An older browser, which
// can't ask for the connection, just sends them.
const TWICE_MS = 5000; // two presses within are one; later somebody has stopped the browser, and tries again
const LONG_MS = 4000; // a slow connection is one
const KEPT = "main form input[data-kept]";
const ASKS_FIRST = "timeout" in AbortSignal && "requestSubmit" in HTMLFormElement.prototype; // Safari has both since 16

const sentAt = new WeakMap();
const connected = new WeakSet();

// Where cookies are off, browsers refuse this too.
function storage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

// A form can stand at another one's address: the first step does where the second came too late.
const slot = (field) => `kept ${new URL(field.form.action).pathname} ${field.name}`;

function keep(fields) {
  for (const field of fields) {
    storage()?.setItem(slot(field), field.value);
  }
}

function forget() {
  const kept = Object.keys(storage() ?? {}).filter((name) => name.startsWith("kept "));
  kept.forEach((name) => storage().removeItem(name));
}

function giveBack() {
  const fields = document.querySelectorAll(KEPT);
  for (const field of fields) {
    field.value ||= storage()?.getItem(slot(field)) ?? "";
  }
  // A page that asks for nothing and complains of nothing is the end of a way.
  if (!fields.length && !document.querySelector(".alert")) {
    forget();
  }
}

// A page that complains answers a form. Read again, or come back to, it would be that form sent again, after a question that
// nobody understands; its own address shows a fresh one. The other language's link knows that address.
function leadBackToTheForm() {
  const elsewhere = document.querySelector("a[hreflang]");
  if (elsewhere && document.querySelector(".alert")) {
    const address = new URL(elsewhere.href);
    address.searchParams.delete("lang");
    history.replaceState(history.state, "", address);
  }
}

// Where the typing goes on: behind what was typed.
function placeCaret() {
  const field = document.querySelector("input[autofocus][type=text]");
  field?.setSelectionRange(field.value.length, field.value.length);
}

async function isConnected() {
  try {
    const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(LONG_MS) });
    return ![502, 503, 504].includes(answer.status); // a proxy that has nobody behind it
  } catch (error) {
    return error.name === "TimeoutError";
  }
}

// What an earlier try was told stays until then: without it the button would move away below a second press, which would meet the
// link that stands under it.
function complain(form, button) {
  document.querySelector(".unsent")?.remove(); // wherever it stands: a button can stand outside its form
  const text = document.createElement("p");
  text.className = "error unsent";
  text.setAttribute("role", "alert");
  (button ?? form.lastElementChild).before(text);
  text.textContent = document.querySelector("meta[name=no-connection]").content; // announced since it comes after its place
}

async function sendWhenConnected(form, button) {
  if (await isConnected()) {
    connected.add(form);
    form.requestSubmit(button);
  } else {
    sentAt.delete(form);
    complain(form, button);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") {
    return;
  }
  if (connected.delete(form)) {
    keep(form.querySelectorAll("input[data-kept]"));
    return;
  }
  const again = Date.now() - (sentAt.get(form) ?? 0) <= TWICE_MS;
  if (again || ASKS_FIRST) {
    event.preventDefault();
  }
  if (again) {
    return;
  }
  sentAt.set(form, Date.now());
  if (ASKS_FIRST) {
    sendWhenConnected(form, event.submitter);
  } else {
    keep(form.querySelectorAll("input[data-kept]"));
  }
});

// The same page in the other language is another page.
for (const elsewhere of document.querySelectorAll("a[hreflang]")) {
  elsewhere.addEventListener("click", () => keep(document.querySelectorAll(KEPT)));
}

giveBack();
leadBackToTheForm();
placeCaret();
