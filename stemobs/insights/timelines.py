"""Timelines: when programmes, platforms and strategies ran, as bars on a common axis of years.

The template components/timeline.html draws a timeline as a list of links in words, with the bars as
decoration, so that screen readers need no second list. Nothing here knows of HTTP or of colours.

A line marks today, and no bar goes beyond it. A bar whose end is not known tapers off until today.
What is to go on or to begin later has an arrow at today's line, and the year in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from partnerships.models import NationalPlatform, Strategy
from programmes.models import Programme
from stemobs.entries import wording

# Years between two lines of the axis: the first of STEPS is taken that needs at most MOST_LINES.
STEPS = (1, 2, 5, 10, 20, 50, 100)
MOST_LINES = 8
TODAY_AT = 98.0  # percent of the width: the place of today, with room for arrows after it
LEAST_YEARS = 1  # the axis begins at least so long ago
LEAST_WIDTH = 1.0  # percent of the width: the shortest bar can still be seen
EDGE = 6.2  # percent of the width: closer to an edge, the year of a line is aligned to that edge
# In files, a bar that begins further right than this percentage has a label that ends with it.
LATE = 62


@dataclass(frozen=True)
class Span:
    """When a programme, platform or strategy ran, with its name, place and address.

    `known_until` is the year it ended, or else the last year in which it is known to have run.
    """

    key: str
    name: str
    place: str
    url: str
    start: int
    known_until: int | None
    has_ended: bool
    is_strategy: bool = False

    @property
    def last(self) -> int:
        """Return the last year of the solid part of the bar."""
        return max(self.start, self.known_until or self.start)

    @property
    def years(self) -> str:
        """Return the years in words: “2000–2010”, or the start and what is known of the end."""
        this_year = localdate().year
        if self.start > this_year:
            return _("planned from {start}").format(start=self.start)
        if self.has_ended and self.last > this_year:
            words = _("from {start}, planned until {last}")
            return words.format(start=self.start, last=self.last)
        if self.has_ended:
            return wording.format_years(self.start, self.last)
        if self.known_until is None:
            return _("from {start}, end not known yet").format(start=self.start)
        return _("from {start}, still running in {last}").format(start=self.start, last=self.last)


@dataclass(frozen=True)
class SpanLink:
    """One programme became another: the key of the first, the key of the second, and the year."""

    source: str
    target: str
    year: int


@dataclass(frozen=True)
class Piece:
    """A part of a bar: where it begins and how wide it is, in percent of the drawing's width.

    `kind` is “known”, or “open” for the time from the last year known until today.
    """

    x: float
    width: float
    kind: str = "known"

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class AxisLine:
    """A vertical line of the axis: its year, its place, and how the year is aligned to the line.

    `anchor` is a value of SVG's text-anchor.
    """

    year: int
    x: float
    anchor: str


@dataclass(frozen=True)
class Axis:
    """The axis of years from left to right until today, which turns years into percent."""

    first: int
    now: float
    step: int

    @classmethod
    def around(cls, years: Sequence[float], now: float) -> "Axis":
        """Return an axis that holds all these years as far as they have come."""
        earliest = int(min(*years, now - LEAST_YEARS))
        step = next((s for s in STEPS if (now - earliest) / s < MOST_LINES), STEPS[-1])
        return cls(earliest // step * step, now, step)

    def at(self, year: float) -> float:
        """Return the place of a year in percent; a later year than today has the place of today."""
        return round(TODAY_AT * (min(year, self.now) - self.first) / (self.now - self.first), 2)

    @property
    def lines(self) -> list[AxisLine]:
        """Return the vertical lines to draw, one every `step` years."""
        years = range(self.first, int(self.now) + 1, self.step)
        return [AxisLine(year, self.at(year), choose_anchor(self.at(year))) for year in years]


def choose_anchor(place: float) -> str:
    """Return SVG's text-anchor for a word at a place (percent), so that the drawing holds it."""
    return "start" if place < EDGE else "end" if place > 100 - EDGE else "middle"


@dataclass(frozen=True)
class Bar:
    """A span as it is drawn, in one row of the timeline."""

    span: Span
    pieces: list[Piece]
    origins: list[tuple[Span, int]]  # the spans that this one was made from, and in which year
    dots: list[float]  # where links from other bars arrive
    goes_on: bool = False  # whether it is to go on or to begin after today
    # Places of dashed lines: through the whole row, and from this bar down or up to another row.
    through: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)
    up: list[float] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Whether the bar begins so far right that its label should end where the bar ends."""
        return self.x > LATE

    @property
    def x(self) -> float:
        """Return where the bar begins, or the place of today for what begins later."""
        return self.pieces[0].x if self.pieces else TODAY_AT

    @property
    def indent(self) -> float:
        """Return where the label begins, in percent of the width until today."""
        return round(100 * self.x / TODAY_AT, 2)

    @property
    def end(self) -> float:
        return self.pieces[-1].end if self.pieces else TODAY_AT


@dataclass(frozen=True)
class Timeline:
    """The bars from top to bottom, and the lines of the axis."""

    bars: list[Bar]
    lines: list[AxisLine]
    today: date
    today_at: float = TODAY_AT

    def __bool__(self) -> bool:
        return bool(self.bars)

    @property
    def has_strategies(self) -> bool:
        return any(bar.span.is_strategy for bar in self.bars)

    @property
    def has_open_ends(self) -> bool:
        return any(piece.kind == "open" for bar in self.bars for piece in bar.pieces)

    @property
    def has_plans(self) -> bool:
        return any(bar.goes_on for bar in self.bars)

    @property
    def has_links(self) -> bool:
        return any(bar.dots for bar in self.bars)


def make_span(programme: Programme) -> Span | None:
    """Return the span of a programme with prefetched countries; None without a start year."""
    if programme.year_start is None:
        return None
    return Span(
        key=programme.slug,
        name=programme.title,
        place=name_place(programme),
        url=programme.get_absolute_url(),
        start=programme.year_start,
        known_until=programme.known_until,
        has_ended=bool(programme.year_end),
    )


def span_of_initiative(
    row: NationalPlatform | Strategy, place: str, *, is_strategy: bool = False
) -> Span | None:
    """Return the span of a platform or strategy; None without a start year."""
    if row.year_start is None:
        return None
    return Span(
        key=row.get_absolute_url(),
        name=row.name,
        place=place,
        url=row.get_absolute_url(),
        start=row.year_start,
        known_until=row.known_until,
        has_ended=bool(row.year_end),
        is_strategy=is_strategy,
    )


def name_place(programme: Programme) -> str:
    """Return the name of a programme's only country; else its scope, such as “Europe-wide”."""
    countries = [country.name for country in programme.countries.all()]
    return countries[0] if len(countries) == 1 else str(programme.get_scope_display())


def make_timeline(spans: Sequence[Span], links: Sequence[SpanLink] = ()) -> Timeline:
    """Return the timeline of some spans in their order; it draws links between two of the spans."""
    today = localdate()
    if not spans:
        return Timeline([], [], today)
    rows = {span.key: row for row, span in enumerate(spans)}
    known = [link for link in links if {link.source, link.target} <= rows.keys()]
    now = measure_year(today)
    axis = Axis.around([*(span.start for span in spans), *(link.year for link in known)], now)
    bars = [Bar(span, make_pieces(span, axis), [], [], goes_on=is_planned(span)) for span in spans]
    for link in known:
        source, target = rows[link.source], rows[link.target]
        bars[target].origins.append((spans[source], link.year))
        bars[target].dots.append(axis.at(link.year))
        connect_bars(bars, source, target, axis.at(link.year))
    return Timeline(bars, axis.lines, today)


def measure_year(day: date) -> float:
    """Return a day as a year with the part of it that has gone by: 1 July 2026 is about 2026.5."""
    return day.year + (day.timetuple().tm_yday - 1) / 366


def is_planned(span: Span) -> bool:
    """Return whether a span is to begin later than now, or is to end in a year after this one."""
    this_year = localdate().year
    return span.start > this_year or (span.has_ended and span.last > this_year)


def make_pieces(span: Span, axis: Axis) -> list[Piece]:
    """Return the parts of a bar from left to right."""
    pieces: list[Piece] = []
    for kind, start, end in split_span(span, axis.now):
        x = pieces[-1].end if pieces else min(axis.at(start), TODAY_AT - LEAST_WIDTH)
        end_at = min(max(axis.at(end), x + LEAST_WIDTH), TODAY_AT)
        if end_at > x:
            pieces.append(Piece(x, round(end_at - x, 2), kind))
    return pieces


def split_span(span: Span, now: float) -> Iterator[tuple[str, float, float]]:
    """Yield the kind, beginning and end of each part of a bar, in years; all lies before `now`."""
    if span.start > now:
        return
    # A span that began and ended in one year gets a bar of one year, for it ran part of that year.
    known = min(span.start + max(span.last - span.start, 1), now)
    yield "known", span.start, known
    if known < now and not span.has_ended:
        yield "open", known, now


def connect_bars(bars: Sequence[Bar], source: int, target: int, place: float) -> None:
    """Add a dashed line from the row `source` to the row `target`, through the rows between them.

    `place` is where the line is drawn, in percent of the width.
    """
    upper, lower = sorted((source, target))
    if upper == lower:
        return
    bars[upper].down.append(place)
    bars[lower].up.append(place)
    for bar in bars[upper + 1 : lower]:
        bar.through.append(place)
