// Copy buttons. Without JavaScript they stay hidden, and the name can be selected.
const announcer = document.createElement("p");
announcer.className = "unseen";
announcer.setAttribute("role", "status");
document.body.append(announcer);

function praise(button) {
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = button.dataset.copied;
  button.classList.add("copied");
  announcer.textContent = `${button.dataset.copied}: ${button.dataset.copy}`;
  setTimeout(() => {
    button.textContent = label;
    button.classList.remove("copied");
  }, 3000);
}

// What was copied before is still on the clipboard, so this must not go by unseen. The name is there to be copied by hand.
function offer(button) {
  const text = document.createElement("span");
  text.className = "error uncopied";
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = button.dataset.copy;
  const sentence = document.querySelector("meta[name=not-copied]").content;
  text.append(`${sentence} `, name);
  button.parentElement.append(text);
  getSelection().selectAllChildren(name);
  announcer.textContent = sentence;
}

async function copy(button) {
  document.querySelector(".uncopied")?.remove();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    offer(button);
    return;
  }
  praise(button);
}

// Browsers offer a clipboard on https and on this machine itself only.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
