// Keeps a page current by server-sent events. body[data-stream] is the address; a message only says "look": the page asks
// for itself again and takes the pieces named in data-live="#thread #side", so the server draws everything once.
//
// In [data-live-rows] (the queue) rows are renewed in their place and never move: what is new is counted on the button
// [data-live-new], which brings the page anew. Typed text, focus and selection stay.
const url = document.body.dataset.stream;
const lamp = document.querySelector("[data-live-state]");
const NAMES = ["message", "ticket", "cola", "notice", "clock", "drafts"];
// Several events of one action are one look; a queue, which a whole desk has open, looks less often.
const GATHER = document.querySelector("[data-live-rows]") ? 2_000 : 700;
const POLL = 15_000; // while the stream is away
const GIVE_UP = 30_000;

let source = null;
let lostAt = 0;
let pending = 0;
let poll = 0;

function state(ok) {
  if (!lamp) return;
  lamp.dataset.tone = ok ? "ok" : "bad";
  const since = new Date(lostAt || Date.now());
  const time = since.toLocaleTimeString("es-MX", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const text = ok ? lamp.dataset.on : `${lamp.dataset.off} ${time}`;
  if (lamp.textContent !== text) lamp.textContent = text;
}

async function look() {
  pending = 0;
  const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of document.querySelectorAll("[data-live]")) {
    for (const id of place.dataset.live.split(" ")) renew(document.querySelector(id), page.querySelector(id), page);
  }
  const list = document.querySelector("[data-live-rows]");
  if (list) renewRows(list, page.querySelector("[data-live-rows]"), page);
  document.dispatchEvent(new CustomEvent("live:updated"));
}

function stamp(element, page) {
  if (page.body.dataset.now) element.dataset.now = page.body.dataset.now;
}

function renew(mine, theirs, page) {
  if (!mine || !theirs || mine.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
  if (mine.querySelector("dialog[open]")) return;
  if (mine.innerHTML === theirs.innerHTML) return;
  const atEnd = mine.scrollHeight - mine.scrollTop - mine.clientHeight < 80;
  mine.replaceChildren(...theirs.childNodes);
  stamp(mine, page);
  window.htmx?.process(mine);
  if (atEnd) mine.scrollTop = mine.scrollHeight;
}

function renewRows(list, fresh, page) {
  if (!fresh) return;
  const known = new Set();
  for (const row of [...list.children]) {
    known.add(row.id);
    const other = row.id && page.getElementById(row.id);
    if (!other || row.innerHTML === other.innerHTML) continue;
    const chosen = row.querySelector("[name=sel]")?.checked;
    const focused = [...row.querySelectorAll("a, button, input")].indexOf(document.activeElement);
    row.replaceChildren(...other.childNodes);
    stamp(row, page);
    if (focused >= 0) row.querySelectorAll("a, button, input")[focused]?.focus({ preventScroll: true });
    const box = row.querySelector("[name=sel]");
    if (box) box.checked = Boolean(chosen);
  }
  const news = [...fresh.children].filter((row) => row.id && !known.has(row.id)).length;
  const button = document.querySelector("[data-live-new]");
  if (button && news) {
    button.hidden = false;
    button.querySelector("[data-n]").textContent = news === 1 ? button.dataset.one : button.dataset.many.replace("{n}", news);
  }
}

function soon() {
  if (!pending) pending = setTimeout(() => look().catch(() => {}), GATHER + Math.random() * GATHER);
}

function open() {
  if (source) return;
  source = new EventSource(url);
  source.addEventListener("open", () => {
    if (lostAt) soon(); // what was missed meanwhile
    lostAt = 0;
    clearInterval(poll);
    poll = 0;
    state(true);
  });
  source.addEventListener("error", () => {
    lostAt ||= Date.now();
    state(false);
    if (source.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 5_000 + Math.random() * 10_000);
    }
    if (!poll && Date.now() - lostAt > GIVE_UP) poll = setInterval(soon, POLL);
  });
  for (const name of NAMES) source.addEventListener(name, soon);
  source.addEventListener("presence", () => document.dispatchEvent(new CustomEvent("live:presence")));
}

function close() {
  source?.close();
  source = null;
}

document.addEventListener("live:look", soon); // what another script knows to have changed

if (url && "EventSource" in window) {
  open();
  // A hidden tab gives its connection back after a while and looks again when it returns.
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, 30_000);
    else if (!source) {
      open();
      soon();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
}
