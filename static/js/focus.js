// What was in use before a part was swapped is in use after it, or what stands in its place: nobody starts at the top again.
const shown = one => one.checkVisibility?.() ?? true;
const usable = "a[href], button:not(:disabled), summary, input:not([type=hidden], :disabled), select, textarea, [tabindex='0']";
const words = one => (one.getAttribute("aria-label") ?? one.textContent).replace(/[\d\s↑↓]+/g, " ").trim();
const lost = () => [null, document.body, document.getElementById("main")].includes(document.activeElement);

// The same link, field or button among those that are there now.
function same(was, place) {
  const all = [...place.querySelectorAll(was.localName)].filter(shown);
  if (was.name) return all.find(one => one.name === was.name && one.value === was.value);
  const alike = all.filter(one => words(one) === words(was));
  return alike.find(one => one.getAttribute("href") === was.getAttribute("href")) || (words(was) && alike[0]);
}

// Where it stood: the row of that number, or the nearest usable thing on the same way down.
function place(was, root) {
  const row = was.closest("tbody tr");
  if (row) {
    const rows = [...root.querySelectorAll("tbody tr")].filter(one => shown(one) && one.querySelector(usable));
    const at = [...row.closest("table").querySelectorAll("tbody tr")].filter(one => one.querySelector(usable)).indexOf(row);
    const next = rows[Math.min(at, rows.length - 1)];
    return next?.querySelector("th a, td a") || next?.querySelector(usable);
  }
  const way = [];
  for (let one = was; one.parentElement; one = one.parentElement) way.unshift([...one.parentElement.children].indexOf(one));
  let here = root;
  for (const step of way) {
    const next = here.children[Math.min(step, here.children.length - 1)];
    if (!next || !shown(next)) break;
    here = next;
  }
  for (; here && here !== root; here = here.parentElement) {
    const found = here.matches(usable) ? here : [...here.querySelectorAll(usable)].find(shown);
    if (found) return found;
  }
  return [...root.querySelectorAll(usable)].find(shown);
}

function back(was) {
  if (was === document.body) was = null;
  if (was?.isConnected && shown(was)) return was.focus({ preventScroll: true });
  let top = was;
  while (top?.parentElement) top = top.parentElement;
  const root = (top?.id && document.getElementById(top.id)) || document.getElementById("main");
  const next = was && (same(was, root) || place(was, root));
  (next || document.querySelector("aside.drawer .body") || document.getElementById("main"))?.focus({ preventScroll: !next });
}

let was = null;
document.addEventListener("htmx:beforeSwap", event => {
  const at = document.activeElement;
  was = at !== document.body && event.detail?.target?.contains(at) && !at.closest("dialog") ? at : null;
});
document.addEventListener("htmx:afterSwap", () => {
  if (was && !was.isConnected && lost()) back(was);
  was = null;
});
document.addEventListener("focus-back", event => back(event.detail));
