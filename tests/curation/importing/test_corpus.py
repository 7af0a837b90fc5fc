"""Files as partners send them: each is opened, and each cell read, as the answers beside it say.

Whoever wrote the first of them did not know the reader. The answers of the later ones were written
before it saw them, and some were corrected by hand afterwards.
"""

from functools import cache

import pytest

from stemobs.curation.importing.knowledge import read_terms
from stemobs.curation.importing.shapes import FileRefused
from tests.curation.importing.answered import (
    AnsweredFile,
    Compared,
    compare_cells,
    compare_table,
    list_readable,
    list_refused,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]
READABLE = list_readable()
LEAST_RIGHT = 0.8  # the share of cells that nobody is asked about


@cache
def compare_once(number: int) -> Compared:
    """Compare the cells of a file that can be read, by its place among them."""
    return compare_cells(READABLE[number], read_terms())


@pytest.mark.parametrize("file", list_refused(), ids=lambda file: file.name)
def test_what_is_no_table_is_refused_and_says_why(file: AnsweredFile) -> None:
    with pytest.raises(FileRefused) as refused:
        file.open()
    assert refused.value.code in file.allow("refused")
    assert refused.value.told.endswith(".")


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.name)
def test_a_file_is_opened_as_it_was_meant_and_no_line_is_lost(file: AnsweredFile) -> None:
    assert compare_table(file) == []


@pytest.mark.parametrize("number", range(len(READABLE)), ids=[file.name for file in READABLE])
def test_every_cell_is_read_right_or_asked_about(number: int) -> None:
    assert compare_once(number).wrong == []


def test_most_cells_are_read_without_a_question() -> None:
    compared = [compare_once(number) for number in range(len(READABLE))]
    right, asked = (sum(getattr(one, name) for one in compared) for name in ("right", "asked"))
    assert right / (right + asked) > LEAST_RIGHT
    assert len(compared) >= 80
