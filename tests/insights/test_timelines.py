"""Timelines: bars lie between their years, and end where knowledge ends; links join bars."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.insights.timelines import MOST_LINES, Span, SpanLink, make_span, make_timeline
from tests import builders


def make_test_span(
    key: str, start: int, known_until: int | None = None, has_ended: bool = False
) -> Span:
    return Span(key, key.title(), "Finland", f"/{key}/", start, known_until, has_ended)


OLD = make_test_span("old", 2000, 2010, has_ended=True)
YOUNG = make_test_span("young", 2005, 2008)
OPEN = make_test_span("open", 2006)


def test_a_bar_reaches_from_its_start_to_its_end_year() -> None:
    first = make_timeline([OLD, YOUNG, OPEN]).bars[0]
    assert [(piece.x, piece.x + piece.width) for piece in first.pieces] == [
        (0, pytest.approx(100 * 10 / 14, abs=0.02))
    ]


def test_a_bar_without_an_end_is_followed_by_shrinking_pieces_after_the_last_known_year() -> None:
    _old, young, unknown = make_timeline([OLD, YOUNG, OPEN]).bars
    ends = [bar.pieces[0].x + bar.pieces[0].width for bar in (young, unknown)]
    assert ends == [pytest.approx(100 * year / 14, abs=0.02) for year in (8, 7)]
    for bar in (young, unknown):
        assert [piece.width for piece in bar.pieces] == sorted(
            (piece.width for piece in bar.pieces), reverse=True
        )
        assert len(bar.pieces) == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (OLD, "2000–2010"),
        (YOUNG, "from 2005, still running in 2008"),
        (OPEN, "from 2006, end not recorded"),
        (make_test_span("short", 2016, 2016, has_ended=True), "2016"),
    ],
)
def test_the_years_of_a_span_are_worded_by_what_is_known_of_its_end(row: Span, words: str) -> None:
    assert row.years == words


def test_a_link_draws_lines_in_both_rows_and_in_those_between() -> None:
    bars = make_timeline([OLD, YOUNG, OPEN], [SpanLink("old", "open", 2006)]).bars
    place = pytest.approx(100 * 6 / 14, abs=0.02)
    assert [(bar.down, bar.through, bar.up) for bar in bars] == [
        ([place], [], []),
        ([], [place], []),
        ([], [], [place]),
    ]
    assert bars[2].origins == [(OLD, 2006)]
    assert bars[2].dots == [place]


def test_a_link_to_a_row_above_ends_in_a_dot_on_that_row() -> None:
    upper, lower = make_timeline([YOUNG, OLD], [SpanLink("old", "young", 2005)]).bars
    assert upper.down
    assert upper.dots
    assert lower.up
    assert not lower.dots


def test_a_link_is_left_out_unless_it_joins_two_different_drawn_spans() -> None:
    assert (
        not make_timeline([OLD], [SpanLink("old", "gone", 2006), SpanLink("old", "old", 2006)])
        .bars[0]
        .down
    )


def test_a_timeline_without_spans_is_false() -> None:
    assert not make_timeline([])


YEARS = st.integers(1000, 2100)


@given(st.lists(st.tuples(YEARS, st.none() | YEARS, st.booleans()), min_size=1, max_size=40))
def test_pieces_labels_and_lines_lie_within_the_drawing(
    rows: list[tuple[int, int | None, bool]],
) -> None:
    spans = [make_test_span(str(number), *row) for number, row in enumerate(rows)]
    drawn = make_timeline(spans)
    for bar in drawn.bars:
        for piece in bar.pieces:
            assert piece.x >= 0
            assert piece.x + piece.width <= 100.02
        assert 0 <= bar.label_at <= 60
    # One line more if a line falls on the first or last year, three more for the largest step.
    assert 1 <= len(drawn.lines) <= MOST_LINES + 4
    assert all(0 <= line.x <= 100 for line in drawn.lines)


@pytest.mark.django_db
def test_a_span_of_a_programme_ends_as_its_years_and_status_say() -> None:
    def known(**fields: object) -> tuple[int | None, bool] | None:
        drawn = make_span(builders.make_programme(**fields))
        return drawn and (drawn.known_until, drawn.has_ended)

    active, done = Programme.Status.ACTIVE, Programme.Status.COMPLETED
    assert known(year_start=None) is None
    assert known(year_start=2001, year_end=2005, status=done) == (2005, True)
    assert known(year_start=2001, status=active, status_as_of=2016) == (2016, False)
    assert known(year_start=2001, status=done, status_as_of=2016) == (None, False)


def test_hostile_names_are_escaped_in_a_timeline() -> None:
    name = "<script>alert(1)</script>"
    row = Span("x", name, name, "/x/", 2000, None, False)
    html = render_to_string(
        "components/timeline.html", {"timeline": make_timeline([row]), "summary": name}
    )
    assert "<script>" not in html
