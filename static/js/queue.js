// The selection of the queue: all at once, none again, and how many they are. The bar shows itself by CSS.
const boxes = () => [...document.querySelectorAll("[data-rows] [name=sel]")];

function count() {
  const words = document.querySelector("[data-selected]");
  if (!words) return;
  const n = boxes().filter((box) => box.checked).length;
  words.textContent = n === 1 ? words.dataset.one : words.dataset.many.replace("{n}", n);
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && n < boxes().length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-select-all], [name=sel]")) count();
});
document.addEventListener("reset", () => setTimeout(count)); // the boxes change after the event
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const box of boxes()) box.checked = false;
  count();
});
addEventListener("pageshow", count); // a page that comes back may come with boxes checked
