"""Linked data as an independent reader understands it."""

import warnings
from typing import Any

from rdflib import Graph, Node

from stemobs.encoding import to_json


def read(data: Any) -> Graph:
    """Return the graph that linked data tell, as data or as text; the network is not asked."""
    text = data if isinstance(data, str | bytes) else to_json(data)
    with warnings.catch_warnings():
        # The reader's own use of what it gives up itself.
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=text, format="json-ld")


def told(graph: Graph, subject: Node, *path: Node) -> set[str]:
    """Return what stands at the end of a path of properties, as texts."""
    things: set[Node] = {subject}
    for predicate in path:
        things = {found for thing in things for found in graph.objects(thing, predicate)}
    return {str(thing) for thing in things}
