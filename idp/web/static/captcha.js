// The captcha widget's build for a strict Content-Security-Policy: it brings neither style nor workers of its own, so both are
// files of ours, and the work is registered here. The words come from the page, in the page's language.
import "./altcha/altcha.min.js";

const LONG_MS = 3000; // longer than it takes on a telephone of the middle range
const worker = new URL("./altcha/pbkdf2.js", import.meta.url);
globalThis.$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(worker));

// What the work is at, in words, for ears too: the widget itself announces nothing but its errors.
function announce(widget) {
  const words = widget.dataset;
  const status = document.getElementById(words.status);
  let patience;
  widget.addEventListener("statechange", ({ detail: { state } }) => {
    clearTimeout(patience);
    status.textContent = { verifying: words.wait, verified: words.verified }[state] ?? "";
    if (state === "verifying") {
      patience = setTimeout(() => { status.textContent = words.patience; }, LONG_MS);
    }
  });
}

// The widget makes its box a moment after it was defined.
function focusBox(widget) {
  const focus = () => widget.querySelector("input[type=checkbox]")?.focus();
  focus();
  widget.addEventListener("load", focus, { once: true });
}

// Who asks too often is told how long to wait: the widget itself would only say that it didn't work.
function tellLimits(widget, language, sentences) {
  const words = widget.dataset;
  const { i18n } = globalThis.$altcha;
  const asking = async (address, options) => {
    const answer = await fetch(address, options);
    const minutes = Math.ceil(Number(answer.headers.get("Retry-After")) / 60);
    const tooOften = (minutes === 1 ? words.tooOftenOne : words.tooOftenMany).replace("{count}", minutes);
    i18n.set(language, { ...sentences, error: answer.status === 429 ? tooOften : sentences.error });
    return answer;
  };
  widget.addEventListener("load", () => widget.configure({ fetch: asking }), { once: true });
}

for (const widget of document.querySelectorAll("altcha-widget")) {
  const words = widget.dataset;
  const language = widget.getAttribute("language");
  const sentences = {
    ...globalThis.$altcha.i18n.get("en"),
    label: words.label,
    verifying: words.verifying,
    verified: words.verified,
    error: words.error,
    expired: words.expired,
    verificationRequired: words.required,
    waitAlert: words.wait,
  };
  globalThis.$altcha.i18n.set(language, sentences);
  tellLimits(widget, language, sentences);
  announce(widget);
  if ("faulty" in words) {
    focusBox(widget);
  }
}
