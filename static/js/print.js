// A button that prints the page; the print layer does the rest.
document.addEventListener("click", event => event.target.closest?.("[data-print]") && window.print());
