// Lists what was chosen in [data-files] with name, size and a button to take it out; refuses what is too big at once.
// The server checks again. Without this script the browser's own control shows the names.
const MB = 1024 * 1024;

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < MB ? `${Math.round(bytes / 1024)} KB` : `${(bytes / MB).toFixed(1)} MB`;
}

function row(box, file, index) {
  const limit = Number(box.dataset.limit) || 25 * MB;
  const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
  item.querySelector("b").textContent = file.name;
  item.querySelector("small").textContent = size(file.size);
  if (file.size > limit) {
    item.dataset.tone = "bad";
    item.querySelector("small").textContent = box.dataset.tooBig.replace("[size]", size(file.size));
  }
  const button = item.querySelector("button");
  button.querySelector(".sr").textContent += ` ${file.name}`;
  button.dataset.index = String(index);
  return item;
}

function draw(box) {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-file-list]");
  list.replaceChildren(...[...input.files].map((file, index) => row(box, file, index)));
}

function assign(input, files) {
  const transfer = new DataTransfer();
  files.forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
}

for (const box of document.querySelectorAll("[data-files]")) {
  const input = box.querySelector("input[type=file]");
  input.classList.add("sr"); // the list below says what was chosen
  let chosen = [];
  input.addEventListener("change", () => {
    chosen = [...chosen, ...input.files].filter(
      (file, i, all) => all.findIndex((other) => other.name === file.name && other.size === file.size) === i,
    );
    assign(input, chosen);
    draw(box);
  });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-index]");
    if (!button) return;
    chosen = [...input.files].filter((_, i) => i !== Number(button.dataset.index));
    assign(input, chosen);
    draw(box);
    input.focus();
  });
  const drop = box.querySelector(".drop");
  drop?.addEventListener("dragover", (event) => event.preventDefault());
  drop?.addEventListener("drop", (event) => {
    event.preventDefault();
    assign(input, [...event.dataTransfer.files]);
    input.dispatchEvent(new Event("change"));
  });
}
