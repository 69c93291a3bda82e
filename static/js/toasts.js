// Short words after an act. They leave by themselves, stay while looked at, and offer Undo only where undo is true.
// While a dialog is open the rest of the page is out of reach, for eyes and readers: what is said then stands in the dialog.
const leave = (toast, after) => {
  let timer = setTimeout(() => toast.remove(), after);
  const stay = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), 2500); };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
};

function area() {
  const foot = document.querySelector("dialog[open] .dlg-f");
  if (!foot) return document.getElementById("toasts");
  const there = foot.parentElement.querySelector(".toasts");
  if (there) return there;
  const made = document.createElement("div");
  made.className = "toasts inside";
  made.setAttribute("role", "alert");
  foot.before(made);
  return made;
}

document.body.addEventListener("toast", event => {
  const { text, tone = "", undo = "" } = event.detail ?? {};
  const template = document.getElementById("toast");
  if (!text || !template) return;
  const place = area();
  for (const old of place.querySelectorAll(".toast")) if (old.querySelector("span").textContent === text) old.remove();
  const toast = template.content.firstElementChild.cloneNode(true);
  if (tone) toast.classList.add(tone);
  toast.querySelector("span").textContent = text;
  const button = toast.querySelector("[data-undo]");
  if (undo) {
    button.hidden = false;
    button.addEventListener("click", () => {
      toast.remove();
      window.htmx.ajax("POST", undo, { swap: "none", source: document.body });
    });
  }
  place.append(toast);
  if (tone !== "bad") leave(toast, undo ? 10000 : 5000);
});

document.addEventListener("click", event => event.target.closest?.("[data-dismiss]")?.closest(".toast")?.remove());

// What came with the page is put in once more, a moment later: readers only speak what changes.
setTimeout(() => {
  for (const toast of document.querySelectorAll("#toasts > .toast")) {
    const again = toast.cloneNode(true);
    toast.replaceWith(again);
    if (!again.classList.contains("bad")) leave(again, 7000);
  }
}, 400);
