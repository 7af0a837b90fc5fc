/* The script of lists with filters: short addresses, focus, search among the choices of a facet. htmx
   replaces the list by the server's answer. Without scripts the same form works as plain HTML. */
(() => {
  const byId = (id) => document.getElementById(id);
  const finder = byId("finder");
  let typed = false; // whether typing caused the last request
  let removed = -1; // the index of the chip that was clicked to remove it, or -1
  let focused = ""; // the id of the element that had the focus before the request
  let latest = null; // the last request
  let leaving = false; // whether the browser may be leaving the page

  document.addEventListener("htmx:config:request", (event) => {
    const body = event.detail.ctx.request.body;
    for (const [name, value] of body ? [...body] : []) {
      if (value === "") body.delete(name);
    }
  });

  document.addEventListener("htmx:before:request", (event) => {
    latest = event.detail.ctx;
    typed = latest.sourceEvent?.type === "input";
    removed = [...document.querySelectorAll("a.chip")].indexOf(latest.sourceElement);
    focused = document.activeElement.id;
    leaving = false;
    byId("results").setAttribute("aria-busy", "true");
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
    const results = byId("results");
    results.removeAttribute("aria-busy");
    byId("update-failed")?.remove();
    results.insertAdjacentHTML("afterbegin", results.dataset.failed);
  };
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.raw.ok) return;
    event.preventDefault();
    fail();
  });
  // Firefox stops the requests of a page that it leaves, which is no failure: the page is gone soon,
  // unless it was left for a download. Nor is one that a later request has followed.
  addEventListener("beforeunload", () => {
    leaving = true;
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    setTimeout(() => (!ctx || ctx === latest) && fail(), leaving ? 5000 : 0);
  });

  // After a swap every field shows the server's answer, except the one in which the reader types.
  const follow = () => {
    for (const field of finder.elements) {
      if (field.type === "checkbox" && field.form === finder) field.checked = field.defaultChecked;
      else if (field.options) {
        for (const option of field.options) option.selected = option.defaultSelected;
      } else if (field !== document.activeElement && field.name) field.value = field.defaultValue;
    }
  };

  // Where the swap removed what had the focus, its replacement gets it, or the chip that took the
  // place of a removed one, or else the count of results.
  const focus = () => {
    if (document.activeElement !== document.body) return;
    const chips = document.querySelectorAll("a.chip");
    const next = removed < 0 ? null : chips[Math.min(removed, chips.length - 1)];
    (byId(focused) || next || byId("count")).focus();
  };

  document.addEventListener("htmx:after:swap", (event) => {
    // A box that was ticked during the swap is in a later request, whose answer will show it.
    if (event.detail.ctx === latest) follow();
    prepare();
    focus();
  });

  // On a narrow screen the filters cover the list, which is up to date: the button sends no request,
  // it closes the filters and moves to the count of results.
  finder.addEventListener(
    "submit",
    (event) => {
      if (!event.submitter?.closest(".apply")) return;
      event.preventDefault();
      event.stopPropagation();
      finder.querySelector(".filter-panel").open = false;
      byId("count").scrollIntoView({ block: "start" });
      byId("count").focus();
    },
    true,
  );

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const find = (field) => {
    const wanted = plain(field.value.trim());
    for (const choice of byId(field.dataset.finds).querySelectorAll(".opt")) {
      const isNamed = plain(choice.textContent).includes(wanted);
      choice.hidden = !isNamed && !choice.querySelector(":checked");
    }
  };

  function prepare() {
    for (const field of document.querySelectorAll("[data-finds]")) {
      field.hidden = false;
      find(field);
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.dataset.finds) find(event.target);
  });
  // Stopped before htmx sees it, for it needs no request: what is typed was asked for meanwhile.
  const stop = (event) => {
    if (event.target.dataset.finds || event.target.id === "q") event.stopPropagation();
  };
  document.addEventListener("change", stop, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset.finds) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    // A page that the browser kept in the middle of an update would wait for ever.
    if (event.persisted && document.querySelector("[aria-busy], #update-failed")) location.reload();
    prepare();
  });
})();
