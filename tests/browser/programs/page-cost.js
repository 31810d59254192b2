// What it took to get this page, for who comes with an empty cache; gives one sentence for each fault.
const [done] = arguments;
const MOST_BYTES = 60_000; // without the captcha, whose widget is worth its weight
const HEADERS = 500; // bytes, of each answer; browsers don't tell, where it came from their cache
const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
const isCaptcha = (entry) => /\/(altcha|captcha)\//.test(entry.name);
const bytes = entries.filter((entry) => !isCaptcha(entry)).reduce((sum, entry) => sum + entry.encodedBodySize + HEADERS, 0);

const found = entries.filter((entry) => new URL(entry.name).origin !== location.origin).map((entry) => `asks a third party: ${entry.name}`);
if (bytes > MOST_BYTES) found.push(`weighs ${bytes} bytes`);

// What moved while we looked at the page ourselves, in larger letters, was moved by us. Shifts that were seen before now are told in a
// task of their own, which ends before a task that is put behind it.
performance.mark("look");
const since = Math.max(0, ...performance.getEntriesByName("leave").map((mark) => mark.startTime));
const before = performance.getEntriesByName("look")[0].startTime;
let shifted = 0;
const what = new Set();
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput && (entry.startTime < before || entry.startTime > since)) {
      shifted += entry.value;
      for (const { node } of entry.sources) what.add(`${node?.localName ?? node?.nodeName}.${node?.className ?? ""}`);
    }
}).observe({ type: "layout-shift", buffered: true });
setTimeout(() => {
  if (shifted > 0) found.push(`shifts by ${shifted.toFixed(4)}: ${[...what].join(" ")}`);
  done(found);
}, 0);
