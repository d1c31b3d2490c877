// The search box: what may follow is a list that the server draws. Arrows walk it, Enter or Tab takes, Escape closes.
// Without this script the box is a plain field.
const box = document.getElementById("q");
const list = document.getElementById("q-options");

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function show(open) {
  list.hidden = !open || !options().length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) box.removeAttribute("aria-activedescendant");
}

function mark(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  box.value = option.dataset.write;
  forget();
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// What was proposed for an earlier text must not be taken for this one.
function forget() {
  list.replaceChildren();
  show(false);
}

function step(by) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  mark(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
}

function onKey(event) {
  if (list.hidden) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Escape") show(false);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (box && list) {
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.addEventListener("keydown", onKey);
  box.addEventListener("input", forget);
  box.addEventListener("blur", () => show(false));
  list.addEventListener("htmx:afterSwap", () => show(document.activeElement === box));
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) take(option);
  });
}
