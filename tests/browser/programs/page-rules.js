// What a page must be at every width, in plain geometry; gives one sentence for each fault. It changes nothing.
const found = [];
const wide = document.documentElement.clientWidth;
const LEAST_TARGET = 24; // CSS pixels, WCAG 2.2 criterion 2.5.8
const SLACK = 1; // layout is in fractions of a pixel

const named = (element) => {
  const words = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().slice(0, 40);
  return `<${element.localName}${element.id ? `#${element.id}` : ""}> "${words}"`;
};
const box = (element) => element.getBoundingClientRect();
// What is for screen readers alone is a clipped pixel.
const isSeen = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && box(element).width > SLACK && box(element).height > SLACK;
const isInSentence = (element) => {
  const around = element.parentElement.closest("p, li, dd, dt, td, pre, div, label");
  return getComputedStyle(element).display === "inline" && around && around.innerText.trim() !== element.innerText.trim();
};
const layer = (element) => {
  for (let each = element; each; each = each.parentElement)
    if (["absolute", "fixed", "sticky"].includes(getComputedStyle(each).position)) return each;
  return null;
};

const targets = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")].filter(isSeen);
// A label is pressed as well as what it names.
const pressed = (element) => {
  const boxes = [element, ...(element.labels ?? [])].filter(isSeen).map(box);
  return {
    width: Math.max(...boxes.map((each) => each.width)),
    height: Math.max(...boxes.map((each) => each.height)),
  };
};

if (document.documentElement.scrollWidth > wide) found.push(`scrolls sideways: ${document.documentElement.scrollWidth} of ${wide}`);
if (document.querySelectorAll("h1").length !== 1) found.push(`${document.querySelectorAll("h1").length} first headings`);
if (document.getAnimations().length) found.push("moves for who asked for less motion");

for (const element of targets) {
  const { left, right } = box(element);
  if (left < -SLACK || right > wide + SLACK) found.push(`sticks out: ${named(element)}`);
  if (isInSentence(element)) continue;
  const { width, height } = pressed(element);
  if (width < LEAST_TARGET || height < LEAST_TARGET)
    found.push(`small target: ${named(element)} ${width.toFixed(0)} x ${height.toFixed(0)}`);
}

targets.forEach((one, at) => {
  for (const other of targets.slice(at + 1)) {
    if (one.contains(other) || layer(one) !== layer(other)) continue;
    const [a, b] = [box(one), box(other)];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > SLACK && down > SLACK) found.push(`overlap: ${named(one)} and ${named(other)}`);
  }
});

// Who hears the page, or goes through it by keyboard, meets things in the order in which others see them.
for (const parent of document.querySelectorAll("body, body *:not(svg, svg *)")) {
  const children = [...parent.children].filter((child) => isSeen(child) && layer(child) === layer(parent));
  children.slice(1).forEach((after, at) => {
    const [a, b] = [box(children[at]), box(after)];
    const isSameRow = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2;
    if (isSameRow ? b.right <= a.left : b.bottom <= a.top) found.push(`out of order: ${named(children[at])}, then ${named(after)}`);
  });
}

// Who hears a list of links and buttons alone can tell them apart.
const heard = (element) => {
  const ids = (element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  return [element.innerText.trim(), ...ids.map((id) => document.getElementById(id)?.innerText)].join(", ");
};
const purpose = (element) => {
  if (element.href) return element.href;
  const sent = element.form ? [...new FormData(element.form)].filter(([name]) => name !== "csrf_token").flat() : [];
  return [element.form?.action, element.value, element.dataset.copy, ...sent].join(" ");
};
const purposes = new Map();
for (const element of targets.filter((each) => each.matches("a, button"))) {
  if (purposes.has(heard(element)) && purposes.get(heard(element)) !== purpose(element)) found.push(`sounds as another one: ${heard(element)}`);
  purposes.set(heard(element), purpose(element));
}

for (const element of document.querySelectorAll("body *:not(svg, svg *, input)")) {
  const { overflowX, textOverflow } = getComputedStyle(element);
  if (isSeen(element) && overflowX !== "visible" && (textOverflow !== "clip" || element.scrollWidth > element.clientWidth + SLACK))
    found.push(`is cut off: ${named(element)}`);
}
return found;
