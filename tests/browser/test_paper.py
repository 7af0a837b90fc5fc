"""Printed pages: words are whole, marks cover no letters, the PDF's text says it all."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

# The address of a page, words that its printed text has, and the number of sheets at most.
PAGES = {
    "comparison": (
        "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy",
        ["Teacher professional development", "Lower secondary", "2002–2024", "2014–2017"],
        2,
    ),
    "comparison of four": (
        "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy"
        "&programme=stem-at-home&programme=katapult",
        ["Teacher professional development", "2002–2024", "2014–2017"],
        6,
    ),
    "country": ("/countries/nl/", ["Upper secondary", "2004–2010", "2013–2020"], 3),
    "record": ("/programmes/jet-net-nl/", ["upper secondary", "about 60,000", "https://"], 4),
    "guide": ("/guides/obstacles/", ["Obstacles"], 8),
    "insight": ("/insights/timeline/", ["Today, ", "2010"], 4),
    "timeline": (
        "/programmes/?country=NL&view=timeline",
        ["Today, ", "2025", "from 2018, planned until", "End not known"],
        3,
    ),
    "list": ("/programmes/", ["Randomised trial: no effect found (2019)"], 12),
    "planner": ("/guides/plan/?g1-clear-outcomes=not-yet&c4-girls=yes", ["To work on"], 2),
    "first step": ("/start/company/?country=SK&time=day", ["Your checklist", "Who to ask"], 3),
    "worksheet": (
        "/guides/transfer-conditions/worksheet/?idea=jet-net-nl..tektanken&time=partly",
        ["In both", "Enough time"],
        3,
    ),
    "two countries": ("/guides/task-force-outcomes/countries/", ["Portugal", "Success"], 4),
    "obstacles": ("/guides/obstacles/finder/?obstacle=partners", ["Who can help"], 3),
}

# JavaScript that lists words which go on in another line, though not after a hyphen, dash or slash,
# and words that a bar or a mark of another element covers. Addresses may break anywhere.
FAULTS = r"""() => {
  const faults = [];
  const marks = [...document.querySelectorAll("main rect, main i")].map((mark) => [
    mark, mark.getBoundingClientRect(),
  ]);
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility({visibilityProperty: true})) continue;
    if (node.parentElement.closest(".vh, .cell, a[href^='http'], .citebox, code, svg")) continue;
    for (const word of node.textContent.matchAll(/[\p{L}\p{N}]+/gu)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const boxes = [...range.getClientRects()];
      const lines = new Set(boxes.map((box) => Math.round(box.top)));
      if (lines.size > 1) faults.push(`broken: ${word[0]}`);
      const [box] = boxes;
      if (!box) continue;
      for (const [mark, place] of marks) {
        const across = Math.min(box.right, place.right) - Math.max(box.left, place.left);
        const along = Math.min(box.bottom, place.bottom) - Math.max(box.top, place.top);
        if (across > 1 && along > box.height / 4) faults.push(`covered: ${word[0]}`);
      }
    }
  }
  return faults;
}"""


@pytest.mark.parametrize("kind", PAGES)
def test_on_paper_words_are_whole_and_covered_by_nothing(page: Page, kind: str) -> None:
    address, words, most = PAGES[kind]
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 without margins
    page.emulate_media(media="print")
    page.goto(address)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(FAULTS) == []
    sheets = PdfReader(BytesIO(page.pdf(format="A4"))).pages
    assert len(sheets) <= most
    # Letters that are set apart come with spaces.
    text = re.sub(r"\s", "", " ".join(sheet.extract_text() for sheet in sheets))
    assert [word for word in words if re.sub(r"\s", "", word) not in text] == []
