"""Xapian as a contender: boolean terms with prefixes, and spies on value slots for the facets.

A slot has one value, so a facet has as many slots as a programme has values of it at most.
`python -m benchmarks.engines.xapian ROWS INDEX` makes the index.
"""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable

from xapian import (
    DB_CREATE_OR_OVERWRITE,
    BoolWeight,
    Database,
    Document,
    Enquire,
    Query,
    QueryParser,
    TermGenerator,
    ValueCountMatchSpy,
    WritableDatabase,
)

from benchmarks.engines.answering import (
    FACETS,
    PAGE_SIZE,
    Found,
    Question,
    Row,
    fold,
    make_application,
    read_rows,
    take_most,
)

PLACES = 8  # more than a programme has values of any facet
SLOTS = {name: range(at * PLACES, (at + 1) * PLACES) for at, name in enumerate(FACETS)}


def make_term(name: str, value: str) -> str:
    return f"X{name.upper()}:{value}"


def make_document(row: Row, generator: TermGenerator) -> Document:
    document = Document()
    document.set_data(row.shown)
    generator.set_document(document)
    generator.index_text(fold(row.name))
    generator.increase_termpos()  # so that no phrase begins in one text and ends in the other
    generator.index_text(fold(row.summary))
    for name, values in row.values.items():
        for value in values:
            document.add_boolean_term(make_term(name, value))
        for slot, value in zip(SLOTS.get(name, ()), values, strict=False):
            document.add_value(slot, value)
    return document


def build(file: str, folder: str) -> None:
    """Index all rows in the order of their names, in which they are found then without sorting."""
    draft = f"{folder}.draft"
    database = WritableDatabase(draft, DB_CREATE_OR_OVERWRITE)
    generator = TermGenerator()
    used = dict.fromkeys(FACETS, 0)
    for row in read_rows(file):
        database.add_document(make_document(row, generator))
        used = {name: max(most, len(row.values[name])) for name, most in used.items()}
    database.set_metadata("used", json.dumps(used))
    database.commit()
    database.compact(folder)  # which makes it smaller and quicker
    database.close()
    shutil.rmtree(draft)


def open_index(folder: str) -> Callable[[Question], Found]:
    """Return a function that answers questions from an index."""
    database = Database(folder)
    everything = database.get_doccount()
    used = json.loads(database.get_metadata("used"))
    parser = QueryParser()
    parser.set_default_op(Query.OP_AND)

    def ask(question: Question) -> Enquire:
        parts = [
            Query(Query.OP_OR, [make_term(name, value) for value in values])
            for name, values in question.values.items()
        ]
        narrowed = Query(Query.OP_AND, parts) if parts else Query.MatchAll
        asked = Enquire(database)
        asked.set_docid_order(Enquire.ASCENDING)
        if question.words:
            words = parser.parse_query(fold(question.words), QueryParser.FLAG_PHRASE)
            asked.set_query(Query(Query.OP_FILTER, words, narrowed) if parts else words)
        else:
            asked.set_query(narrowed)
            asked.set_weighting_scheme(BoolWeight())
        return asked

    def find(question: Question) -> Found:
        total, rows = 0, []
        counts: dict[str, dict[str, int]] = {}
        for asked, names in question.split():
            enquire = ask(asked)
            spies = {
                name: [ValueCountMatchSpy(slot) for slot in SLOTS[name][: used[name]]]
                for name in names
            }
            for several in spies.values():
                for spy in several:
                    enquire.add_matchspy(spy)
            is_first = asked is question
            page = enquire.get_mset(0, PAGE_SIZE if is_first else 0, everything)
            if is_first:
                total = page.get_matches_estimated()  # exact, for everything was looked at
                rows = [match.document.get_data().decode() for match in page]
            counts |= {name: add_up(several) for name, several in spies.items()}
        return Found(total, rows, {**counts, "organisation": take_most(counts["organisation"])})

    return find


def add_up(spies: list[ValueCountMatchSpy]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for spy in spies:
        for item in spy.values():
            counted[item.term.decode()] += item.termfreq
    return dict(counted)


def serve(folder: str) -> Callable[..., list[bytes]]:
    """Return the application for gunicorn."""
    return make_application(open_index(folder))


if __name__ == "__main__":
    build(*sys.argv[1:])
