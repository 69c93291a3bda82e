// What every page does: busy marks, honest errors, menus that close.
const said = name => document.getElementById("said")?.content.querySelector(`[data-said="${name}"]`)?.textContent ?? "";
const toast = (name, tone = "bad") => document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: said(name), tone } }));

document.addEventListener("htmx:beforeRequest", event => event.detail?.target?.setAttribute?.("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", event => event.detail?.target?.removeAttribute?.("aria-busy"));

document.addEventListener("htmx:responseError", event => {
  const status = event.detail?.xhr?.status;
  toast(status === 403 ? "forbidden" : status === 404 || status === 410 ? "gone" : "failed");
});
document.addEventListener("htmx:sendError", () => toast("offline"));

// One menu at a time; Esc and a click elsewhere close it and focus returns to its button.
const menus = () => document.querySelectorAll("details.drop[open]");
document.addEventListener("click", event => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.stopPropagation();
  }
}, true);

// After a part was swapped, the row that is looked at stays in sight.
document.addEventListener("htmx:afterSwap", event => {
  event.detail?.target?.querySelector?.("tr[aria-current]")?.scrollIntoView?.({ block: "nearest" });
});

// A list that was asked for anew says how much it holds; a region that is swapped itself would stay silent.
document.addEventListener("htmx:afterSwap", event => {
  const part = event.detail?.target?.id && document.getElementById(event.detail.target.id);
  const words = part?.querySelector?.("[data-heard]") ?? part?.querySelector?.(".empty h2");
  const heard = document.getElementById("heard");
  if (!words || !heard || document.querySelector("dialog[open]")) return;
  heard.textContent = "";
  setTimeout(() => { heard.textContent = words.textContent.replace(/\s+/g, " ").trim(); }, 150);
});
