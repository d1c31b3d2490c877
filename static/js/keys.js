// The keyboard of the console. A key clicks the element that names it: data-key="r", data-key="g c".
// J and K walk the rows of [data-rows]; X selects, Enter opens, / searches, ? helps. Silent inside fields.
const rows = () => [...document.querySelectorAll("[data-rows] > tr")];
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

function press(name) {
  const inRow = current()?.querySelector(`[data-key="${name}"]`);
  const target = inRow || document.querySelector(`[data-key="${name}"]`);
  if (!target) return false;
  target.click();
  const field = target.dataset.focus && document.getElementById(target.dataset.focus);
  field?.focus();
  return true;
}

const MOVES = {
  j: () => move(1),
  k: () => move(-1),
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

// The box in the head selects every row.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  for (const box of document.querySelectorAll("[data-rows] [name=sel]")) box.checked = event.target.checked;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const box of document.querySelectorAll("[name=sel]:checked")) box.checked = false;
});
