// Copy buttons. Without JavaScript they stay hidden, and the name can be selected.
const announcer = document.createElement("p");
announcer.className = "unseen";
announcer.setAttribute("role", "status");
document.body.append(announcer);

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.textContent;
  button.textContent = button.dataset.copied;
  announcer.textContent = `${button.dataset.copied}: ${button.dataset.copy}`;
  setTimeout(() => { button.textContent = words; }, 2000);
}

// Browsers offer a clipboard on https and on this machine itself only.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
