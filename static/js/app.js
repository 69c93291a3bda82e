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

// A form that came back: the first field that is wrong, else what is wrong with the whole. At the door: where one types first.
const wrong = document.querySelector("main [aria-invalid=true]");
const told = document.querySelector("main form [role=alert]:not(.sr, :empty)");
const door = document.querySelector(".entrance input:not([type=hidden], [readonly], [type=checkbox])");
if (told && !wrong) {
  told.id ||= "told";
  const field = told.closest("form").querySelector("input[type=password]") ?? door;
  if (field) field.setAttribute("aria-describedby", told.id);
  else told.tabIndex = -1;
  (field ?? told).focus();
} else (wrong ?? door)?.focus();

// A mistake that was mended is one no more, before the form is sent again.
document.addEventListener("change", event => {
  const field = event.target;
  if (field.getAttribute?.("aria-invalid") !== "true") return;
  field.removeAttribute("aria-invalid");
  document.getElementById(`${field.id}_error`)?.remove();
});

// A part that came back with a mistake: the first wrong field in it, as in a dialog.
document.addEventListener("htmx:afterSettle", event => {
  const { xhr, target } = event.detail ?? {};
  if (xhr?.status === 422 && target?.id !== "dialog") document.querySelector("main [aria-invalid=true]")?.focus();
});
