// What "?" shows: the keys this page declares, those that lead to other pages, and those that are everywhere.
function line(element) {
  const word = document.createElement("dd");
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, .count, [data-bulk-count]").forEach(one => one.remove());
  word.textContent = element.dataset.keyLabel || copy.textContent.trim() || element.getAttribute("aria-label");
  const cap = document.createElement("dt");
  cap.append(...element.dataset.key.split(" ").flatMap(key => {
    const box = document.createElement("kbd");
    box.textContent = key;
    return [box, " "];
  }));
  return [cap, word];
}

document.addEventListener("show-keys", () => {
  const own = [...document.querySelectorAll("[data-key]:not(.side *)")];
  document.getElementById("keys-here").replaceChildren(...own.flatMap(line));
  document.getElementById("keys-none").hidden = own.length > 0;
  document.getElementById("keys-places").replaceChildren(...[...document.querySelectorAll(".side [data-key]")].flatMap(line));
  document.getElementById("keys").showModal();
});
