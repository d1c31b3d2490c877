// The keyboard of the console. A key clicks the element that names it: data-key="r", data-key="g c".
// J and K walk the rows of [data-rows]; X selects, Enter opens, / searches, ? helps. Silent inside fields.
const rows = () => [...document.querySelectorAll("[data-rows] > tr")];
const WRITING = new Set(["r", "n"]);
let prefix = "";

function current() {
  return document.querySelector("[data-rows] > tr[aria-current]");
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  current()?.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.querySelector("a.subj")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");
}

// In the queue a key means the selected rows, where there are any; else the row one stands on.
function target(name) {
  const onBar = document.querySelector(`.toolbar.bulk [data-key="${name}"]`);
  const row = current();
  const chosen = document.querySelector("[data-rows] [name=sel]:checked");
  const inRow = row?.querySelector(`[data-key="${name}"]`);
  if (onBar && chosen) return onBar;
  if (inRow) return inRow;
  if (onBar && row) {
    row.querySelector("[name=sel]").checked = true;
    return onBar;
  }
  return [...document.querySelectorAll(`[data-key="${name}"]`)].find((element) => element !== onBar);
}

function press(name) {
  const found = target(name);
  if (found) {
    found.click();
    const field = found.dataset.focus && document.getElementById(found.dataset.focus);
    field?.focus();
    return true;
  }
  // Replying and noting are done on the ticket's own page.
  const link = WRITING.has(name) && current()?.querySelector("a.subj");
  if (!link) return false;
  location.assign(`${link.href}#${name}`);
  return true;
}

const MOVES = {
  // Rows of a list; on a ticket that one came to from a list, the next one and the one before.
  j: () => (rows().length ? move(1) : press("j")),
  k: () => (rows().length ? move(-1) : press("k")),
  x: () => current()?.querySelector("[name=sel]")?.click(),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => document.getElementById("keys-help")?.showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const name = prefix ? `${prefix} ${key}` : key;
  prefix = "";
  if (key === "g" && name === "g") {
    prefix = "g";
    setTimeout(() => { prefix = ""; }, 1200);
    return;
  }
  if (MOVES[name]) {
    event.preventDefault();
    MOVES[name]();
  } else if (press(name)) event.preventDefault();
}

if (document.body.dataset.keys !== "off") document.addEventListener("keydown", onKey);
// Whoever comes from the queue to write stands in the box at once.
if (WRITING.has(location.hash.slice(1))) press(location.hash.slice(1));
