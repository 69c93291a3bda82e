// A drawer is a look beside the list: opening goes into it, Esc closes it and goes back to its row, the list stays as it was.
const drawer = () => document.querySelector("aside.drawer.peek");
const list = () => document.getElementById("listing");
const linkOf = row => row?.querySelector("th a, td a");
let looked = location.pathname;

// The row that is open beside the list, also after the list was asked for again.
function mark() {
  for (const row of document.querySelectorAll(".split tbody tr:not(.drawer tr)")) {
    const link = linkOf(row);
    if (drawer() && link?.href && new URL(link.href).pathname === looked) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:afterSwap", event => {
  const asker = event.detail?.requestConfig?.elt;
  const opened = event.detail?.target?.id === "drawer" && asker?.localName === "a" && drawer();
  if (opened) {
    looked = new URL(asker.href).pathname;
    drawer().querySelector(".body").focus({ preventScroll: true });
    if (!list()?.checkVisibility?.()) drawer().scrollIntoView({ block: "start" });
  }
  mark();
});

function close(link) {
  const row = document.querySelector(".split tr[aria-current]");
  const away = new URL(link.href).pathname !== location.pathname;
  const empty = document.createElement("div");
  empty.id = "drawer";
  drawer().replaceWith(empty);
  if (away) history.pushState({ htmx: true }, "", list().getAttribute("hx-get") || link.href);
  mark();
  (linkOf(row) || document.getElementById("main")).focus();
}

document.addEventListener("click", event => {
  const link = event.target.closest?.("[data-close-drawer]");
  if (!link || !list() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  close(link);
});

// Esc closes one thing at a time: a dialog, a menu and ticks come first.
document.addEventListener("keydown", event => {
  const first = "dialog[open], details.drop[open], :popover-open, input[form=bulk]:checked";
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
  const link = document.querySelector(".drawer [data-close-drawer]");
  if (event.key === "Escape" && link && list() && !typing && !document.querySelector(first)) close(link);
}, true);

mark();
