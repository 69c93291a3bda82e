// Keys are declared in the HTML (data-key="a", data-key="g p"); this file only listens. Nothing happens while one types.
const typing = at => at.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const shown = element => element.checkVisibility?.() ?? true;
const scope = () => document.querySelector("dialog[open]") || document;
const declared = () => [...scope().querySelectorAll("[data-key]")].sort((a, b) => Boolean(b.closest(".bulk")) - Boolean(a.closest(".bulk")));
const find = keys => declared().find(one => one.dataset.key === keys && (shown(one) || one.closest(".side")));
const LINE = ".main tbody tr, .main .list > li";
const rows = () => [...document.querySelectorAll(LINE)].filter(row => !row.closest(".drawer") && shown(row) && row.querySelector("a, input[type=checkbox]"));
const handle = row => row?.querySelector("th a, td a") || row?.querySelector("a, input[type=checkbox]");
const here = () => {
  const row = document.activeElement?.closest?.(LINE);
  return row && !row.closest(".drawer") ? row : document.querySelector(".main tr[aria-current]");
};
let waiting = "";

function move(step) {
  const all = rows();
  const next = all[Math.min(Math.max(all.indexOf(here()) + step, 0), all.length - 1)];
  handle(next)?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const always = {
  j: () => move(1), k: () => move(-1), "?": () => document.dispatchEvent(new CustomEvent("show-keys")),
  x: () => here()?.querySelector("input[type=checkbox]:not(:disabled)")?.click(),
  o: () => here()?.querySelector("th a, td a, a")?.click(),
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
