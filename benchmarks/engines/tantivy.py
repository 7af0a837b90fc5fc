"""tantivy as a contender: fast fields and terms aggregations, as its documentation advises.

`python -m benchmarks.engines.tantivy ROWS INDEX` makes the index.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tantivy import (
    Document,
    Filter,
    Index,
    Occur,
    Order,
    Query,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from benchmarks.engines.answering import (
    FACETS,
    MOST_ORGANISATIONS,
    PAGE_SIZE,
    Found,
    Question,
    make_application,
    read_rows,
)

TEXTS = ["name", "summary"]
# So much that all rows become one segment, which is searched quickest.
HEAP = 2_000_000_000
MOST = {"organisation": MOST_ORGANISATIONS}


def make_analyzer() -> TextAnalyzer:
    folding = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
    return folding.filter(Filter.ascii_fold()).build()


def build(file: str, folder: str) -> None:
    """Index all rows, in the order of their names."""
    made = SchemaBuilder()
    for name in TEXTS:
        made.add_text_field(name, tokenizer_name="folded", index_option="position")
    for name in FACETS:
        made.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    made.add_text_field("running_in", tokenizer_name="raw", index_option="basic")
    made.add_integer_field("place", fast=True)
    made.add_bytes_field("shown", stored=True)
    Path(folder).mkdir(parents=True)
    index = Index(made.build(), path=folder)
    index.register_tokenizer("folded", make_analyzer())
    with index.writer(heap_size=HEAP, num_threads=1) as writer:
        for place, row in enumerate(read_rows(file)):
            shown = row.shown.encode()
            texts = {"name": row.name, "summary": row.summary}
            writer.add_document(Document(place=place, shown=shown, **texts, **row.values))


def open_index(folder: str) -> Callable[[Question], Found]:
    """Return a function that answers questions from an index."""
    index = Index.open(folder)
    index.register_tokenizer("folded", make_analyzer())
    searcher, schema = index.searcher(), index.schema

    def ask(question: Question) -> Query:
        parts = [
            Query.term_set_query(schema, name, list(values))
            for name, values in question.values.items()
        ]
        if question.words:
            words = index.parse_query(question.words, TEXTS, conjunction_by_default=True)
            parts.append(words)
        return Query.boolean_query([(Occur.Must, part) for part in parts or [Query.all_query()]])

    def count(question: Question, names: list[str]) -> dict[str, dict[str, int]]:
        wanted: dict[str, Any] = {
            name: {"terms": {"field": name, "size": MOST.get(name, 100)}} for name in names
        }
        counted = searcher.aggregate(ask(question), wanted)
        return {
            name: {one["key"]: one["doc_count"] for one in counted[name]["buckets"]}
            for name in names
        }

    def find(question: Question) -> Found:
        # Words put what fits best first; without them rows come in the order of their names.
        order = {} if question.words else {"order_by_field": "place", "order": Order.Asc}
        page = searcher.search(ask(question), PAGE_SIZE, count=True, **order)
        rows = [bytes(searcher.doc(address)["shown"][0]).decode() for _score, address in page.hits]
        counts = {}
        for asked, names in question.split():
            counts |= count(asked, names)
        return Found(page.count, rows, counts)

    return find


def serve(folder: str) -> Callable[..., list[bytes]]:
    """Return the application for gunicorn."""
    return make_application(open_index(folder))


if __name__ == "__main__":
    build(*sys.argv[1:])
