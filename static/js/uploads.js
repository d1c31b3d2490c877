// Files of [data-uploads="address"]: chosen, dropped on the form or pasted into it, each is sent at once with its progress,
// and the form names what arrived. Without this script they are sent with the text.
const MB = 1024 * 1024;

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < MB ? `${Math.round(bytes / 1024)} KB` : `${(bytes / MB).toFixed(1)} MB`;
}

class Uploads {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.list = box.querySelector("[data-file-list]");
    this.input = box.querySelector("input[type=file]");
    this.state = box.querySelector("[data-upload-state]");
    this.pending = new Map(); // row -> request
    this.submitter = undefined; // of a send that waits for the last file
    this.list.querySelectorAll("[data-upload-row]").forEach((row) => this.arrived(row));
    this.input.addEventListener("change", () => {
      this.take(this.input.files);
      this.input.value = "";
    });
    this.list.addEventListener("click", (event) => this.click(event));
    this.form.addEventListener("paste", (event) => this.offered(event, event.clipboardData));
    this.form.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    this.form.addEventListener("drop", (event) => this.offered(event, event.dataTransfer));
    this.form.addEventListener("submit", (event) => this.wait(event), true);
    this.form.addEventListener("uploads", (event) => this.add(event.detail)); // that the server laid beside the text
  }

  offered(event, data) {
    if (!data?.files.length) return;
    event.preventDefault();
    this.take(data.files);
  }

  take(files) {
    for (const file of files) this.send(file);
  }

  send(file) {
    const row = this.box.querySelector("template").content.firstElementChild.cloneNode(true);
    row.querySelector("b").textContent = file.name;
    row.querySelector("[data-cancel] .sr").textContent += ` ${file.name}`;
    this.list.append(row);
    row.file = file;
    if (file.size > (Number(this.box.dataset.limit) || 25 * MB)) {
      this.fail(row, this.box.dataset.tooBig.replace("[size]", size(file.size)), false);
    } else this.start(row);
  }

  start(row) {
    const { file } = row;
    const request = new XMLHttpRequest();
    const bar = row.querySelector("progress");
    const note = row.querySelector("small");
    delete row.dataset.tone;
    row.querySelector("[data-again]").hidden = true;
    bar.hidden = false;
    note.textContent = size(file.size);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = (100 * event.loaded) / event.total;
      note.textContent = `${size(event.loaded)} / ${size(event.total)}`;
    });
    request.addEventListener("load", () => {
      this.pending.delete(row);
      if (request.status === 201) this.replace(row, request.responseText);
      else this.fail(row, request.status < 500 && request.responseText.length < 300 ? request.responseText : this.box.dataset.failed, request.status >= 500);
      this.settled();
    });
    request.addEventListener("error", () => {
      this.pending.delete(row);
      this.fail(row, this.box.dataset.failed, true);
      this.settled();
    });
    request.open("POST", this.box.dataset.uploads);
    request.setRequestHeader("X-CSRFToken", this.form.elements.csrfmiddlewaretoken?.value || "");
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    const data = new FormData();
    data.append("files", file);
    this.pending.set(row, request);
    request.send(data);
  }

  replace(row, html) {
    const arrived = new DOMParser().parseFromString(html, "text/html").querySelector("[data-upload-row]");
    if (!arrived) return this.fail(row, this.box.dataset.failed, true); // signed out meanwhile: a page came instead
    row.replaceWith(arrived);
    this.arrived(arrived);
    this.say(`${arrived.querySelector("b").textContent}: 100 %`);
  }

  // The box that serves without script is not needed: what is not wanted is taken out. A restored draft may not uncheck it.
  arrived(row) {
    row.querySelector(".keep").hidden = true;
    row.querySelector("[name=uploads]").type = "hidden";
    row.querySelector("[data-remove]").hidden = false;
  }

  // Rows that the server drew, of a canned answer's files: those that are not there yet.
  add(rows) {
    for (const row of rows) {
      const { value } = row.querySelector("[name=uploads]");
      if (this.list.querySelector(`[name=uploads][value="${value}"]`)) continue;
      this.list.append(row);
      this.arrived(row);
    }
  }

  fail(row, text, again) {
    row.dataset.tone = "bad";
    row.querySelector("small").textContent = text;
    row.querySelector("progress").hidden = true;
    row.querySelector("[data-again]").hidden = !again;
    this.say(`${row.file.name}: ${text}`);
  }

  click(event) {
    const row = event.target.closest("[data-upload-row]");
    if (!row) return;
    const remove = event.target.closest("[data-remove]");
    if (event.target.closest("[data-again]")) this.start(row);
    else if (remove || event.target.closest("[data-cancel]")) {
      this.pending.get(row)?.abort();
      this.pending.delete(row);
      if (remove) this.forget(remove.dataset.remove);
      row.remove();
      this.input.focus();
      this.settled();
    }
  }

  forget(address) {
    const headers = { "X-CSRFToken": this.form.elements.csrfmiddlewaretoken?.value || "" };
    fetch(address, { method: "POST", headers, keepalive: true }).catch(() => {}); // swept within a day in any case
  }

  // Sending waits for what is on its way, and does not leave behind what failed.
  wait(event) {
    if (event.submitter?.formAction && event.submitter.hasAttribute("formaction")) return;
    const failed = this.list.querySelector("[data-tone=bad]");
    if (!this.pending.size && !failed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.pending.size) {
      this.submitter = event.submitter;
      this.say(this.box.dataset.pending);
    } else {
      this.say(this.box.dataset.unsent);
      failed.querySelector("button:not([hidden])").focus();
    }
  }

  settled() {
    if (this.submitter === undefined || this.pending.size) return;
    const by = this.submitter;
    this.submitter = undefined;
    this.form.requestSubmit(by);
  }

  say(text) {
    this.state.textContent = text;
  }
}

for (const box of document.querySelectorAll("[data-uploads]")) new Uploads(box);
