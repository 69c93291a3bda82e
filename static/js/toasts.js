// Short words after an act. They leave by themselves, stay while looked at, and offer Undo only where undo is true.
const area = () => document.getElementById("toasts");
const leave = (toast, after) => {
  let timer = setTimeout(() => toast.remove(), after);
  const stay = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), 2500); };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
};

document.body.addEventListener("toast", event => {
  const { text, tone = "", undo = "" } = event.detail ?? {};
  const template = document.getElementById("toast");
  if (!text || !template) return;
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
  area()?.append(toast);
  if (tone !== "bad") leave(toast, undo ? 10000 : 5000);
});

document.addEventListener("click", event => event.target.closest?.("[data-dismiss]")?.closest(".toast")?.remove());
for (const toast of document.querySelectorAll(".toast:not(.bad)")) leave(toast, 7000);
