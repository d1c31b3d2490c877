// A link or button with data-dialog="id" opens that <dialog> instead of going to its page; [data-close] shuts it.
// Without this script the link goes to the page of the same form.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog || typeof dialog.showModal !== "function") return;
    event.preventDefault();
    dialog.showModal();
    const first = dialog.querySelector(".body :is(input:not([type=hidden]), select, textarea)");
    if (first) first.focus();
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  if (event.target.matches?.("dialog[open]")) event.target.close(); // on its backdrop
});

// A dialog that came back with an error is open again.
for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal?.();
