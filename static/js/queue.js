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

// Who is on which ticket: asked for when somebody comes or goes, and while somebody is there, since a screen that is
// simply gone says nothing.
const PRESENCE = "/cola/presencia/";

async function presence() {
  const answer = await fetch(PRESENCE, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of document.querySelectorAll("[data-rows] > tr")) {
    const sub = row.querySelector(".sub");
    const now = page.querySelector(`[data-for="${row.id}"] > *`);
    const shown = sub?.querySelector("[data-present]");
    if (shown?.textContent === now?.textContent) continue;
    shown?.remove();
    if (now) sub?.prepend(now);
  }
}

let asking = 0;

// What a whole desk has open asks at most once in some seconds, and not all at once.
function soon() {
  asking ||= setTimeout(() => {
    asking = 0;
    presence().catch(() => {});
  }, 500 + Math.random() * 3_500);
}

if (document.getElementById("cola")) {
  document.addEventListener("live:presence", soon);
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-present]")) presence().catch(() => {});
  }, 30_000);
}
