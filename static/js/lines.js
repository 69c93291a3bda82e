// Work through a list of findings: the next one by a key, and back to the same place after a line was changed.
let last = null;
let opener = "";

document.addEventListener("click", event => {
  const button = event.target.closest?.("[data-next-finding]");
  if (!button) return;
  const rows = [...document.querySelectorAll("tr[data-finding]")];
  if (!rows.length) return location.assign(button.dataset.nextFinding);
  const here = rows.findIndex(row => row.contains(document.activeElement));
  last = rows[((here < 0 ? rows.indexOf(last) : here) + 1) % rows.length];
  last.querySelector("th a")?.focus({ preventScroll: true });
  last.scrollIntoView({ block: "center" });
});

document.addEventListener("htmx:beforeRequest", event => {
  if (event.detail?.target?.id === "dialog" && !event.detail.target.open) opener = event.detail.elt?.id ?? "";
});

// The page is asked for again as a whole after a change: it stands where it stood.
document.addEventListener("htmx:beforeOnLoad", event => {
  const to = event.detail?.xhr?.getResponseHeader("HX-Redirect");
  const path = to && new URL(to, location.href).pathname;
  if (path === location.pathname) sessionStorage.setItem("place", JSON.stringify({ path, top: scrollY, id: opener }));
});

const kept = JSON.parse(sessionStorage.getItem("place") ?? "null");
sessionStorage.removeItem("place");
if (kept?.path === location.pathname) {
  scrollTo({ top: kept.top, behavior: "instant" });
  (kept.id && document.getElementById(kept.id))?.focus({ preventScroll: true });
}
