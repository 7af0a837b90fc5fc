/* The programmes to compare: kept in this browser, the same in all its tabs. */
(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector) => document.querySelectorAll(selector);
  const said = find("said");
  const read = () => {
    try {
      return { ...JSON.parse(remembered.compare) };
    } catch {
      return {};
    }
  };

  const choose = (slug, added) => {
    const { [slug]: old, ...rest } = read();
    const isFull = added && Object.keys(rest).length >= said.dataset.most;
    const kept = added && !isFull ? { ...rest, [slug]: added } : rest;
    remembered.compare = JSON.stringify(kept);
    show();
    said.innerHTML = "<span></span>"; // new, so that its animation starts anew
    said.firstChild.textContent = said.dataset[isFull ? "full" : added ? "added" : "removed"]
      .replace("[name]", (added || old).name)
      .replace("[number]", Object.keys(kept).length);
  };

  const show = () => {
    const chosen = Object.entries(read());
    const query = new URLSearchParams(chosen.map(([slug]) => ["programme", slug]));
    find("chosen").textContent = chosen.length;
    for (const box of all(".pick input")) box.checked = query.has("programme", box.value);
    for (const part of all("[data-from]")) {
      const { from, to } = part.dataset;
      part.hidden = chosen.length < from || chosen.length > to;
      part.search = query;
      part.hash = part.dataset.at ?? "";
    }
    const lines = chosen.map(([slug, { name, note }]) => {
      const line = find("basket-line").content.cloneNode(true);
      const [link, small, button] = line.querySelectorAll("a, small, button");
      link.pathname += `${slug}/`;
      link.textContent = name;
      small.textContent = note;
      button.dataset.drops = slug;
      button.lastChild.append(name);
      return line;
    });
    find("basket").replaceChildren(...lines);
  };
  show();
  for (const kind of ["pageshow", "storage", "htmx:after:swap"]) addEventListener(kind, show);

  const tick = (event) => {
    const { value, checked, dataset } = event.target;
    if (!dataset.name) return;
    event.stopPropagation(); // before htmx asks for a new list
    choose(value, checked && { ...dataset });
  };
  addEventListener("change", tick, true);
  addEventListener("click", ({ target }) => {
    const { drops, keeps, prints } = target.closest("a, button")?.dataset ?? {};
    if (prints) print();
    if (keeps) for (const { dataset } of all("main [data-drops]")) choose(dataset.drops, { ...dataset });
    if (!(drops in read())) return;
    choose(drops);
    find("chosen").closest("summary").focus();
  });
})();
