// A part that is asked for every few seconds changes in place: focus, selection, scroll and opened details stay where they are.
const acts = node => [...(node.attributes ?? [])].filter(one => one.name.startsWith("hx-")).map(one => one.name + one.value).sort().join();
const alike = (old, fresh) =>
  old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "") && acts(old) === acts(fresh);

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    const kept = name === "open" || name === "aria-busy" || (name === "class" && old.matches(".htmx-request, .htmx-swapping, .htmx-settling"));
    if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
}

// `added` gathers what is new, so that htmx makes its links and forms work.
function become(old, fresh, added) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  attributes(old, fresh);
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const known = !at || alike(at, node) ? at : node.id ? [...old.children].find(one => alike(one, node)) : null;
    if (known && known === at) at = at.nextSibling;
    else if (known) old.insertBefore(known, at);
    if (known) become(known, node, added);
    else added.push(old.insertBefore(node, at));
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

globalThis.htmx?.defineExtension("morph", {
  isInlineSwap: style => style === "morph",
  handleSwap(style, target, fragment) {
    if (style !== "morph") return false;
    const fresh = fragment.firstElementChild;
    if (!fresh || !alike(target, fresh)) {
      target.replaceWith(...fragment.childNodes);
      return fresh ? [fresh] : true;
    }
    const added = [];
    become(target, fresh, added);
    return added;
  },
});
