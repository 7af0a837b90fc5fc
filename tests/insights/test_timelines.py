"""When things ran is drawn where it belongs, and never longer than it is known."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.insights.timelines import MOST_LINES, Span, SpanLink, make_span, make_timeline
from tests import builders


def span(key: str, start: int, known_until: int | None = None, has_ended: bool = False) -> Span:
    return Span(key, key.title(), "Finland", f"/{key}/", start, known_until, has_ended)


OLD = span("old", 2000, 2010, has_ended=True)
YOUNG = span("young", 2005, 2008)
OPEN = span("open", 2006)


def test_a_bar_lies_between_its_years() -> None:
    first = make_timeline([OLD, YOUNG, OPEN]).bars[0]
    assert [(piece.x, piece.x + piece.width) for piece in first.pieces] == [
        (0, pytest.approx(100 * 10 / 14, abs=0.02))
    ]


def test_a_bar_without_an_end_breaks_up_after_the_last_year_that_is_known() -> None:
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
        (span("short", 2016, 2016, has_ended=True), "2016"),
    ],
)
def test_the_years_are_told_in_words(row: Span, words: str) -> None:
    assert row.years == words


def test_a_link_leads_from_one_bar_through_those_between_to_the_other() -> None:
    bars = make_timeline([OLD, YOUNG, OPEN], [SpanLink("old", "open", 2006)]).bars
    place = pytest.approx(100 * 6 / 14, abs=0.02)
    assert [(bar.down, bar.through, bar.up) for bar in bars] == [
        ([place], [], []),
        ([], [place], []),
        ([], [], [place]),
    ]
    assert bars[2].origins == [(OLD, 2006)]
    assert bars[2].dots == [place]


def test_a_link_upwards_arrives_above() -> None:
    upper, lower = make_timeline([YOUNG, OLD], [SpanLink("old", "young", 2005)]).bars
    assert upper.down
    assert upper.dots
    assert lower.up
    assert not lower.dots


def test_a_link_to_something_that_is_not_drawn_is_left_out() -> None:
    assert (
        not make_timeline([OLD], [SpanLink("old", "gone", 2006), SpanLink("old", "old", 2006)])
        .bars[0]
        .down
    )


def test_nothing_is_drawn_of_nothing() -> None:
    assert not make_timeline([])


YEARS = st.integers(1000, 2100)


@given(st.lists(st.tuples(YEARS, st.none() | YEARS, st.booleans()), min_size=1, max_size=40))
def test_everything_lies_within_the_drawing(rows: list[tuple[int, int | None, bool]]) -> None:
    spans = [span(str(number), *row) for number, row in enumerate(rows)]
    drawn = make_timeline(spans)
    for bar in drawn.bars:
        for piece in bar.pieces:
            assert piece.x >= 0
            assert piece.x + piece.width <= 100.02
        assert 0 <= bar.label_at <= 60
    # A line more where the first or last falls on a year, three more where steps run out.
    assert 1 <= len(drawn.lines) <= MOST_LINES + 4
    assert all(0 <= line.x <= 100 for line in drawn.lines)


@pytest.mark.django_db
def test_a_programme_runs_as_long_as_its_sources_say() -> None:
    def known(**fields: object) -> tuple[int | None, bool] | None:
        drawn = make_span(builders.make_programme(**fields))
        return drawn and (drawn.known_until, drawn.has_ended)

    active, done = Programme.Status.ACTIVE, Programme.Status.COMPLETED
    assert known(year_start=None) is None
    assert known(year_start=2001, year_end=2005, status=done) == (2005, True)
    assert known(year_start=2001, status=active, status_as_of=2016) == (2016, False)
    assert known(year_start=2001, status=done, status_as_of=2016) == (None, False)


def test_hostile_names_are_text() -> None:
    name = "<script>alert(1)</script>"
    row = Span("x", name, name, "/x/", 2000, None, False)
    html = render_to_string(
        "components/timeline.html", {"timeline": make_timeline([row]), "summary": name}
    )
    assert "<script>" not in html
