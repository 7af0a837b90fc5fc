"""Timelines: bars lie between their years, and end where knowledge ends; links join bars."""

from datetime import date
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from hypothesis import example, given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.insights.timelines import (
    LEAST_WIDTH,
    MOST_LINES,
    TODAY_AT,
    AxisLine,
    Bar,
    Span,
    SpanLink,
    Timeline,
    make_span,
    make_timeline,
    measure_year,
    split_span,
)
from tests import builders


def make_test_span(
    key: str, start: int, known_until: int | None = None, has_ended: bool = False
) -> Span:
    return Span(key, key.title(), "Finland", f"/{key}/", start, known_until, has_ended)


OLD = make_test_span("old", 2000, 2010, has_ended=True)
YOUNG = make_test_span("young", 2005, 2008)
OPEN = make_test_span("open", 2006)


def find_place(drawn: Timeline, year: float) -> float:
    """Return where a year lies in a drawing (percent), by two of the lines of its axis."""
    first, second = drawn.lines[:2]
    return first.x + (year - first.year) * (second.x - first.x) / (second.year - first.year)


def find_parts(bar: Bar, kind: str) -> list[tuple[float, float]]:
    return [(piece.x, piece.end) for piece in bar.pieces if piece.kind == kind]


def test_a_bar_reaches_from_its_start_to_its_end_year() -> None:
    drawn = make_timeline([OLD, YOUNG, OPEN])
    ends = [find_place(drawn, year) for year in (2000, 2010)]
    assert [(piece.x, piece.end) for piece in drawn.bars[0].pieces] == [
        pytest.approx(ends, abs=0.05)
    ]


def test_a_bar_without_an_end_is_open_from_the_last_known_year_until_today() -> None:
    _old, young, unknown = make_timeline([OLD, YOUNG, OPEN]).bars
    for bar, year in ((young, 2008), (unknown, 2007)):
        ((_start, end),) = find_parts(bar, "known")
        assert end == pytest.approx(find_place(make_timeline([OLD, YOUNG, OPEN]), year), abs=0.05)
        assert find_parts(bar, "open") == [(end, TODAY_AT)]


# --- Today and the future ------------------------------------------------------------------------

NOW = measure_year(date(2026, 3, 10))


@pytest.mark.parametrize("known_until", [None, 2018, 2024, 2025, 2026, 2027, 2050])
@pytest.mark.parametrize("start", [1950, 2010, 2025, 2026])
def test_without_a_known_end_nothing_is_drawn_after_today(
    start: int, known_until: int | None
) -> None:
    parts = [*split_span(make_test_span("a", start, known_until), NOW)]
    assert max(end for _kind, _start, end in parts) <= NOW + 0.001
    assert all(end > begin for _kind, begin, end in parts)
    assert {kind for kind, _start, _end in parts} <= {"known", "open"}


LATER = localdate().year + 3


def test_an_end_in_the_future_is_an_arrow_at_today_and_no_bar_beyond_it() -> None:
    (bar,) = make_timeline([make_test_span("a", 2018, LATER, has_ended=True)]).bars
    assert bar.goes_on
    assert [(piece.kind, piece.end) for piece in bar.pieces] == [("known", TODAY_AT)]
    assert not make_timeline([OLD, OPEN]).has_plans


@pytest.mark.parametrize("has_ended", [True, False])
def test_what_begins_in_the_future_has_an_arrow_and_no_bar(has_ended: bool) -> None:
    row = make_test_span("a", LATER, LATER + 2 if has_ended else None, has_ended)
    (bar,) = make_timeline([row]).bars
    assert (bar.goes_on, bar.pieces, bar.x) == (True, [], TODAY_AT)
    assert row.years == f"planned from {LATER}"


@pytest.mark.parametrize("start", [1000, 1949, localdate().year])
def test_the_shortest_bar_can_be_seen(start: int) -> None:
    bars = make_timeline([make_test_span("old", start), OPEN]).bars
    assert min(piece.width for bar in bars for piece in bar.pieces if piece.kind == "known") >= (
        LEAST_WIDTH
    )


def test_odd_spans_stand_together_each_in_its_row_with_its_words() -> None:
    rows = [
        make_test_span("old", 1871),
        make_test_span("one", 2016, 2016, has_ended=True),
        make_test_span("other", 2016, 2016, has_ended=True),
        make_test_span("plan", 2020, LATER, has_ended=True),
    ]
    drawn = make_timeline(rows)
    assert drawn.bars[1].pieces == drawn.bars[2].pieces
    html = render_to_string("components/timeline.html", {"timeline": drawn, "summary": "x"})
    assert html.count("<li>") == len(rows)
    assert all(row.years in html for row in rows)


def test_an_end_after_this_year_is_worded_as_a_plan() -> None:
    row = make_test_span("a", 2018, LATER, has_ended=True)
    assert row.years == f"from 2018, planned until {LATER}"


def test_today_is_marked_by_a_line_with_its_date_within_the_drawing() -> None:
    for spans in ([OLD], [make_test_span("a", 1850)], [make_test_span("b", 2090)]):
        drawn = make_timeline(spans)
        assert drawn.today == localdate()
        assert drawn.today_at == pytest.approx(find_place(drawn, measure_year(drawn.today)), abs=1)
        assert drawn.today_at == TODAY_AT
    html = render_to_string("components/timeline.html", {"timeline": drawn, "summary": "x"})
    assert f"Today, {drawn.today.day} {drawn.today:%b %Y}" in html
    assert "tl-now" in html


# --- Words and links -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (OLD, "2000–2010"),
        (YOUNG, "from 2005, still running in 2008"),
        (OPEN, "from 2006, end not known yet"),
        (make_test_span("short", 2016, 2016, has_ended=True), "2016"),
    ],
)
def test_the_years_of_a_span_are_worded_by_what_is_known_of_its_end(row: Span, words: str) -> None:
    assert row.years == words


def test_a_link_draws_lines_in_both_rows_and_in_those_between() -> None:
    drawn = make_timeline([OLD, YOUNG, OPEN], [SpanLink("old", "open", 2006)])
    bars = drawn.bars
    place = pytest.approx(find_place(drawn, 2006), abs=0.05)
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
YEAR_WIDTH = 31  # pixels that a year of four digits takes with some space
# The narrowest drawings in pixels that show every year, and every second one.
ALL_FROM, SOME_FROM = 545, 256


@example([(1867, None, False)])  # a label of the axis that just does not fit in the middle
@given(st.lists(st.tuples(YEARS, st.none() | YEARS, st.booleans()), min_size=1, max_size=40))
def test_bars_end_today_and_the_years_of_the_axis_do_not_overlap(
    rows: list[tuple[int, int | None, bool]],
) -> None:
    drawn = make_timeline([make_test_span(str(number), *row) for number, row in enumerate(rows)])
    for bar in drawn.bars:
        assert 0 <= bar.indent <= 100
        for piece in bar.pieces:
            # What began this year is at least as wide as can be seen.
            assert piece.x >= 0
            assert piece.width > 0
            assert piece.end <= TODAY_AT + 0.01
    # One line more if a line falls on the first or last year, three more for the largest step.
    assert 1 <= len(drawn.lines) <= MOST_LINES + 4
    for lines, width in ((drawn.lines, ALL_FROM), (drawn.lines[::2], SOME_FROM)):
        places = [place_year(line, width) for line in lines]
        assert all(left >= 0 and left + YEAR_WIDTH <= width for left in places)
        assert all(b - a >= YEAR_WIDTH for a, b in pairwise(places))


def place_year(line: AxisLine, width: int) -> float:
    """Return where the label of a line begins, in pixels."""
    share = {"start": 0, "middle": 0.5, "end": 1}[line.anchor]
    return line.x * width / 100 - share * YEAR_WIDTH


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
