/* The script of lists with filters: short addresses, keyboard focus, search among the choices of a
   facet. htmx replaces the list by the server's answer. Without
   scripts the same form works as plain HTML. */
(() => {
  const finder = document.getElementById("finder");
  let typed = false; // whether typing caused the last request
  let removed = -1; // the index of the chip that was clicked to remove it, or -1
  let focused = ""; // the id of the element that had the focus before the request
  let latest = null; // the last request
  let leaving = false; // whether the browser may be leaving the page

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
    latest = event.detail.ctx;
    leaving = false;
    document.getElementById("results").setAttribute("aria-busy", "true");
  });

  // Typing adds only one step to the browser's history, and a request for the present address none.
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
    document.getElementById("update-failed")?.remove();
    results.insertAdjacentHTML("afterbegin", results.dataset.failed);
  };
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.raw.ok) return;
    event.preventDefault();
    fail();
  });
  // Firefox stops the requests of a page that it leaves, which is no failure to tell of: the page is
  // gone soon, unless the address that it was left for turns out to be a download. Nor is a failure
  // told of when a later request has been made meanwhile.
  addEventListener("beforeunload", () => {
    leaving = true;
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    setTimeout(() => (!ctx || ctx === latest) && fail(), leaving ? 5000 : 0);
  });

  // After a swap every field of the form shows the state in the server's answer, except the text
  // field in which the reader is typing.
  const follow = () => {
    for (const field of finder.elements) {
      if (field.type === "checkbox" && field.form === finder) field.checked = field.defaultChecked;
      else if (field.options) {
        for (const option of field.options) option.selected = option.defaultSelected;
      } else if (field !== document.activeElement && field.name) field.value = field.defaultValue;
    }
  };

  // If the swap removed the element with the focus, focus its replacement, or the chip that took the
  // place of a removed chip, or else the count of results.
  const focus = () => {
    if (document.activeElement !== document.body) return;
    const chips = document.querySelectorAll("a.chip");
    const next = removed < 0 ? null : chips[Math.min(removed, chips.length - 1)];
    (document.getElementById(focused) || next || document.getElementById("count")).focus();
  };

  document.addEventListener("htmx:after:swap", (event) => {
    // A box that was ticked during the swap is in a later request, whose answer will show it.
    if (event.detail.ctx === latest) follow();
    focus();
    prepare();
  });

  // On a narrow screen the filters cover the list, which is up to date already. The button therefore
  // sends no request: it closes the filters and moves to the count of results.
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

  // --- Searching the choices of a facet --------------------------------------------------------

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

  // --- Set-up of a new page or a swapped list --------------------------------------------------

  function prepare() {
    for (const field of document.querySelectorAll("[data-finds]")) {
      field.hidden = false;
      find(field);
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.dataset.finds) find(event.target);
  });
  // This runs before htmx sees the event and stops it, because these changes need no request: a
  // search text has been requested while it was typed.
  document.addEventListener(
    "change",
    (event) => {
      const { target } = event;
      if (target.dataset.finds || target.id === "q") event.stopPropagation();
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset.finds) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    // A page that the browser kept in the middle of an update would wait for ever.
    if (event.persisted && document.querySelector("[aria-busy], #update-failed")) location.reload();
    prepare();
  });
})();
