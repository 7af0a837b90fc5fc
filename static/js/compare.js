/* The programmes to compare: kept in this browser, the same in all its tabs. */
(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector) => document.querySelectorAll(selector);
  let kept = {}; // where storage is blocked
  const read = () => {
    try {
      return { ...JSON.parse(localStorage.compare ?? "{}") };
    } catch {
      return kept;
    }
  };

  const choose = (slug, added) => {
    const said = find("said");
    const { [slug]: old, ...rest } = read();
    const isFull = added && Object.keys(rest).length >= said.dataset.most;
    kept = added && !isFull ? { ...rest, [slug]: added } : rest;
    try {
      localStorage.compare = JSON.stringify(kept);
    } catch {}
    show();
    said.innerHTML = "<span></span>"; // new, so that its animation starts anew
    said.firstChild.textContent = said.dataset[isFull ? "full" : added ? "added" : "removed"]
      .replace("[name]", (added || old).name)
      .replace("[number]", Object.keys(kept).length);
  };

  const draw = ([slug, one]) => {
    const line = find("basket-line").content.cloneNode(true);
    const [link, note, button] = line.querySelectorAll("a, small, button");
    link.pathname += `${slug}/`;
    link.textContent = one.name;
    note.textContent = one.note;
    button.dataset.drops = slug;
    button.lastChild.append(one.name);
    return line;
  };
  const show = () => {
    const chosen = Object.entries(read());
    const query = new URLSearchParams(chosen.map(([slug]) => ["programme", slug]));
    find("chosen").textContent = chosen.length;
    find("basket").replaceChildren(...chosen.map(draw));
    for (const box of all(".pick input")) box.checked = query.has("programme", box.value);
    for (const part of all("[data-from]")) {
      const { from, to } = part.dataset;
      part.hidden = chosen.length < from || chosen.length > to;
      part.search = query;
    }
  };
  for (const kind of ["DOMContentLoaded", "pageshow", "storage", "htmx:after:swap"]) {
    addEventListener(kind, show);
  }

  const tick = (event) => {
    const { value, checked, dataset } = event.target;
    if (!dataset.name) return;
    event.stopPropagation(); // before htmx asks for a new list
    choose(value, checked && { ...dataset });
  };
  addEventListener("change", tick, true);
  addEventListener("click", ({ target }) => {
    if (target.closest("[data-prints]")) print();
    const { drops } = target.closest("[data-drops]")?.dataset ?? {};
    if (!(drops in read())) return;
    choose(drops);
    find("chosen").closest("summary").focus();
  });
})();
