// Keeps what is typed in form[data-draft="key"] on this machine until the server has it (forms.js forgets it then).
// Files and passwords are not kept; fields named in data-draft-fixed come from the server.
const form = document.querySelector("form[data-draft]");
const KEPT = "input:not([type=hidden], [type=file], [type=password]), select, textarea";

function fields() {
  return [...form.querySelectorAll(KEPT)].filter((field) => field.name);
}

function read() {
  const values = {};
  for (const field of fields()) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) values[field.name] = field.value;
    } else values[field.name] = field.value;
  }
  return values;
}

function write(values) {
  const fixed = (form.dataset.draftFixed || "").split(" ");
  for (const field of fields()) {
    if (!(field.name in values) || fixed.includes(field.name)) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === values[field.name];
    else field.value = values[field.name];
  }
}

function say(text) {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = text;
}

function offerEmpty(key) {
  const button = form.querySelector("[data-draft-empty]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.removeItem(key);
    location.reload();
  });
}

function start() {
  const key = `draft:${form.dataset.draft}`;
  let timer = 0;
  try {
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    // A form that came back with errors holds newer text than the draft.
    if (kept && !form.hasAttribute("data-bound")) {
      write(kept.values);
      say(form.dataset.draftRestored || "");
      offerEmpty(key);
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const save = () => {
      localStorage.setItem(key, JSON.stringify({ values: read() }));
      const time = new Date().toLocaleTimeString("es-MX", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      say(`${form.dataset.draftSaved || ""} ${time}`.trim());
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(save, 800);
    });
  } catch {
    // No storage (private window, full): the form works without drafts.
  }
}

if (form) start();
