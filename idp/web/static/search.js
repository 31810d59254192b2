// The list answers while its owner types. Without JavaScript the form asks the server, which hides the same rows.
const field = document.querySelector("#q");
const told = document.querySelector("#found");
const rows = document.querySelectorAll("[data-find]");
const PAUSE_MS = 500;
let announcement;

// As idp/domain/searching.py folds what is found, and finds it.
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().toUpperCase();

function isFound(words, text) {
  const named = text.replace(/@[^@]*$/u, "");
  return words.every((word) => (word.includes("@") ? text : named).includes(word));
}

function sentence(found) {
  const { none, one, many } = told.dataset;
  return found === 0 ? none : found === 1 ? one : many.replace("{count}", found);
}

function filter() {
  const words = fold(field.value).split(/\s+/u).filter(Boolean);
  let found = 0;
  for (const row of rows) {
    row.hidden = !isFound(words, row.dataset.find);
    found += row.hidden ? 0 : 1;
  }
  // Said when who types has paused: else a screen reader would tell of every letter.
  clearTimeout(announcement);
  announcement = setTimeout(() => {
    told.textContent = words.length ? sentence(found) : "";
  }, PAUSE_MS);
}

field.addEventListener("input", filter);
// Who comes back finds what they typed, put there by the browser.
addEventListener("pageshow", () => field.value && filter());
