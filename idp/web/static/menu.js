// The menu lies over the page, so it closes when the focus goes on behind it, and by Escape.
const menu = document.querySelector("details.menu");

menu?.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !menu.contains(relatedTarget)) {
    menu.open = false;
  }
});
menu?.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
