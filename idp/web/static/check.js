// Werkt mijn koppeling? Looks whether an application has logged in, with growing pauses, and stops after half an hour. Without
// JavaScript the link below the list does the same.
const check = document.querySelector("#check");
const said = document.querySelector("#looking");
const others = document.querySelector("#others");
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;
const GROWS_BY = 1.25;
const ENDS_AFTER_MS = 30 * 60_000;
const began = Date.now();
let pause = FIRST_PAUSE_MS;
let next;

// A list of applications that we know none of beforehand: what is new in it is given back.
function renew(list, texts) {
  const before = [...list.children].map((item) => item.textContent);
  list.textContent = "";
  for (const text of texts) {
    list.append(Object.assign(document.createElement("li"), { textContent: text }));
  }
  return texts.filter((text) => !before.includes(text));
}

function show(told) {
  const news = [];
  for (const state of check.querySelectorAll("[data-kind]")) {
    const { text, works } = told.kinds[state.dataset.kind] ?? {};
    if (text && text !== state.textContent) {
      state.textContent = text;
      state.classList.toggle("works", works);
      news.push(`${state.parentElement.querySelector(".who").textContent}: ${text}`);
    }
  }
  news.push(...renew(others.querySelector("ul"), told.others));
  others.hidden = told.others.length === 0;
  if (news.length) {
    said.textContent = news.join("; ");
  }
}

function end() {
  said.textContent = check.dataset.ended;
  document.removeEventListener("visibilitychange", resume);
}

async function look() {
  let answer;
  try {
    answer = await fetch(check.dataset.look, { headers: { Accept: "application/json" } });
  } catch {
    answer = null; // no network for a while: look again later
  }
  if (answer?.ok) {
    show(await answer.json());
  }
  // 404: another password, a block, or a login that has ended. Whatever is broken here, or too busy, may come back.
  if (answer?.status === 404 || Date.now() - began > ENDS_AFTER_MS) {
    end();
    return;
  }
  pause = Math.min(pause * GROWS_BY, LONGEST_PAUSE_MS);
  wait(pause);
}

function wait(ms) {
  clearTimeout(next);
  if (!document.hidden) {
    next = setTimeout(look, ms);
  }
}

// Whoever comes back from the bank's tab sees at once what came of it.
function resume() {
  pause = FIRST_PAUSE_MS;
  wait(0);
}

if (check) {
  document.addEventListener("visibilitychange", resume);
  wait(FIRST_PAUSE_MS);
}
