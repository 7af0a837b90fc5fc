/* Suggestions under the header's search box: a combobox, its list box made by the server. Without
   this script, or where an answer fails, the form leads to the page of the search. */
(() => {
  const form = document.querySelector(".head-find");
  const [box, status] = [form.querySelector("input"), form.querySelector("[role=status]")];
  let timer, asking, chosen;

  const choose = (option) => {
    if (chosen) chosen.ariaSelected = "false";
    chosen = option;
    if (chosen) chosen.ariaSelected = "true";
    chosen?.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", chosen?.id ?? "");
  };

  // Also drops what was asked for: a late answer must not open the list again.
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    form.querySelector(".combo")?.remove();
    choose();
    box.ariaExpanded = "false";
    status.textContent = "";
  };

  const show = (html) => {
    close();
    status.insertAdjacentHTML("afterend", html);
    const list = form.querySelector("[role=listbox]");
    box.ariaExpanded = String(!!list);
    status.textContent = list?.dataset.said ?? "";
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const query = new URLSearchParams({ q: box.value.trim() });
    try {
      const answer = await fetch(`${form.dataset.url}?${query}`, { signal: asking.signal });
      show(answer.ok ? await answer.text() : "");
    } catch {
      /* Suggestions are a help only. */
    }
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
  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim()[1]) timer = setTimeout(ask, 150);
    else close();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !form.querySelector(".combo")) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen) chosen.click();
    else return choose();
    event.preventDefault();
  });
  // A click must not take the focus from the box: the list would close before it arrives.
  form.addEventListener("mousedown", (e) => e.target.closest(".combo") && e.preventDefault());
  box.addEventListener("blur", close);
  addEventListener("pagehide", close);
})();
