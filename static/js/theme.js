// Light, dark or as the system says: [data-theme-toggle] cycles, the cookie remembers, the server writes <html data-theme>.
const YEAR = 365 * 24 * 3600;

function shown() {
  const root = document.documentElement.dataset.theme;
  if (root === "light" || root === "dark") return root;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function choose(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=${YEAR};samesite=lax`;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(theme === "dark"));
  }
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false; // useless without this script, so it is born hidden
  button.setAttribute("aria-pressed", String(shown() === "dark"));
  button.addEventListener("click", () => choose(shown() === "dark" ? "light" : "dark"));
}
