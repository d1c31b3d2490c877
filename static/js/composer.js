// The box to write in on a ticket. What is typed is saved on the server a moment later, on leaving the field and the page;
// while the network is away it stays on this machine, and the newer one wins. It stops when the client wrote meanwhile, and
// counts the seconds of a reply on its way. Without it the buttons of the form do the same.
const form = document.querySelector("form[data-save]");
const WAIT = 1_500;
const AGAIN = 15_000;
const KEPT = ["body", "kind", "after"];
const MAX_KEEPALIVE = 60_000; // bytes that a browser sends for a page that is gone

let timer = 0;
let dirty = false;
let busy = false;
let sent = false;

const field = (name) => form.elements[name];
const key = form && `composer:${form.dataset.keep}`;
// The server's clock: both machines are asked by it which text is newer.
const skew = Number(document.body.dataset.now || 0) * 1000 - Date.now();
const serverNow = () => (document.body.dataset.now ? Date.now() + skew : Date.now());

function read() {
  return Object.fromEntries(KEPT.filter((name) => field(name)).map((name) => [name, field(name).value]));
}

function write(values) {
  for (const [name, value] of Object.entries(values)) {
    if (KEPT.includes(name) && field(name)) field(name).value = value;
  }
}

function say(text) {
  const place = form.querySelector("[data-draft-state]");
  if (place.textContent !== text) place.textContent = text;
}

// ------------------------------------------------------------------ this machine

function local() {
  try {
    return JSON.parse(localStorage.getItem(key) || "null");
  } catch {
    return null;
  }
}

function keepLocally(more = {}) {
  try {
    localStorage.setItem(key, JSON.stringify({ values: read(), base: Number(field("draft").value) || 0, at: serverNow(), ...more }));
  } catch {
    // No storage (private window, full): the server has it in a moment.
  }
}

function forgetLocally() {
  try {
    localStorage.removeItem(key);
  } catch {
    // as above
  }
}

// ------------------------------------------------------------------ the server

function packed(more = {}) {
  const data = new FormData(form);
  data.delete("files");
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  return new URLSearchParams(data);
}

function post(body, options = {}) {
  const headers = { Accept: "application/json" };
  return fetch(form.dataset.save, { method: "POST", headers, body, credentials: "same-origin", ...options });
}

async function save() {
  clearTimeout(timer);
  if (!dirty || busy || sent) return;
  dirty = false;
  busy = true;
  try {
    const answer = await post(packed());
    if (sent) return;
    if (answer.status === 422) say((await answer.json()).text);
    else if (answer.ok && !answer.redirected) saved(await answer.json());
    else away();
  } catch {
    away();
  } finally {
    busy = false;
    if (dirty && !sent && !timer) timer = setTimeout(save, WAIT);
  }
}

function saved({ version, at, clash, hid, gone, text }) {
  if (gone) {
    // It was sent or discarded in another tab: what is typed from now on is a draft of its own.
    field("draft").value = "0";
    say(text);
    return;
  }
  field("draft").value = String(version);
  if (!dirty) forgetLocally();
  const words = [version ? form.dataset.saved.replace("{at}", at) : "", hid ? form.dataset.hid : ""];
  say(words.filter(Boolean).join(" · "));
  form.querySelector("[data-discard]").hidden = !version;
  if (clash) document.dispatchEvent(new CustomEvent("live:look"));
}

function away() {
  dirty = true;
  keepLocally();
  say(form.dataset.away);
  clearTimeout(timer);
  timer = setTimeout(save, AGAIN);
}

function typed() {
  dirty = true;
  keepLocally();
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = 0;
    save();
  }, WAIT);
}

function leave() {
  if (!dirty || sent) return;
  keepLocally();
  const body = packed();
  if (body.toString().length < MAX_KEEPALIVE) post(body, { keepalive: true }).catch(() => {});
}

// ------------------------------------------------------------------ what was kept on this machine

/** Whether the text stands in the conversation, however it is drawn there: what was sent may not have arrived. */
function said(text) {
  const bare = (words) => words.replace(/\s+/g, "");
  return bare(document.querySelector("#hilo-lista").textContent).includes(bare(text));
}

function restore() {
  const kept = local();
  if (!kept) return;
  const base = Number(field("draft").value) || 0;
  const mine = String(kept.values.body || "").trim();
  const theirs = field("body").value.trim();
  // Sent, and the server has no draft of it any more, or the text itself; or the server has all of it: nothing to do.
  const over = kept.sent && (kept.base ? base !== kept.base : said(mine));
  if (over || !mine || theirs.includes(mine) || form.hasAttribute("data-bound")) {
    forgetLocally();
  } else if (base === kept.base || kept.at > Number(form.dataset.savedMs)) {
    write(kept.values);
    field("draft").value = String(kept.base); // the server keeps beside it what it does not contain
    typed();
  } else {
    post(packed({ body: kept.values.body, aside: "1" })).then((answer) => {
      if (!answer.ok) return;
      forgetLocally();
      document.dispatchEvent(new CustomEvent("live:look"));
    }).catch(() => {});
  }
}

// ------------------------------------------------------------------ the client wrote meanwhile

const clientWords = () => [...document.querySelectorAll("#hilo-lista .msg:not(.team, .note)")];
const known = new Set(form ? clientWords().map((one) => one.id) : []);

function seen() {
  const value = document.querySelector("#al-redactar [data-seen]")?.value;
  if (value) field("version").value = value;
}

// The server says it of a draft that was begun earlier; here it can be answered.
function adopt(notice) {
  const theirs = document.querySelector("#al-redactar [data-newer]");
  if (!theirs) return;
  theirs.hidden = true;
  if (document.querySelector("#al-redactar [data-seen]").value === field("version").value || !notice.hidden) return;
  notice.querySelector("p").textContent = theirs.querySelector("p").textContent;
  notice.querySelector("a").href = theirs.querySelector("a").href;
  notice.hidden = false;
}

function look() {
  const news = clientWords().filter((one) => !known.has(one.id));
  for (const one of news) known.add(one.id);
  const notice = form.querySelector("[data-wrote]");
  if (!field("body").value.trim()) {
    if (notice.hidden) seen(); // what is begun now is begun with all of it on the screen
    return;
  }
  adopt(notice);
  if (!news.length || field("kind").value === "note") return;
  const last = news[news.length - 1];
  notice.querySelector("p").textContent = notice.dataset.wrote.replace("{who}", last.querySelector("header b").textContent);
  notice.querySelector("a").href = `#${last.id}`;
  notice.hidden = false;
}

function start() {
  restore();
  const { length } = field("body").value;
  field("body").setSelectionRange(length, length); // one goes on where the text ends
  form.addEventListener("input", typed);
  adopt(form.querySelector("[data-wrote]"));
  form.addEventListener("focusout", () => save());
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    sent = true;
    clearTimeout(timer);
    keepLocally({ sent: true });
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false;
  });
  addEventListener("pagehide", leave);
  addEventListener("online", () => save());
  document.addEventListener("visibilitychange", () => document.hidden && save());
  document.addEventListener("live:updated", look);
  form.querySelector("[data-wrote] button").addEventListener("click", () => {
    form.querySelector("[data-wrote]").hidden = true;
    seen();
    typed();
    field("body").focus();
  });
}

if (form) start();

// ------------------------------------------------------------------ a reply on its way

let asked = 0;
let looks = 0;

function count() {
  for (const reply of document.querySelectorAll("[data-leaves]")) {
    const left = Math.ceil((Number(reply.dataset.leaves) - serverNow()) / 1000);
    const place = reply.querySelector("[data-left]");
    if (left > 60) continue; // a clock that is wrong counts nothing
    place.textContent = left > 0 ? place.dataset.text.replace("{n}", String(left)) : place.dataset.nowText;
    if (left < 0 && looks < 20 && Date.now() - asked > 3_000) {
      asked = Date.now(); // the stream tells it as well; a page without one looks by itself
      looks += 1;
      document.dispatchEvent(new CustomEvent("live:look"));
    }
  }
}

if (document.querySelector("#hilo-lista")) {
  count();
  setInterval(count, 500);
  if (location.hash === "#saliendo") document.getElementById("saliendo")?.scrollIntoView({ block: "nearest" });
}
