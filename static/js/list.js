/* Lists that are narrowed: short addresses, focus, choices that are found, what is compared.
   Without it the same form works as plain HTML; htmx swaps what the server answers. */
(() => {
  const MOST = 4; // as in stemobs/entries/comparison.py; a test compares them
  const finder = document.getElementById("finder");
  const tray = document.getElementById("tray");
  let typed = false; // the last request came from typing
  let removed = -1; // the place of the chip that was removed
  let focused = ""; // the id of what had the focus

  // --- Requests ------------------------------------------------------------------------------

  document.addEventListener("htmx:config:request", (event) => {
    const body = event.detail.ctx.request.body;
    for (const [name, value] of body ? [...body] : []) {
      if (value === "") body.delete(name);
    }
  });

  document.addEventListener("htmx:before:request", (event) => {
    const { sourceElement: source, sourceEvent: cause } = event.detail.ctx;
    typed = cause?.type === "input";
    removed = [...document.querySelectorAll("a.chip")].indexOf(source);
    focused = document.activeElement.id;
    document.getElementById("results").setAttribute("aria-busy", "true");
  });

  // While somebody types, one step of the history is enough; so it is for the same address.
  document.addEventListener("htmx:before:history:update", (event) => {
    const step = event.detail.history;
    const isHere = step.path === location.pathname + location.search;
    if (isHere || (typed && history.state?.typed)) step.type = "replace";
  });
  document.addEventListener("htmx:after:history:update", () => {
    if (typed) history.replaceState({ ...history.state, typed }, "");
  });

  const fail = () => {
    const results = document.getElementById("results");
    results.removeAttribute("aria-busy");
    document.getElementById("update-failed").hidden = false;
  };
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.raw.ok) return;
    event.preventDefault();
    fail();
  });
  document.addEventListener("htmx:error", fail);

  // What the server says is chosen holds, whatever was ticked; what is being typed stays.
  const follow = () => {
    for (const field of finder.elements) {
      if (field.type === "checkbox" && field.form === finder) field.checked = field.defaultChecked;
      else if (field.options) {
        for (const option of field.options) option.selected = option.defaultSelected;
      } else if (field !== document.activeElement && field.name) field.value = field.defaultValue;
    }
  };

  // What had the focus may have been replaced: by itself, or a chip by the next one.
  const focus = () => {
    if (document.activeElement !== document.body) return;
    const chips = document.querySelectorAll("a.chip");
    const next = removed < 0 ? null : chips[Math.min(removed, chips.length - 1)];
    (document.getElementById(focused) || next || document.getElementById("count")).focus();
  };

  document.addEventListener("htmx:after:swap", () => {
    follow();
    focus();
    prepare();
  });

  // On a narrow screen the list has followed already: the button closes the filters and leads there.
  finder.addEventListener(
    "submit",
    (event) => {
      if (!event.submitter?.closest(".apply")) return;
      event.preventDefault();
      event.stopPropagation();
      finder.querySelector(".filter-panel").open = false;
      const count = document.getElementById("count");
      count.scrollIntoView({ block: "start" });
      count.focus();
    },
    true,
  );

  // --- Finding a choice ----------------------------------------------------------------------

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const find = (field) => {
    const facet = document.getElementById(field.dataset.finds);
    const wanted = plain(field.value.trim());
    const more = facet.querySelector("details.more");
    if (more && wanted) more.open = true;
    for (const choice of facet.querySelectorAll(".opt")) {
      const name = plain(choice.querySelector(".opt-name").textContent);
      choice.hidden = !name.includes(wanted) && !choice.querySelector(":checked");
    }
  };

  // --- What is compared ----------------------------------------------------------------------

  let remembered = {};
  const chosen = () => {
    try {
      return JSON.parse(sessionStorage.getItem("compare")) || remembered;
    } catch {
      return remembered;
    }
  };
  const keep = (choice) => {
    remembered = choice;
    try {
      sessionStorage.setItem("compare", JSON.stringify(choice));
    } catch {
      /* Without storage what is ticked on this page can be compared. */
    }
  };
  const boxes = () => document.querySelectorAll(".cmp input");

  const choose = (box) => {
    const choice = chosen();
    if (box.checked) choice[box.value] = box.dataset.name;
    else delete choice[box.value];
    keep(choice);
  };

  // Boxes of this page are sent by themselves; hidden fields send what other pages hold.
  const show = () => {
    if (!tray) return;
    const choice = chosen();
    const slugs = Object.keys(choice);
    const here = new Set([...boxes()].map((box) => box.value));
    for (const box of boxes()) {
      box.checked = box.value in choice;
      box.disabled = !box.checked && slugs.length >= MOST;
    }
    tray.querySelectorAll("input[type=hidden]").forEach((field) => field.remove());
    for (const slug of slugs.filter((name) => !here.has(name))) {
      const field = Object.assign(document.createElement("input"), {
        type: "hidden",
        name: "programme",
        value: slug,
      });
      tray.append(field);
    }
    const count = tray.querySelector("[data-chosen]");
    const names = tray.querySelector("[data-names]");
    names.dataset.hint ||= names.textContent;
    names.textContent = slugs.length ? Object.values(choice).join(", ") : names.dataset.hint;
    count.textContent = `${slugs.length} / ${MOST}`;
    count.hidden = !slugs.length;
    tray.querySelector("[data-clear]").hidden = !slugs.length;
    tray.querySelector("[type=submit]").disabled = slugs.length < 2;
    tray.classList.toggle("some", slugs.length > 0);
  };

  // --- Every time a page or a list is there ----------------------------------------------------

  function prepare() {
    for (const field of document.querySelectorAll("[data-finds]")) {
      field.hidden = false;
      find(field);
    }
    show();
  }

  document.addEventListener("input", (event) => {
    if (event.target.dataset.finds) find(event.target);
  });
  // Before the form hears of it: these changes ask the server nothing. What was typed into the
  // search was asked while it was typed.
  document.addEventListener(
    "change",
    (event) => {
      const { target } = event;
      if (target.dataset.finds || target.id === "q" || target.closest(".cmp")) {
        event.stopPropagation();
      }
      if (target.closest(".cmp")) {
        choose(target);
        show();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset.finds) event.preventDefault();
  });
  tray?.querySelector("[data-clear]").addEventListener("click", () => {
    keep({});
    show();
  });
  addEventListener("pageshow", prepare);
})();
