// Says that this ticket is open on a screen, and whether somebody is writing; shows who else is there. #presencia holds
// the address. A tab that is hidden or that nobody has touched for a while says nothing and is forgotten.
const place = document.querySelector("[data-presence]");
const box = () => document.querySelector("#redactar textarea[name=body]");
const BEAT = 20_000;
const WRITES_FOR = 60_000; // after the last key
const IDLE = 10 * 60_000;

let touched = Date.now();
let typed = 0;
let told = "";

const state = () => (box()?.value.trim() && Date.now() - typed < WRITES_FOR ? "respondiendo" : "viendo");

function form(estado) {
  const data = new FormData();
  data.set("estado", estado);
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  return data;
}

function said(element) {
  const copy = element.cloneNode(true);
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return copy.textContent.trim();
}

async function beat() {
  if (document.hidden || Date.now() - touched > IDLE) return;
  told = state();
  const answer = await fetch(place.dataset.presence, { method: "POST", body: form(told), credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (place.contains(document.activeElement)) return;
  // Where only the seconds changed, nothing is read aloud again.
  if (said(page.body) === said(place)) {
    const fresh = page.querySelectorAll("[data-since]");
    place.querySelectorAll("[data-since]").forEach((since, n) => { since.textContent = fresh[n]?.textContent ?? ""; });
    return;
  }
  place.replaceChildren(...page.body.childNodes);
}

const look = () => beat().catch(() => {});

if (place) {
  look();
  setInterval(look, BEAT);
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    typed = Date.now();
    if (state() !== told) look();
  });
  document.addEventListener("live:presence", look);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  addEventListener("pagehide", () => navigator.sendBeacon(place.dataset.presence, form("salir")));
  addEventListener("pageshow", (event) => {
    if (event.persisted) look();
  });
}
