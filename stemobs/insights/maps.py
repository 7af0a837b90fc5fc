"""Where things stand on the map of Europe: dots, arcs and windows. Knows no HTTP and no colours.

The shapes are in static/europe.svg, one for each country's code, in the same units: 1000 across.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest

Point = tuple[float, float]

# Where a country's dot stands: in its middle, and 30 from any other, so that every one can be hit.
POINTS: Mapping[str, Point] = {
    "AD": (269, 806), "AL": (621, 838), "AM": (1084, 716), "AT": (508, 684), "AZ": (1130, 690),
    "BA": (570, 766), "BE": (341, 604), "BG": (712, 780), "BY": (705, 500), "CH": (392, 708),
    "CY": (898, 931), "CZ": (516, 628), "DE": (433, 599), "DK": (418, 469), "EE": (636, 380),
    "ES": (161, 852), "FI": (616, 285), "FR": (285, 700), "GB": (255, 545), "GE": (1040, 684),
    "GR": (665, 876), "HR": (545, 728), "HU": (595, 690), "IE": (156, 509), "IL": (970, 1006),
    "IS": (130, 182), "IT": (458, 804), "LI": (421, 697), "LT": (628, 470), "LU": (364, 628),
    "LV": (635, 428), "MC": (381, 784), "MD": (745, 657), "ME": (601, 798), "MK": (652, 823),
    "MT": (520, 980), "NL": (358, 567), "NO": (425, 325), "PL": (573, 562), "PT": (75, 844),
    "RO": (695, 705), "RS": (626, 760), "SE": (500, 345), "SI": (513, 721),
    "SK": (598, 650), "SM": (474, 778), "TR": (855, 838), "UA": (770, 610), "VA": (475, 830),
    "XK": (632, 799),
}  # fmt: skip

# Too small to have a shape, and too small to be seen by it.
SHAPELESS = {"SM", "VA"}
SMALL = {"AD", "LI", "LU", "MC", "MT", *SHAPELESS}

# The part of Europe that every map shows, and where the dots of those beyond its edge stand in it.
FRAME = (40, 60, 880, 950)
AT_THE_EDGE: Mapping[str, Point] = {
    "GE": (896, 672), "AZ": (896, 706), "AM": (896, 740), "IL": (896, 984),
}  # fmt: skip

SMALLEST, LARGEST = 10.0, 22.0  # radius of a dot
DIGIT, RIM = 4.3, 5.0  # half the width of a digit, and what must stay free around a number
BEND = 0.16  # how far an arc leaves the straight line
MOST_STEPS = 5  # classes of a choropleth
MARGIN = 130  # around what a window shows
NARROWEST = 460
SHAPE = 1.8  # width to height of a window
SHOWN = 1.15  # width to height of its part that no text covers


@dataclass(frozen=True)
class Place:
    """A country on the map, and how much there is of what the map shows."""

    code: str
    name: str
    number: int

    @property
    def point(self) -> Point:
        return find_point(self.code)

    @property
    def x(self) -> float:
        return self.point[0]

    @property
    def y(self) -> float:
        return self.point[1]

    @property
    def away(self) -> Point | None:
        """Return where the country really lies, if that is beyond the edge."""
        return POINTS[self.code] if self.code in AT_THE_EDGE else None

    @property
    def true_x(self) -> float:
        return POINTS[self.code][0]

    @property
    def true_y(self) -> float:
        return POINTS[self.code][1]

    @property
    def is_small(self) -> bool:
        """Whether it needs a dot to be seen."""
        return self.code in SMALL

    @property
    def has_shape(self) -> bool:
        return self.code not in SHAPELESS

    @property
    def baseline(self) -> float:
        """Return where the number stands, so that it looks centred."""
        return self.y + 5


@dataclass(frozen=True)
class Dot(Place):
    """A country as a circle, the larger the more there is."""

    radius: float
    # The selection that it leads to; "" for the page of the country.
    query: str = ""

    @property
    def is_readable(self) -> bool:
        """Whether the number finds room in the circle."""
        return self.radius >= DIGIT * len(str(self.number)) + RIM


@dataclass(frozen=True)
class Area(Place):
    """A country filled by its class, 0 for nothing."""

    step: int


@dataclass(frozen=True)
class Step:
    """A class of a choropleth: its number, and where it begins and ends; the last has no end."""

    number: int
    first: int
    last: int | None


def make_dots(numbers: Mapping[str, int], names: Mapping[str, str]) -> list[Dot]:
    """Return a dot for each country that has something and is on the map, the largest first."""
    most = max(numbers.values(), default=0)
    found = [
        Dot(code, names.get(code, code), number, compute_radius(number, most))
        for code, number in numbers.items()
        if number and code in POINTS
    ]
    return sorted(found, key=lambda dot: (-dot.number, dot.name))


def make_areas(numbers: Mapping[str, int], names: Mapping[str, str]) -> list[Area]:
    """Return every country on the map with its class, by name, dots last to lie on top."""
    classes = make_steps(numbers.values())
    found = [
        Area(code, name, numbers.get(code, 0), find_step(numbers.get(code, 0), classes))
        for code, name in names.items()
        if code in POINTS
    ]
    return sorted(found, key=lambda area: (area.is_small or bool(area.away), area.name))


def compute_radius(number: int, most: int) -> float:
    """Return a dot's radius: its area grows with the number, and none is too small to see."""
    share = math.sqrt(number / most) if most else 0
    return round(SMALLEST + (LARGEST - SMALLEST) * share, 1)


def find_point(code: str) -> Point:
    """Return where a country's dot stands."""
    return AT_THE_EDGE.get(code, POINTS[code])


def draw_arc(origin: str, target: str, where: Callable[[str], Point] = find_point) -> str:
    """Return the path of an arc from one country to another; "" where one is not on the map."""
    if origin not in POINTS or target not in POINTS or origin == target:
        return ""
    (x, y), (to_x, to_y) = where(origin), where(target)
    middle_x = (x + to_x) / 2 + (to_y - y) * BEND
    middle_y = (y + to_y) / 2 - (to_x - x) * BEND
    return f"M{x:g} {y:g}Q{middle_x:.0f} {middle_y:.0f} {to_x:g} {to_y:g}"


def draw_arcs(
    pairs: Iterable[tuple[str, str]], where: Callable[[str], Point] = find_point
) -> list[str]:
    """Return an arc for each pair of countries, once."""
    paths = (draw_arc(origin, target, where) for origin, target in dict.fromkeys(pairs))
    return [path for path in paths if path]


def make_view_box(code: str, others: Iterable[str] = ()) -> str:
    """Return a view box around a country and those it is tied to; "" if it is off the map."""
    if code not in POINTS:
        return ""
    points = [POINTS[one] for one in chain([code], others) if one in POINTS]
    left, right = min(x for x, _y in points), max(x for x, _y in points)
    top, bottom = min(y for _x, y in points), max(y for _x, y in points)
    height = max(NARROWEST, bottom - top + 2 * MARGIN, (right - left + 2 * MARGIN) / SHOWN)
    width = height * SHAPE
    # What matters stands on the right: on wide screens text covers the rest.
    corner_x = (left + right + height * SHOWN) / 2 - width
    corner_y = (top + bottom - height) / 2
    return f"{corner_x:.0f} {corner_y:.0f} {width:.0f} {height:.0f}"


def find_nearest(code: str, numbers: Mapping[str, int], most: int) -> list[str]:
    """Return the countries next to one that have something, the nearest first."""
    if code not in POINTS:
        return []
    others = [other for other in POINTS if other != code and numbers.get(other)]
    return sorted(others, key=lambda other: math.dist(POINTS[code], POINTS[other]))[:most]


def make_steps(numbers: Iterable[int]) -> list[Step]:
    """Return the classes of a choropleth: 1, 2–3, 4–7, 8–15 …, as far as there are numbers.

    Each is twice as wide as the one before, because most countries have few and some have many.
    """
    most = max(numbers, default=0)
    firsts = [2**power for power in range(MOST_STEPS) if 2**power <= most]
    lasts = [first - 1 for first in firsts[1:]]
    return [
        Step(number, first, last)
        for number, (first, last) in enumerate(zip_longest(firsts, lasts), start=1)
    ]


def find_step(number: int, classes: Iterable[Step]) -> int:
    """Return the class of a number, 0 for nothing."""
    return sum(number >= one.first for one in classes)
