// A link or button with data-dialog="id" opens that <dialog> instead of going to its page; [data-close] shuts it.
// A link whose dialog is not on the page yet fetches it from its own address, which draws it for the header HX-Request;
// coming near (pointer, focus) is enough to begin. Without this script the link goes to the page of the same form.
const asked = new Map();

function here(opener) {
  return document.getElementById(opener.dataset.dialog);
}

function fetched(opener) {
  const id = opener.dataset.dialog;
  if (!asked.has(id)) asked.set(id, bring(opener.href, id).catch(() => { asked.delete(id); return null; }));
  return asked.get(id);
}

async function bring(href, id) {
  const answer = await fetch(href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.querySelector("dialog");
  if (!dialog || dialog.id !== id) return null;
  document.body.append(dialog);
  return dialog;
}

function show(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.querySelector(".body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

async function open(opener) {
  const dialog = here(opener) || (await fetched(opener));
  if (dialog) show(dialog);
  else location.assign(opener.href); // what was refused is told on its page
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey && "showModal" in HTMLDialogElement.prototype) {
    if (!here(opener) && !opener.href) return;
    event.preventDefault();
    open(opener);
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

for (const near of ["pointerover", "focusin"]) {
  document.addEventListener(near, (event) => {
    const opener = event.target.closest?.("a[data-dialog]");
    if (opener && !here(opener)) fetched(opener);
  });
}
