// A list one chooses from: all or none, how many, and a search that hides rows without unticking them.
const boxes = form => [...form.querySelectorAll("[data-choose]")].filter(box => !box.disabled);

function tell(form) {
  const all = boxes(form);
  const on = all.filter(box => box.checked);
  for (const box of all) box.closest("tr, li")?.classList.toggle("sel", box.checked);
  const head = form.querySelector("[data-choose-all]");
  if (head) {
    head.checked = on.length > 0 && on.length === all.length;
    head.indeterminate = on.length > 0 && on.length < all.length;
  }
  const area = form.closest("section, dialog, main");
  for (const place of area?.querySelectorAll("[data-chosen]") ?? []) place.textContent = on.length;
}

document.addEventListener("change", event => {
  const form = event.target.closest?.("[data-choose-from]");
  if (!form) return;
  if (event.target.matches("[data-choose-all]")) {
    for (const box of boxes(form)) if (!box.closest("tr, li")?.hidden) box.checked = event.target.checked;
  }
  tell(form);
});

document.addEventListener("click", event => {
  const button = event.target.closest?.("[data-choose-every]");
  const form = button?.closest("section, dialog, main")?.querySelector("[data-choose-from]");
  if (!form) return;
  for (const box of boxes(form)) if (!box.closest("tr, li")?.hidden) box.checked = Boolean(button.dataset.chooseEvery);
  tell(form);
});

document.addEventListener("input", event => {
  if (!event.target.matches?.("[data-choose-find]")) return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const area = event.target.closest("section, dialog, main");
  for (const row of area.querySelectorAll("[data-find]")) {
    const text = row.dataset.find.toLowerCase();
    row.hidden = !words.every(word => text.includes(word) || text.replaceAll(" ", "").includes(word));
  }
});

document.addEventListener("click", event => {
  const button = event.target.closest?.("[data-put]");
  const field = button && document.querySelector(button.dataset.put);
  if (!field) return;
  field.value = button.dataset.value;
  field.focus();
});

const start = () => document.querySelectorAll("[data-choose-from]").forEach(tell);
document.addEventListener("htmx:afterSwap", start);
start();
