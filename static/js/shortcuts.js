// Keys are declared in the HTML (data-key="a", data-key="g p"); this file only listens. Nothing happens while one types.
const typing = at => at.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const shown = element => element.checkVisibility?.() ?? true;
const scope = () => document.querySelector("dialog[open]") || document;
const find = keys => [...scope().querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(one => shown(one) || one.closest(".side"));
const rows = () => [...document.querySelectorAll(".main tbody tr")].filter(row => shown(row) && row.querySelector("a, input[type=checkbox]"));
const handle = row => row?.querySelector("th a, td a") || row?.querySelector("input[type=checkbox]");
const here = () => document.activeElement?.closest?.("tbody tr");
let waiting = "";

function move(step) {
  const all = rows();
  const next = all[Math.min(Math.max(all.indexOf(here()) + step, 0), all.length - 1)];
  handle(next)?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function showKeys() {
  const list = document.getElementById("keys-here");
  const lines = [...document.querySelectorAll("[data-key]")].flatMap(element => {
    const word = document.createElement("dd");
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, svg, .count").forEach(one => one.remove());
    word.textContent = element.dataset.keyLabel || copy.textContent.trim() || element.getAttribute("aria-label");
    const cap = document.createElement("dt");
    cap.append(...element.dataset.key.split(" ").flatMap(key => {
      const box = document.createElement("kbd");
      box.textContent = key;
      return [box, " "];
    }));
    return [cap, word];
  });
  list.replaceChildren(...lines);
  document.getElementById("keys").showModal();
}

const always = {
  j: () => move(1), k: () => move(-1), "?": showKeys,
  x: () => here()?.querySelector("input[type=checkbox]:not(:disabled)")?.click(),
  o: () => here()?.querySelector("th a, td a")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const keys = waiting ? `${waiting} ${event.key.toLowerCase()}` : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const start = !waiting && document.querySelector(`[data-key^="${CSS.escape(keys)} "]`);
  waiting = "";
  const target = find(keys);
  const act = target ? () => target.click() : scope() === document ? always[keys] : null;
  if (act) { event.preventDefault(); act(); }
  else if (start) { waiting = keys; setTimeout(() => { waiting = ""; }, 1200); }
});
