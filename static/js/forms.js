// What every form wants: focus on its errors, one submission, Ctrl+Enter, a toast that leaves, a printed page.
function focusErrors(root) {
  root.querySelector(".errors")?.focus();
}

focusErrors(document);
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.target));

// The page after a successful send names the draft to forget, before draft.js looks for one.
for (const done of document.querySelectorAll("[data-draft-done]")) {
  try {
    localStorage.removeItem(`draft:${done.dataset.draftDone}`);
  } catch {
    // No storage: nothing was kept.
  }
}

// A piece that is asked for after the session has ended changes nothing: it says so and leaves what is written alone.
document.addEventListener("htmx:responseError", (event) => {
  const over = document.querySelector("[data-signed-out]");
  if (over && event.detail.xhr.status === 401) over.hidden = false;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault(); // pressed twice
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back from the history: the page is shown as it was left, so let it send again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form");
  if (form) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
});

for (const button of document.querySelectorAll("[data-print], [data-copy]")) button.hidden = false;
