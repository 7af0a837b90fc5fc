"""Helpers that parse linked data with rdflib, a reader that is independent of the site's code."""

import warnings
from typing import Any

from rdflib import Graph, Node

from stemobs.encoding import to_json


def read(data: Any) -> Graph:
    """Parse JSON-LD, given as text or as Python data, into a graph without network access."""
    text = data if isinstance(data, str | bytes) else to_json(data)
    with warnings.catch_warnings():
        # rdflib itself uses a class that it has deprecated.
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=text, format="json-ld")


def told(graph: Graph, subject: Node, *path: Node) -> set[str]:
    """Return as texts the values reached from a subject by following a path of properties."""
    things: set[Node] = {subject}
    for predicate in path:
        things = {found for thing in things for found in graph.objects(thing, predicate)}
    return {str(thing) for thing in things}
