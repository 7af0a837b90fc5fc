/* For every page: the theme, which is set before the first paint, copy buttons, pop-ups. */
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const store = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* Without storage the choice holds for this page. */
    }
  };
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();
  // Before the first paint too: what only a script can do has its room from the beginning.
  root.classList.add("scripted");

  const switchTheme = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    store(root.dataset.theme);
  };

  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copies);
    field.select?.();
    await navigator.clipboard.writeText(field.value ?? field.innerText);
    button.textContent = button.dataset.done;
  };

  // Only where the page comes by https does the browser let it write to the clipboard.
  const showCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
  };

  document.addEventListener("htmx:after:swap", showCopyButtons);
  document.addEventListener("DOMContentLoaded", showCopyButtons);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#theme")) switchTheme();
    const button = event.target.closest("[data-copies]");
    if (button) copy(button);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
