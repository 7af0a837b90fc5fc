"""Collects the texts that readers meet from templates, code and documents; measures their ease."""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
SENTENCE_END = re.compile(r"(?<=[.!?])[”’)]*\s+")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
BLOCK_OF_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# How a line of Markdown begins that begins a text of its own, or is a row of a table.
HEADING, ITEM, ROW = r"#+ ", r"(?:[-*]|\d+\.) +", r"\|"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;|`[^`]*`|https?://\S+")


@cache
def read_interface_texts() -> tuple[tuple[str, str], ...]:
    """Return every text marked for translation, with the path of the file that holds it."""
    found = []
    for path in [*ROOT.glob("templates/**/*.html"), *list_modules()]:
        source = path.read_text()
        if path.suffix == ".html":
            source = re.sub(r"(?m)^\s+", "", templatize(source))
        for _line, text, _comments, _context in extract(
            "python", io.BytesIO(source.encode()), KEYWORDS
        ):
            name = str(path.relative_to(ROOT))
            forms = [text] if isinstance(text, str) else text
            found += [(name, " ".join(form.split())) for form in forms if form]
    return tuple(found)


def list_modules() -> Iterator[Path]:
    for room in ("stemobs", "programmes", "partnerships"):
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


def list_documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def read_document(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of a document: how the line begins that a text begins with, and the text.

    Blocks of code are left out, and of a link only its words are kept.
    """
    found: list[tuple[str, list[str]]] = []
    for is_text, lines in groupby(BLOCK_OF_CODE.sub("", path.read_text()).splitlines(), key=bool):
        start = ""
        for line in lines if is_text else ():
            begins = re.match(f"{HEADING}|{ITEM}|{ROW}", line.strip())
            if begins or not start:
                start = begins[0].strip() if begins else "text"
                found.append((start, []))
            found[-1][1].append(line.strip().removeprefix(begins[0] if begins else ""))
    for start, text in found:
        yield start, LINK.sub(r"\1", " ".join(text))


@cache
def list_class_names() -> frozenset[str]:
    """Return the names of our classes, but not those that are plain words, such as Programme."""
    nodes = (node for path in list_modules() for node in ast.walk(ast.parse(path.read_text())))
    names = (node.name for node in nodes if isinstance(node, ast.ClassDef))
    return frozenset(name for name in names if re.search("[a-z][A-Z]", name))


def split_sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence; what stands for a value or a mark is left out."""
    parts = SENTENCE_END.split(PLACE.sub(" ", text))
    found = (re.findall(r"[A-Za-zÀ-ž]+(?:[’'][A-Za-z]+)?", part) for part in parts)
    return [words for words in found if words]


def count_syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, some said apart."""
    word = re.sub(r"(?<![aeiouyl])e$|(?<=[^aeiouytd])ed$|(?<=[^sxzcgh])es$", "", word.lower())
    apart = re.findall(r"(?<![cts])i[ao]|(?<![qg])ua|eo(?!p)|ie(?=nc|nt)|iu", word)
    return max(1, len(re.findall("[aeiouyà-ž]+", word)) + len(apart))


def measure_reading_ease(texts: Iterable[str]) -> float:
    """Return Flesch's reading ease: 60 and more is plain English, 30 is hard to read."""
    sentences = [words for text in texts for words in split_sentences(text)]
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(map(count_syllables, words))
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * syllables / len(words)
