// Puts texts into the box to write in: a canned answer from the list under it or by /shortcut, and whatever names its text
// in data-insert. Without this script the list is a page.

const form = document.getElementById("redactar");
const area = form?.elements.body;
const panel = document.getElementById("insertar");
const SLASH = /(^|\s)\/([a-z0-9-]{1,40})$/i;
const WAIT = 150;

/** Put a text at the cursor, in place of what is selected, or of `from` to the cursor; a gap in it is selected next. */
function put(text, from = area.selectionStart) {
  const end = area.selectionEnd;
  const before = area.value.slice(0, from);
  const apart = before && !/\s$/.test(before) ? "\n\n" : "";
  area.focus();
  area.setSelectionRange(from, end);
  // The old way of writing into a field is the only one that Ctrl+Z takes back.
  if (!document.execCommand("insertText", false, apart + text)) area.setRangeText(apart + text, from, end, "end");
  const start = from + apart.length;
  const gap = /\[\[[^\]\n]+\]\]/.exec(text);
  if (gap) area.setSelectionRange(start + gap.index, start + gap.index + gap[0].length);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The elements of a fragment that the server drew. */
function drawn(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

class Inserts {
  constructor() {
    this.address = panel.dataset.inserts;
    this.query = panel.querySelector("[role=combobox]");
    this.list = panel.querySelector("[role=listbox]");
    this.view = panel.querySelector("[data-insert-view]");
    this.state = form.querySelector("[data-insert-state]");
    this.opener = form.querySelector("[data-inserts-open]");
    this.slash = -1; // where a /shortcut begins in the text; -1: the list was opened by its button
    this.timer = 0; // of a question, and of a preview
    this.looking = 0;
    this.asked = 0;
    this.opener.type = "button";
    this.opener.addEventListener("click", () => (panel.hidden ? this.open() : this.close(true)));
    panel.querySelector("[data-insert-close]").addEventListener("click", () => this.close(true));
    this.query.addEventListener("input", () => this.later(() => this.load(this.query.value)));
    this.query.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("keydown", (event) => this.slash >= 0 && !panel.hidden && this.key(event));
    area.addEventListener("input", () => this.typed());
    area.addEventListener("blur", () => setTimeout(() => this.slash >= 0 && !panel.contains(document.activeElement) && this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      if (option.getAttribute("aria-selected") === "true") this.take(option);
      else this.mark(option);
    });
    this.view.addEventListener("click", (event) => {
      if (event.target.closest("[data-take]")) this.take(this.chosen());
    });
  }

  later(act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, WAIT);
  }

  open() {
    this.slash = -1;
    panel.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.query.value = "";
    this.query.focus();
    this.load("");
  }

  close(back = false) {
    clearTimeout(this.timer);
    this.asked += 1;
    panel.hidden = true;
    this.slash = -1;
    this.opener.setAttribute("aria-expanded", "false");
    this.query.setAttribute("aria-expanded", "false");
    area.removeAttribute("aria-activedescendant");
    area.removeAttribute("aria-controls");
    if (back) area.focus();
  }

  // A slash and the beginning of a shortcut opens the list without taking the cursor out of the text.
  typed() {
    const found = area.selectionStart === area.selectionEnd && SLASH.exec(area.value.slice(0, area.selectionStart));
    if (!found) {
      if (this.slash >= 0) this.close();
      return;
    }
    const at = area.selectionStart - found[2].length - 1;
    this.later(async () => {
      const n = await this.load(found[2], true);
      if (n) {
        this.slash = at;
        panel.hidden = false;
        area.setAttribute("aria-controls", this.list.id);
        this.mark(this.options()[0]);
      } else if (n === 0 && this.slash >= 0) this.close();
    });
  }

  /** Ask for what fits; the number of options, undefined when a later question overtook this one. */
  async load(text, byShortcut = false) {
    const mine = (this.asked += 1);
    const address = `${this.address}?q=${encodeURIComponent(text)}${byShortcut ? "&atajo=1" : ""}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== this.asked || !answer?.ok || answer.redirected) return undefined;
    this.list.replaceChildren(...drawn(await answer.text()).childNodes);
    this.view.replaceChildren();
    const n = this.options().length;
    this.state.textContent = n ? this.state.dataset.found.replace("[n]", String(n)) : this.state.dataset.none;
    this.query.setAttribute("aria-expanded", String(n > 0));
    if (n && !byShortcut) this.mark(this.options()[0]);
    return n;
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  mark(option) {
    for (const other of this.options()) other.setAttribute("aria-selected", String(other === option));
    const field = this.slash >= 0 ? area : this.query;
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.preview(option), WAIT);
  }

  async preview(option) {
    const answer = await fetch(option.dataset.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected && option.getAttribute("aria-selected") === "true") {
      this.view.replaceChildren(...drawn(await answer.text()).childNodes);
    }
  }

  key(event) {
    const all = this.options();
    const at = all.indexOf(this.chosen());
    if (event.key === "Escape") this.close(this.slash < 0);
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      this.mark(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && all[at]) this.take(all[at]);
    else if (event.key === "Tab" && this.slash >= 0 && all[at]) this.take(all[at]);
    else if (event.key !== "Enter" || event.ctrlKey || event.metaKey || this.slash >= 0) return;
    event.preventDefault();
    event.stopPropagation();
  }

  async take(option) {
    if (!option || this.taking) return;
    this.taking = true;
    const from = this.slash >= 0 ? this.slash : area.selectionStart;
    const headers = { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    try {
      const answer = await fetch(option.dataset.href, { method: "POST", headers });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const fragment = drawn(await answer.text());
      const piece = fragment.querySelector("[data-inserted]");
      this.close();
      put(piece.dataset.inserted, from);
      form.dispatchEvent(new CustomEvent("uploads", { detail: [...fragment.querySelectorAll("[data-upload-row]")] }));
      this.state.textContent = piece.textContent.trim();
    } catch {
      this.state.textContent = this.state.dataset.failed;
    } finally {
      this.taking = false;
    }
  }
}

if (form && area) {
  if (panel) new Inserts();
  document.addEventListener("click", (event) => {
    const source = event.target.closest("[data-insert]");
    if (!source) return;
    event.preventDefault();
    put(source.dataset.insert);
  });
  // What the address put in is in the text now: the page read again must not put it in again.
  const here = new URL(location.href);
  if (here.searchParams.has("insertar")) {
    here.searchParams.delete("insertar");
    history.replaceState(history.state, "", here);
    area.focus();
  }
}
