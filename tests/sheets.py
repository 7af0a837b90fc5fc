"""Reads style sheets: their rules and selectors."""

import re
from collections.abc import Iterator
from typing import NamedTuple

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# At-rules that contain further rules rather than declarations.
OUTER = ("@layer", "@media", "@supports")


class Rule(NamedTuple):
    """A CSS rule, with the layers and conditions that enclose it."""

    outer: tuple[str, ...]
    selector: str
    body: str


def rules(text: str, outer: tuple[str, ...] = ()) -> Iterator[Rule]:
    """Yield the rules of a style sheet in their order."""
    text = COMMENT.sub("", text)
    while (start := text.find("{")) != -1:
        head = " ".join(text[:start].split(";")[-1].split())
        end = closing_brace(text, start)
        body = text[start + 1 : end]
        if head.startswith(OUTER):
            yield from rules(body, (*outer, head))
        else:
            yield Rule(outer, head, " ".join(body.split()))
        text = text[end + 1 :]


def closing_brace(text: str, start: int) -> int:
    depth = 0
    for brace in re.finditer(r"[{}]", text[start:]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return start + brace.start()
    raise AssertionError("A brace is not closed.")


def parts(selector: str, separators: str) -> list[str]:
    """Split a selector at the given separators, but not inside brackets."""
    found, depth = [""], 0
    for letter in selector:
        depth += (letter in "([") - (letter in ")]")
        if letter in separators and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]
