"""A helper that turns an index into plain values, so that two indexes can be compared."""

from array import array
from typing import Any

from stemobs.catalogue.index import Index


def attributes(index: Index) -> dict[str, Any]:
    """Return the attributes of an index without caches, and with words instead of numbers."""
    remembered = ("beginnings", "sizes", "meant", "labels", "slugs", "words")
    held = {name: value for name, value in vars(index).items() if name not in remembered}
    held["values"] = {facet: postings for facet, postings in index.values.items() if postings}
    # An index whose documents were all removed keeps its facets; a new empty index has none.
    held["facets"] = index.facets if index.entries else ()
    for name in ("in_names", "anywhere"):
        held[name] = {index.words.spelled[n]: found for n, found in held[name].items()}
    held["entries"] = {
        number: entry._replace(names=spelled(index, entry.names), texts=spelled(index, entry.texts))
        for number, entry in index.entries.items()
    }
    return held


def spelled(index: Index, written: bytes) -> Any:
    """Return the words that are encoded as numbers in an entry's texts."""
    return [index.words.spelled[number] for number in array("I", written)]
