"""A walk through a page by keyboard: JavaScript that says where it stops, and what is wrong."""

# JavaScript: of elements alike, which have equal names and classes from the root on, the first few.
# A browser takes seconds to examine thousands of elements, and those of a list look alike.
FIRST_ALIKE = """
  const paths = new Map();
  const path = (one) => {
    if (one && !paths.has(one)) {
      paths.set(one, `${path(one.parentElement)} ${one.localName}.${one.getAttribute("class")}`);
    }
    return paths.get(one) ?? "";
  };
  const firstAlike = (all, most) => {
    const numbers = {};
    return all.filter((one) => (numbers[path(one)] = (numbers[path(one)] ?? 0) + 1) <= most);
  };
"""
# JavaScript: the stops of the key Tab, in the order of the document. Of radio buttons with one name
# only one is a stop. What a closed `details` holds is none.
STOPS = """
  const isChosen = (radio) => {
    const all = [...radio.form.querySelectorAll(`[name="${radio.name}"]`)];
    return radio === (all.find((one) => one.checked) ?? all[0]);
  };
  const stops = [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]"
  )].filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden"
    && (one.type !== "radio" || isChosen(one))
    && one.checkVisibility({ visibilityProperty: true }));
"""
# JavaScript that opens what is folded, and waits until the page is drawn. Nothing glides.
OPEN = """
  for (const one of document.querySelectorAll("details:not(.menu)")) one.open = true;
  document.documentElement.style.scrollBehavior = "auto";
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
"""
# JavaScript that notes faults of stops.
FAULTS = """
  const faults = [];
  const tell = (one) => {
    const words = (one.ariaLabel ?? one.textContent).trim().replace(/\\s+/g, " ");
    return `${one.localName}.${one.getAttribute("class") ?? ""} “${words.slice(0, 50)}”`;
  };
  const fault = (what, ...which) => faults.push([what, ...which.map(tell)].join(": "));
  const around = (one) => one ? [one, ...around(one.parentElement)] : [];
  const stuck = [...new Set(stops.flatMap(around))].filter(
    (one) => getComputedStyle(one).position === "sticky"
  );
"""
# JavaScript that notes which stops come before the eye gets there. Two of them have a nearest
# ancestor in common. The part of it with the second one must stand below the part with the first
# one, or after it: on the line or in the next column. A drawing is one part, as its links have an
# order of their own. What sticks is put where it would stand without.
ORDER = """
  const near = 5;
  const follows = (one, next) => {
    const [before, after] = [one, next].map((stop) => around(stop.closest("svg") ?? stop));
    const common = before.find((part) => part.contains(after[0]));
    if ([before[0], after[0]].includes(common)) return true;
    const last = [...before[before.indexOf(common) - 1].getClientRects()].at(-1);
    const [first] = after[after.indexOf(common) - 1].getClientRects();
    return first.top >= last.bottom - near || first.left >= last.right - near;
  };
  if (!stops[0].matches(".skip")) fault("is first and skips nothing", stops[0]);
  for (const one of stuck) one.style.position = "static";
  stops.filter((one) => !one.matches(".skip")).forEach((one, number, all) => {
    if (one.tabIndex > 0) fault("comes out of turn", one);
    if (number && !follows(all[number - 1], one)) fault("comes early", one, all[number - 1]);
  });
  for (const one of stuck) one.style.position = "";
"""
# JavaScript that gives stops the focus, down the page and up again, and notes on which it is not
# seen. Seen are a mark, and the middle of the stop and of its edges, as far as the window is large
# enough. What can be pressed beside it may reach over it a little.
VISITS = """
  const paint = (one) => [...one.querySelectorAll(".m-dot, .m-hit")].map((dot) => {
    const { fill, stroke, strokeWidth } = getComputedStyle(dot);
    return `${fill} ${stroke} ${strokeWidth}`;
  }).join();
  const isOutlined = (one) => around(one).slice(0, 3).some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  });
  const listPoints = (box) => {
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const [dx, dy] = [Math.min(near, box.width / 4), Math.min(near, box.height / 4)];
    if (box.height > innerHeight - 200) return [];
    const down = [[x, box.top + dy], [x, y], [x, box.bottom - dy]];
    return box.width > innerWidth ? down : [[box.left + dx, y], [box.right - dx, y], ...down];
  };
  const isSeen = (one) => {
    const boxes = [...(one.querySelector(".m-hit") ?? one).getClientRects()];
    return boxes.flatMap(listPoints).every(([x, y]) => {
      const hit = document.elementFromPoint(x, y);
      const isBeside = stops.includes(hit?.closest("a")) && !stuck.some((e) => e.contains(hit));
      return isBeside || one.contains(hit) || hit?.closest("label")?.control === one;
    });
  };
  const visit = (one) => {
    const before = paint(one);
    one.focus({ focusVisible: true });
    one.dispatchEvent(new KeyboardEvent("keyup", { key: "Tab", bubbles: true }));
    if (document.activeElement !== one) fault("takes no focus", one);
    if (!isOutlined(one) && paint(one) === before) fault("has no mark", one);
    if (!isSeen(one)) fault("is covered", one);
  };
  const visited = firstAlike(stops, 8);
  visited.forEach(visit);
  document.activeElement.blur();
  visited.reverse().forEach(visit);
"""
# JavaScript that lists what is wrong with the stops of a page.
WALK = (
    f"(async () => {{ {OPEN} {STOPS} {FIRST_ALIKE} {FAULTS} {ORDER} {VISITS} return faults; }})()"
)
# JavaScript that counts the stops and notes those which the keys really reach. Of a box that
# scrolls, which some browsers stop at and others do not, nothing is noted.
RECORD = f"""(() => {{
  {STOPS}
  window.walked = [];
  document.addEventListener("focusin", (event) => {{
    if (stops.includes(event.target)) walked.push(stops.indexOf(event.target));
  }});
  return stops.length;
}})()"""
