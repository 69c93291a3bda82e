// One <dialog> for all decisions: htmx fills it, it opens, a wrong form stays inside, focus goes back where it came from.
const dialog = () => document.getElementById("dialog");
let opener = null;

// To the opener; when its part was swapped meanwhile, to what stands in its place (focus.js).
function focusBack() {
  document.dispatchEvent(new CustomEvent("focus-back", { detail: opener }));
  opener = null;
}

document.addEventListener("htmx:beforeRequest", event => {
  const box = dialog();
  if (event.detail?.target === box && !box.open) opener = document.activeElement;
});

document.addEventListener("htmx:afterSwap", event => {
  const box = dialog();
  if (event.detail?.target !== box || !box.firstElementChild) return;
  const told = box.querySelector("[data-told]"); // what a reader says after the title: count and sums
  if (told) box.setAttribute("aria-describedby", told.id);
  else box.removeAttribute("aria-describedby");
  if (!box.open) box.showModal();
  const wrong = box.querySelector("[aria-invalid=true]");
  const first = box.querySelector("[autofocus]") || box.querySelector(".dlg-b :is(input:not([type=hidden]), select, textarea)");
  (wrong || first || box.querySelector(".btn.primary") || box.querySelector("[data-close]"))?.focus();
});

document.addEventListener("close", event => {
  if (event.target !== dialog()) return;
  event.target.replaceChildren();
  focusBack();
}, true);

document.body.addEventListener("close-dialog", () => dialog()?.open && dialog().close());

document.addEventListener("click", event => {
  const button = event.target.closest?.("[data-close]");
  if (!button) return;
  const box = button.closest("dialog");
  if (box) box.close();
  else if (history.length > 1) history.back();
  else location.assign(document.body.dataset.home || "/");
});

// Ctrl or Cmd with Enter sends the form one is in.
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest?.("form")?.requestSubmit();
});
