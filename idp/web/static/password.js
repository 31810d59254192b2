// "Show password": without JavaScript the button stays hidden. What is shown is hidden again when the form is sent, so that no
// browser keeps it as a text that was typed.
function show(button, shown) {
  button.setAttribute("aria-pressed", String(shown));
  for (const id of button.getAttribute("aria-controls").split(" ")) {
    document.getElementById(id).type = shown ? "text" : "password";
  }
}

for (const button of document.querySelectorAll("button.reveal")) {
  button.hidden = false;
  button.addEventListener("click", () => show(button, button.getAttribute("aria-pressed") !== "true"));
  button.form.addEventListener("submit", () => show(button, false));
}
