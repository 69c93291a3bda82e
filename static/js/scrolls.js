// What scrolls sideways inside its box says so: its edge fades where there is more (touch.css).
function tell(box) {
  const left = box.scrollLeft;
  const right = box.scrollWidth - box.clientWidth - left;
  const more = [left > 2 && "start", right > 2 && "end"].filter(Boolean).join(" ");
  if (more) box.dataset.more = more;
  else delete box.dataset.more;
}

// The tab one is on is in sight, also where the row of tabs is wider than the phone.
function here(row) {
  const tab = row.querySelector("[aria-current]");
  if (tab && row.scrollWidth > row.clientWidth) row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

function all() {
  document.querySelectorAll(".scroll").forEach(tell);
  document.querySelectorAll(".tabs").forEach(here);
}
document.addEventListener("scroll", event => event.target.classList?.contains("scroll") && tell(event.target), true);
document.addEventListener("toggle", all, true);
document.addEventListener("htmx:afterSwap", () => requestAnimationFrame(all));
addEventListener("resize", all);
all();
