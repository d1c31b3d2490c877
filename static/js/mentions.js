// @ in an internal note opens the list of the desk's people. Arrows walk it, Enter or Tab writes the name, Escape closes.
// Without this script the name is written by hand: the server reads it.
const box = document.querySelector("textarea[data-people]");
const list = document.getElementById("mencionar");
const state = document.querySelector("[data-people-state]");
const MOST = 8;

let people = null;
let start = -1; // where the @ stands

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const isNote = () => box.form.elements.kind.value === "note";
const options = () => [...list.children];

function close() {
  start = -1;
  list.hidden = true;
  list.replaceChildren();
  state.textContent = "";
  box.removeAttribute("aria-activedescendant");
}

function mark(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function draw(names) {
  list.replaceChildren(...names.map((name, n) => {
    const option = document.createElement("li");
    option.id = `mencionar-${n}`;
    option.setAttribute("role", "option");
    option.textContent = name;
    return option;
  }));
  list.hidden = false;
  state.textContent = box.dataset.peopleText.replace("{n}", String(names.length));
  mark(list.firstElementChild);
}

async function known() {
  if (people) return people;
  const answer = await fetch(box.dataset.people, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) return [];
  people = (await answer.json()).people.map((person) => person.name);
  return people;
}

// What is being written behind the last @ before the caret: at most a name of a few words.
function wanted() {
  const before = box.value.slice(0, box.selectionStart);
  const found = /(?:^|[^\p{L}\p{N}_@.])@([\p{L}\p{N} .'’-]{0,60})$/u.exec(before);
  return found ? { at: before.length - found[1].length - 1, text: plain(found[1]) } : null;
}

async function look() {
  const now = wanted();
  if (!now || !isNote()) return close();
  const all = await known().catch(() => []);
  const again = wanted();
  if (!again || again.at !== now.at || again.text !== now.text) return;
  const fits = all.filter((name) => plain(name).startsWith(now.text) || now.text && plain(name).includes(` ${now.text}`)).slice(0, MOST);
  // A name that stands there already in full needs no list.
  if (!fits.length || fits.length === 1 && plain(fits[0]) === now.text.trim()) return close();
  start = now.at;
  draw(fits);
}

function take(option) {
  const after = box.value.slice(box.selectionStart);
  const name = `@${option.textContent} `;
  box.setRangeText(name, start, box.value.length - after.length, "end");
  close();
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function onKey(event) {
  if (list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") mark(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") mark(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter" || event.key === "Tab") take(all[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (box && list) {
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-haspopup", "listbox");
  box.addEventListener("keydown", onKey);
  box.addEventListener("input", look);
  box.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}
