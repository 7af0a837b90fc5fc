/* The programmes to compare: kept in this browser, the same in all its tabs. */
(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector) => document.querySelectorAll(selector);
  const said = find("said");
  const read = () => {
    try {
      const kept = Object.entries(JSON.parse(remembered.compare));
      return Object.fromEntries(kept.filter(([, one]) => one?.name?.trim));
    } catch {
      return {};
    }
  };
  const write = (kept) => {
    const compare = JSON.stringify(kept);
    try {
      remembered.compare = compare;
    } catch {
      remembered = { compare }; // full: lasts for the page
    }
  };

  const choose = (slug, added) => {
    const { [slug]: old, ...rest } = read();
    const isFull = added && Object.keys(rest).length >= said.dataset.most;
    const kept = added && !isFull ? { ...rest, [slug]: added } : rest;
    write(kept);
    show();
    said.innerHTML = "<span></span>"; // its animation starts anew
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
      const { from, to, at } = part.dataset;
      part.hidden = chosen.length < from || chosen.length > to;
      part.search = query;
      part.hash = at ?? "";
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
  // What is compared is the choice, unless something else was chosen.
  const page = {};
  for (const { dataset } of all("main [data-drops]")) page[dataset.drops] = { ...dataset };
  if (Object.keys(read()).every((slug) => page[slug])) write(page);
  show();
  for (const kind of ["pageshow", "storage", "htmx:after:swap"]) addEventListener(kind, show);

  const tick = (event) => {
    const { value, checked, dataset } = event.target;
    if (!dataset.name) return;
    event.stopPropagation(); // htmx would ask for a new list
    choose(value, checked && { ...dataset });
  };
  addEventListener("change", tick, true);
  addEventListener("click", ({ target }) => {
    const { drops, keeps, prints } = target.closest("a, button")?.dataset ?? {};
    if (prints) print();
    if (keeps) for (const slug in page) choose(slug, page[slug]);
    if (!(drops in read())) return;
    choose(drops);
    find("chosen").closest("summary").focus();
  });
})();
