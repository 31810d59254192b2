// Copy buttons. Without JavaScript they stay hidden, and the name can be selected.
const announcer = document.createElement("p");
announcer.className = "unseen";
announcer.setAttribute("role", "status");
document.body.append(announcer);

async function copy(button) {
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = button.dataset.copied;
  button.classList.add("copied");
  announcer.textContent = `${button.dataset.copied}: ${button.dataset.copy}`;
  setTimeout(() => {
    button.textContent = label;
    button.classList.remove("copied");
  }, 3000);
}

// Browsers offer a clipboard on https and on this machine itself only.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
