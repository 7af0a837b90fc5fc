"""Reads which source a line names, and where in it; tells when two addresses are the same."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from stemobs.addresses import is_tracking, keep_parameters

BRACKETS = re.compile(r"\[(?P<inside>[^\[\]]*)\]\s*\Z")
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
BARE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
NUMBER = re.compile(r"[Ss]?(\d{1,3})\b[,;:]?\s*(.*)", re.DOTALL)
STEM = re.compile(r"\.[a-z]{2,5}\Z", re.IGNORECASE)
# What follows an address if a space has cut off the name of a file at its end.
CUT = re.compile(
    r"(?:\s+[^\s/]+){0,3}?\s+[^\s/]+\.(?:pdf|docx?|odt|xlsx?|pptx?|html?|php|aspx?)(?=\s|\Z)",
    re.IGNORECASE,
)
NO_WORDS = re.compile(r"[\d\W_]*")


@dataclass(frozen=True)
class SourceNamed:
    """A source as a line names it: by its number in the record or by its address, with a place."""

    name: str = ""
    place: str = ""


def take_source(line: str) -> tuple[str, SourceNamed]:
    """Return a line without the source at its end, and that source: “[2]”, “[2 p. 4]”."""
    if found := BRACKETS.search(line):
        return line[: found.start()].strip(), read_source(found["inside"])
    if found := re.search(rf"{BARE.pattern}\Z", line, re.IGNORECASE):
        return line[: found.start()].strip(" ,;·"), read_source(found[0])
    return line, SourceNamed()


def read_source(text: str) -> SourceNamed:
    """Return the source that a text names: “2 p. 4”, “S2, p. 4”, an address."""
    if found := BARE.match(text.strip()):
        return SourceNamed(
            complete(found[0].rstrip(",;")), text.strip()[found.end() :].strip(" ,;")
        )
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        return SourceNamed("?", text.strip())
    return SourceNamed(found[1].lstrip("0"), found[2].strip())


def complete(address: str) -> str:
    """Return an address with its scheme."""
    return address if ADDRESS.match(address) else f"https://{address}"


def is_address(name: str) -> bool:
    return bool(ADDRESS.match(name))


def reduce_address(address: str) -> str:
    """Return what two addresses of the same page have in common.

    Scheme, “www.”, a slash at the end, the part after “#” and what only tells where a reader came
    from make no difference.
    """
    parts = split(address)
    query = keep_parameters(parts.query, lambda name, _value: not is_tracking(name))
    return f"{find_host(address)}{unquote(parts.path).rstrip('/')}{'?' if query else ''}{query}"


def find_host(address: str) -> str:
    """Return the host of an address, as it is compared; "" if it has none."""
    return (split(address).hostname or "").removeprefix("www.")


def split(address: str) -> SplitResult:
    """Return the parts of an address; what cannot be one, such as “https://[x”, is all path."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return SplitResult("", "", address.strip(), "", "")


def read_source_line(line: str) -> tuple[str, str]:
    """Return the address and the title in a line of sources; "" if it has no address."""
    found = BARE.search(line)
    if found is None:
        return "", line.strip()
    title = f"{line[: found.start()].strip()} {line[found.end() :].strip()}"
    return complete(found[0]), title.strip(" -–—·:,;")


def find_longer_address(line: str) -> tuple[str, str]:
    """Return the address in a line with the spaces that may belong to it, and the title then.

    Two empty texts if what follows the address does not look like a part of it.
    """
    found = BARE.search(line)
    cut = CUT.match(line, found.end()) if found and not STEM.search(found[0]) else None
    if found is None or cut is None:
        return "", ""
    longer = "%20".join([found[0], *cut[0].split()])
    return complete(longer), line[cut.end() :].strip(" -–—·:,;")


def guess_title(address: str) -> str:
    """Return what the end of an address says of the page: “Update quickscan jet net”, or ""."""
    pieces = [piece for piece in unquote(split(address).path).split("/") if piece]
    words = STEM.sub("", pieces[-1]) if pieces else ""
    told = re.sub(r"[-_+.\s]+", " ", words).strip()
    return "" if NO_WORDS.fullmatch(told) else told[:1].upper() + told[1:]
