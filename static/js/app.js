/* The script of every page: theme, copy buttons, contents, folds, menus, forms after Back, focus. */
(() => {
  const root = document.documentElement;
  // Where storage is blocked, what is remembered lasts until the page is left.
  window.remembered = {};
  try {
    window.remembered = localStorage;
  } catch {}
  if (["light", "dark"].includes(remembered.theme)) root.dataset.theme = remembered.theme;
  // The class is set before the first paint, so that CSS keeps room for controls that need scripts
  // and nothing moves when they appear.
  root.classList.add("scripted");
  // What lies below the first screen is laid out once the page has loaded, unless one goes there.
  const [{ type }] = performance.getEntriesByType("navigation");
  if (type === "navigate" && !location.hash) root.classList.add("arriving");
  addEventListener("load", () => root.classList.remove("arriving"));

  const switchTheme = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    remembered.theme = root.dataset.theme;
  };

  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copies);
    field.select?.();
    await navigator.clipboard.writeText(field.value ?? field.innerText);
    button.textContent = button.dataset.done;
  };

  // Copy buttons appear only over https, because browsers offer the clipboard to no other page.
  const showCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
  };

  // A page that the browser kept and shows again has what was chosen since; its address has not.
  addEventListener("pageshow", ({ persisted }) => {
    const forms = persisted ? document.querySelectorAll("form[autocomplete=off]") : [];
    for (const form of forms) form.reset();
  });

  // In “On this page” the part is marked that stands in the upper third of the window.
  const markParts = () => {
    const links = [...document.querySelectorAll(".contents a")];
    const mark = (seen) => {
      const id = seen.find((one) => one.isIntersecting)?.target.id;
      for (const link of id ? links : []) link.ariaCurrent = link.hash === `#${id}` || null;
    };
    const watcher = new IntersectionObserver(mark, { rootMargin: "-15% 0px -65%" });
    for (const part of document.querySelectorAll(".part, .prose [id]")) watcher.observe(part);
  };

  // Where rules of style cannot reach what is folded (Firefox before 143), it is opened instead.
  const unfold = (selector, open = true) => {
    if (CSS.supports("selector(::details-content)")) return;
    for (const fold of document.querySelectorAll(selector)) fold.open = open;
  };
  const wide = matchMedia("(min-width: 56.01rem)");
  const unfoldFilters = () => wide.matches && unfold(".filter-panel");
  wide.addEventListener("change", () => unfold(".filter-panel", wide.matches));
  addEventListener("beforeprint", () => unfold(".fold, .found-more"));

  // In narrow windows the links of the header are its last row, so the keyboard comes there last.
  const narrow = matchMedia("(max-width: 72rem)");
  const orderHeader = () => {
    const find = (name) => document.querySelector(`.site-head ${name}`);
    find(".wrap").append(find(".head-find"), find(narrow.matches ? ".nav" : ".head-tools"));
  };

  const prepare = () => [showCopyButtons, unfoldFilters].forEach((act) => act());
  document.addEventListener("htmx:after:swap", prepare);
  for (const act of [prepare, markParts, orderHeader]) addEventListener("DOMContentLoaded", act);
  narrow.addEventListener("change", orderHeader);
  document.addEventListener("click", (event) => {
    if (event.target.closest(".theme")) switchTheme();
    const button = event.target.closest("[data-copies]");
    if (button) copy(button);
    const menus = document.querySelectorAll("details.menu[open]");
    for (const menu of menus) menu.open = menu.contains(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // Browsers leave what is partly in view where it is, even if a first column covers the rest.
  document.addEventListener("keyup", ({ key, target }) => {
    if (key !== "Tab" || target.closest("svg")) return;
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
})();
