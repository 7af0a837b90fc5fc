/* Suggestions under the header's search box, a combobox. Its form works without them. */
(() => {
  const form = document.querySelector(".head-find");
  const find = (part) => form.querySelector(part);
  const [box, status] = [find("input"), find("[role=status]")];
  let timer, asking, chosen;

  const choose = (option) => {
    if (chosen) chosen.ariaSelected = "false";
    chosen = option;
    if (chosen) chosen.ariaSelected = "true";
    chosen?.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", chosen?.id ?? "");
  };

  // Late answers must not open it again.
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    find(".combo")?.remove();
    choose();
    box.ariaExpanded = "false";
    status.textContent = "";
  };

  const ask = async () => {
    asking = new AbortController();
    const query = new URLSearchParams({ q: box.value.trim() });
    try {
      const answer = await fetch(`${form.dataset.url}?${query}`, { signal: asking.signal });
      const html = answer.ok ? await answer.text() : "";
      close();
      status.insertAdjacentHTML("afterend", html);
      box.ariaExpanded = !!find("[role=option]");
      status.textContent = find(".combo")?.dataset.said ?? "";
    } catch {}
  };

  const move = (step) => {
    const options = [...form.querySelectorAll("[role=option]")];
    const place = options.indexOf(chosen) + step;
    choose(place < -1 ? options.at(-1) : options[place]);
  };

  box.role = "combobox";
  box.ariaAutoComplete = "list";
  box.setAttribute("aria-controls", "suggestions");
  close();
  box.oninput = () => {
    clearTimeout(timer);
    asking?.abort();
    if (box.value.trim()[1]) timer = setTimeout(ask, 150);
    else close();
  };
  box.onkeydown = (event) => {
    if (event.isComposing || !find(".combo")) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen) chosen.click();
    else return choose();
    event.preventDefault();
  };
  // A click must not take the focus: the list would close first.
  form.onmousedown = (event) => !event.target.closest(".combo");
  box.onblur = close;
  addEventListener("pagehide", close);
})();
