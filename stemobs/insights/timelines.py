"""When things ran, as bars on a common axis of years; knows no HTTP and no colours.

The template that draws a timeline is a list of links in words, with the bars as decoration: it
needs no second list beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from partnerships.models import NationalPlatform, Strategy
from programmes.models import Programme
from stemobs.entries import wording

# Years between the lines of the axis: the first that needs no more than so many lines.
STEPS = (1, 2, 5, 10, 20, 50, 100)
MOST_LINES = 8
# Where the end is not recorded a bar breaks up: pieces that shrink, years after it and years long.
BREAKING_UP = ((0.4, 0.8), (1.5, 0.5), (2.3, 0.25))
ROOM = 4  # years after the last one, for these pieces
EDGE = 3  # percent
# From here on, in percent, a label stands left of the place where its bar begins.
LATE = 62


@dataclass(frozen=True)
class Span:
    """When something ran. `known_until` is its end, or the last year that it is known to run in."""

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
        """The last year that is drawn in full."""
        return max(self.start, self.known_until or self.start)

    @property
    def years(self) -> str:
        """Return the years in words."""
        if self.has_ended:
            return wording.format_years(self.start, self.last)
        if self.known_until is None:
            return _("from {start}, end not recorded").format(start=self.start)
        return _("from {start}, still running in {last}").format(start=self.start, last=self.last)


@dataclass(frozen=True)
class SpanLink:
    """One thing became another: the key of the first, that of the second, and when."""

    source: str
    target: str
    year: int


@dataclass(frozen=True)
class Piece:
    """A part of a bar, in percent of the width."""

    x: float
    width: float


@dataclass(frozen=True)
class AxisLine:
    """A line of the axis: its year, its place, and how the year is aligned to it."""

    year: int
    x: float
    anchor: str


@dataclass(frozen=True)
class Axis:
    """The years from left to right; places are in percent of the width."""

    first: int
    last: int
    step: int

    @classmethod
    def around(cls, years: Sequence[int]) -> "Axis":
        """Return an axis with all these years and room for what follows them."""
        earliest, latest = min(years), max(years) + ROOM
        step = next((s for s in STEPS if (latest - earliest) / s < MOST_LINES), STEPS[-1])
        return cls(earliest // step * step, latest, step)

    def at(self, year: float) -> float:
        return round(100 * (year - self.first) / (self.last - self.first), 2)

    def length(self, years: float) -> float:
        return round(100 * years / (self.last - self.first), 2)

    @property
    def lines(self) -> list[AxisLine]:
        """Return the lines to draw, with their years."""
        years = range(self.first, self.last + 1, self.step)
        return [AxisLine(year, self.at(year), choose_anchor(self.at(year))) for year in years]


def choose_anchor(place: float) -> str:
    """Return how a word at a place is aligned, so that it stays within the drawing."""
    return "start" if place < EDGE else "end" if place > 100 - EDGE else "middle"


@dataclass(frozen=True)
class Bar:
    """A span as it is drawn."""

    span: Span
    pieces: list[Piece]
    origins: list[tuple[Span, int]]  # what it was made from, and when
    dots: list[float]  # where links arrive
    # Dashed lines: through the whole row, and from its bar to the next or the previous row.
    through: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)
    up: list[float] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Whether the label stands at the far end, where it has room."""
        return self.pieces[0].x > LATE

    @property
    def label_at(self) -> int:
        """Return where the label begins, in steps of 5 percent."""
        return 0 if self.is_late else int(self.pieces[0].x // 5) * 5


@dataclass(frozen=True)
class Timeline:
    """Bars in order, and the lines of the axis."""

    bars: list[Bar]
    lines: list[AxisLine]

    def __bool__(self) -> bool:
        return bool(self.bars)

    @property
    def has_strategies(self) -> bool:
        return any(bar.span.is_strategy for bar in self.bars)

    @property
    def has_open_ends(self) -> bool:
        return any(not bar.span.has_ended for bar in self.bars)

    @property
    def has_links(self) -> bool:
        return any(bar.dots for bar in self.bars)


def make_span(programme: Programme) -> Span | None:
    """Return when a programme ran, with its countries loaded; None without a start year."""
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
    """Return when a platform or strategy ran; None without a start year."""
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
    """Return the country, or the scope where there are several or none."""
    countries = [country.name for country in programme.countries.all()]
    return countries[0] if len(countries) == 1 else str(programme.get_scope_display())


def make_timeline(spans: Sequence[Span], links: Sequence[SpanLink] = ()) -> Timeline:
    """Place spans on one axis, in their order; a link needs both its ends among them."""
    if not spans:
        return Timeline([], [])
    rows = {span.key: row for row, span in enumerate(spans)}
    known = [link for link in links if {link.source, link.target} <= rows.keys()]
    ends = [year for span in spans for year in (span.start, span.last)]
    axis = Axis.around([*ends, *(link.year for link in known)])
    bars = [Bar(span, make_pieces(span, axis), [], []) for span in spans]
    for link in known:
        source, target = rows[link.source], rows[link.target]
        bars[target].origins.append((spans[source], link.year))
        bars[target].dots.append(axis.at(link.year))
        connect_bars(bars, source, target, axis.at(link.year))
    return Timeline(bars, axis.lines)


def make_pieces(span: Span, axis: Axis) -> list[Piece]:
    """Return the bar, and where its end is not recorded what it breaks up into."""
    # What began and ended in one year ran for some of it.
    whole = max(span.last - span.start, 1)
    pieces = [Piece(axis.at(span.start), axis.length(whole))]
    if not span.has_ended:
        end = span.start + whole
        pieces += [Piece(axis.at(end + gap), axis.length(years)) for gap, years in BREAKING_UP]
    return pieces


def connect_bars(bars: Sequence[Bar], source: int, target: int, place: float) -> None:
    """Draw a line from one row to another, through those between."""
    upper, lower = sorted((source, target))
    if upper == lower:
        return
    bars[upper].down.append(place)
    bars[lower].up.append(place)
    for bar in bars[upper + 1 : lower]:
        bar.through.append(place)
