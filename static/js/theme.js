// Light or dark at once; the server remembers it for the person.
const root = document.documentElement;
const now = () => root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

document.addEventListener("click", event => {
  const form = event.target.closest?.("[data-theme-form]");
  if (!form || !event.target.closest("button")) return;
  const wanted = now() === "dark" ? "light" : "dark";
  form.elements.theme.value = wanted;
  root.dataset.theme = wanted;
}, true);
