"""Files as partners send them: each is opened, and each cell read, as the answers beside it say.

Whoever wrote the files and the answers did not know the reader.
"""

import pytest

from stemobs.curation.importing.knowledge import read_terms
from stemobs.curation.importing.shapes import FileRefused
from tests.curation.importing.answered import (
    AnsweredFile,
    compare_cells,
    compare_table,
    list_readable,
    list_refused,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LEAST_RIGHT = 0.85  # the share of cells that nobody is asked about


@pytest.mark.parametrize("file", list_refused(), ids=lambda file: file.name)
def test_what_is_no_table_is_refused_and_says_why(file: AnsweredFile) -> None:
    with pytest.raises(FileRefused) as refused:
        file.open()
    assert refused.value.code in file.allow("refused")
    assert refused.value.told.endswith(".")


@pytest.mark.parametrize("file", list_readable(), ids=lambda file: file.name)
def test_a_file_is_opened_as_it_was_meant_and_no_line_is_lost(file: AnsweredFile) -> None:
    assert compare_table(file) == []


@pytest.mark.parametrize("file", list_readable(), ids=lambda file: file.name)
def test_every_cell_is_read_right_or_asked_about(file: AnsweredFile) -> None:
    assert compare_cells(file, read_terms()).wrong == []


def test_most_cells_are_read_without_a_question() -> None:
    terms = read_terms()
    compared = [compare_cells(file, terms) for file in list_readable()]
    right, asked = (sum(getattr(one, name) for one in compared) for name in ("right", "asked"))
    assert right / (right + asked) > LEAST_RIGHT
    assert len(compared) >= 40
