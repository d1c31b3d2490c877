// Repaints clocks from what the server said: .sla[data-left] (seconds left in the clock's own time when the page was
// drawn, body[data-now]), [data-total], and [data-until]: the closing at which a business clock rests for today.
// One timer for the page: every 30 s, every second while a clock has less than two minutes.
const SLOW = 30_000;
const FAST = 1_000;
const WARN = 30 * 60;

const drawnAt = Date.now();
const serverNow = Number(document.body.dataset.now || 0) * 1000 || drawnAt;

function now() {
  return serverNow + (Date.now() - drawnAt); // the server's clock, whatever this machine's says
}

function drawn(pill) {
  // A fragment that came later carries its own instant.
  const own = pill.closest("[data-now]");
  return own ? Number(own.dataset.now) * 1000 : serverNow;
}

function left(pill) {
  const until = pill.dataset.until ? Number(pill.dataset.until) * 1000 : Infinity;
  const ran = Math.max(0, Math.min(now(), until) - drawn(pill)) / 1000;
  return Number(pill.dataset.left) - ran;
}

function words(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const amount = Math.abs(seconds);
  if (amount < 120 && seconds >= 0) {
    const whole = Math.floor(amount);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  const minutes = Math.round(amount / 60);
  const hours = Math.floor(minutes / 60);
  if (!hours) return `${sign}${minutes} min`;
  return minutes % 60 && hours < 48 ? `${sign}${hours} h ${minutes % 60} min` : `${sign}${hours} h`;
}

function tone(seconds, used) {
  if (seconds < 0) return "bad";
  return seconds <= WARN || used >= 80 ? "warn" : "ok";
}

function paint(pill) {
  const seconds = left(pill);
  const total = Number(pill.dataset.total) || 0;
  const used = total ? Math.max(0, Math.min(100, Math.round((100 * (total - seconds)) / total))) : 0;
  pill.dataset.tone = tone(seconds, used);
  pill.dataset.u = String(Math.floor(used / 5) * 5);
  pill.querySelector("b").textContent = words(seconds);
  return seconds;
}

function paintAll() {
  let soon = false;
  for (const pill of document.querySelectorAll(".sla[data-left]")) {
    const seconds = paint(pill);
    soon ||= seconds >= 0 && seconds < 120;
  }
  for (const clock of document.querySelectorAll("time.clock[data-zone]")) {
    const text = new Intl.DateTimeFormat("es-MX", {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone,
    }).format(now());
    const face = clock.querySelector("b") || clock;
    if (face.textContent !== text) face.textContent = text;
  }
  setTimeout(paintAll, soon ? FAST : SLOW);
}

paintAll();
document.addEventListener("live:updated", () => document.querySelectorAll(".sla[data-left]").forEach(paint));
document.addEventListener("htmx:afterSettle", () => document.querySelectorAll(".sla[data-left]").forEach(paint));
