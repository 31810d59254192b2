// Where what people look for first lies, from the left, and how wide it is: a line each, in the order of the page.
const LOOKED_FOR = "main, h1, .alert, .notice, .glance, .field, input:not([type=hidden]), textarea, button, a.button, summary";
const lines = [];
for (const element of document.querySelectorAll(LOOKED_FOR)) {
  const { left, width, height } = element.getBoundingClientRect();
  // What is for screen readers alone is a clipped pixel.
  if (!element.checkVisibility({ visibilityProperty: true }) || width < 2 || height < 2) continue;
  const name = element.id || element.name || element.className.split(" ")[0] || element.type || "";
  lines.push([`${element.localName} ${name}`.trim(), Math.round(left), Math.round(width)]);
}
return lines;
