// Ticks and the bar under the list: shift takes a range, the server counts the money, Esc clears.
const bar = () => document.getElementById("bulk");
const ticks = () => [...document.querySelectorAll('input[type=checkbox][form="bulk"]')];
let last = null;
let asked = "";

function tell() {
  const box = bar();
  if (!box) return;
  const all = ticks();
  const on = all.filter(tick => tick.checked);
  const whole = box.elements.all?.value === "1";
  for (const tick of all) tick.closest("tr, li")?.classList.toggle("sel", tick.checked);
  for (const head of document.querySelectorAll("[data-tick-all]")) {
    head.checked = on.length > 0 && on.length === all.length;
    head.indeterminate = on.length > 0 && on.length < all.length;
  }
  box.hidden = on.length === 0;
  const count = whole ? box.querySelector("[data-bulk-all]")?.dataset.bulkAll : on.length;
  for (const place of box.querySelectorAll("[data-bulk-count]")) place.textContent = count;
  const picked = [whole, ...on.map(tick => tick.value)].join();
  if (on.length && picked !== asked) box.querySelector("#bulk-sum")?.dispatchEvent(new CustomEvent("bulk-changed"));
  asked = picked;
}

function setAll(checked, whole = "") {
  for (const tick of ticks()) tick.checked = checked;
  if (bar()?.elements.all) bar().elements.all.value = whole;
  tell();
}

document.addEventListener("click", event => {
  if (event.target.matches?.("td:has(> input[form=bulk]:only-child)")) return event.target.firstElementChild.click(); // as wide as its cell
  const tick = event.target.closest?.('input[type=checkbox][form="bulk"]');
  if (!tick) return;
  const all = ticks();
  if (event.shiftKey && last?.isConnected) {
    const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = tick.checked;
  }
  last = tick;
  if (bar()?.elements.all) bar().elements.all.value = "";
  tell();
});

document.addEventListener("change", event => {
  if (event.target.matches?.("[data-tick-all]")) setAll(event.target.checked);
});

document.addEventListener("click", event => {
  if (event.target.closest?.("[data-bulk-all]")) setAll(true, "1");
  else if (event.target.closest?.("[data-bulk-clear]")) setAll(false);
});

document.addEventListener("keydown", event => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && ticks().some(tick => tick.checked)) setAll(false);
});

document.addEventListener("htmx:afterSwap", () => tell());
