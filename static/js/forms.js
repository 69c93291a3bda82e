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
