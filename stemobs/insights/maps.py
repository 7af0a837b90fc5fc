"""The map of Europe: dots, filled countries, arcs between countries, and sections of the map.

The outlines are in static/europe.svg, one for each country's code. Coordinates are in the units of
that file: 1000 from left to right. Nothing here knows of HTTP or of colours.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest

Point = tuple[float, float]

# The middle of each country, where its dot is drawn. Dots are at least 30 units apart, so that each
# can be hit with a finger.
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

# Countries without an outline in the file; and countries whose outline is too small to be seen.
SHAPELESS = {"SM", "VA"}
SMALL = {"AD", "LI", "LU", "MC", "MT", *SHAPELESS}

# The part of Europe that every map shows (left, top, width, height), and where it draws the dots of
# countries beyond its edge.
FRAME = (40, 60, 880, 950)
AT_THE_EDGE: Mapping[str, Point] = {
    "GE": (896, 672), "AZ": (896, 706), "AM": (896, 740), "IL": (896, 984),
}  # fmt: skip

SMALLEST, LARGEST = 10.0, 22.0  # radius of a dot
DIGIT, RIM = 4.3, 5.0  # half the width of a digit, and the free space around a number in a dot
BEND = 0.16  # how far the control point of an arc lies off the straight line, by its length
MOST_STEPS = 5  # classes of a choropleth
# How far the outlines of large countries reach left, up, right and down from their points. All
# other outlines lie within NEAR of their points.
NEAR = 100
OUTLINES: Mapping[str, tuple[float, float, float, float]] = {
    "DE": (71, 100, 75, 94), "ES": (88, 107, 155, 95), "FI": (90, 190, 59, 74),
    "FR": (105, 109, 135, 144), "GB": (92, 204, 45, 53), "GR": (47, 74, 137, 102),
    "IT": (90, 105, 136, 156), "NO": (155, 258, 188, 95), "SE": (56, 212, 76, 143),
    "TR": (121, 134, 258, 86), "UA": (138, 105, 152, 94),
}  # fmt: skip
SOUTH = 1060  # where the outlines end
NARROWEST = 460  # least width and height of a section of the map
RIM_OF_SECTION = 30  # free space around the outline of a country
NAME_SIZE = 0.033  # size of the names of countries, by the longer side of the section
NAMED = (140, 80)  # free space beside, and above and below, the point of a country with its name


@dataclass(frozen=True)
class Place:
    """A country on the map with the number that the map shows for it, such as its programmes."""

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
        """Return the country's true position if it lies beyond the edge of the map, else None."""
        return POINTS[self.code] if self.code in AT_THE_EDGE else None

    @property
    def true_x(self) -> float:
        return POINTS[self.code][0]

    @property
    def true_y(self) -> float:
        return POINTS[self.code][1]

    @property
    def is_small(self) -> bool:
        """Whether the country is too small to be seen without a dot."""
        return self.code in SMALL

    @property
    def has_shape(self) -> bool:
        return self.code not in SHAPELESS

    @property
    def baseline(self) -> float:
        """Return the y coordinate of the baseline on which the number looks centred in its dot."""
        return self.y + 5


@dataclass(frozen=True)
class Dot(Place):
    """A country drawn as a circle, whose area grows with its number."""

    radius: float
    # Query string of the list that the dot links to; "" where it links to the page of the country.
    query: str = ""

    @property
    def is_readable(self) -> bool:
        """Whether the circle is large enough to hold the number."""
        return self.radius >= DIGIT * len(str(self.number)) + RIM


@dataclass(frozen=True)
class Area(Place):
    """A country filled with the shade of its class (`step`), which is 0 if its number is 0."""

    step: int


@dataclass(frozen=True)
class Step:
    """A class of the filled map: its number from 1, its least and its largest count.

    The highest class has no largest count (None).
    """

    number: int
    first: int
    last: int | None


def make_dots(numbers: Mapping[str, int], names: Mapping[str, str]) -> list[Dot]:
    """Return a dot for each country on the map whose number is above 0, the largest first."""
    most = max(numbers.values(), default=0)
    found = [
        Dot(code, names.get(code, code), number, compute_radius(number, most))
        for code, number in numbers.items()
        if number and code in POINTS
    ]
    return sorted(found, key=lambda dot: (-dot.number, dot.name))


def make_areas(numbers: Mapping[str, int], names: Mapping[str, str]) -> list[Area]:
    """Return every country of `names` that is on the map, filled by its class, ordered by name.

    Countries that are drawn as dots come last, so that they lie on top.
    """
    classes = make_steps(numbers.values())
    found = [
        Area(code, name, numbers.get(code, 0), find_step(numbers.get(code, 0), classes))
        for code, name in names.items()
        if code in POINTS
    ]
    return sorted(found, key=lambda area: (area.is_small or bool(area.away), area.name))


def compute_radius(number: int, most: int) -> float:
    """Return the radius of a dot, between SMALLEST and LARGEST; `most` is the largest number."""
    share = math.sqrt(number / most) if most else 0
    return round(SMALLEST + (LARGEST - SMALLEST) * share, 1)


def find_point(code: str) -> Point:
    """Return the coordinates of a country's dot, which lie within the frame of the map."""
    return AT_THE_EDGE.get(code, POINTS[code])


def draw_arc(origin: str, target: str, where: Callable[[str], Point] = find_point) -> str:
    """Return the SVG path of an arc between two countries; "" if either is not on the map.

    `where` gives the coordinates of a country.
    """
    if origin not in POINTS or target not in POINTS or origin == target:
        return ""
    (x, y), (to_x, to_y) = where(origin), where(target)
    middle_x = (x + to_x) / 2 + (to_y - y) * BEND
    middle_y = (y + to_y) / 2 - (to_x - x) * BEND
    return f"M{x:g} {y:g}Q{middle_x:.0f} {middle_y:.0f} {to_x:g} {to_y:g}"


def draw_arcs(
    pairs: Iterable[tuple[str, str]], where: Callable[[str], Point] = find_point
) -> list[str]:
    """Return the SVG paths of arcs between pairs of countries; a pair that repeats has one arc."""
    paths = (draw_arc(origin, target, where) for origin, target in dict.fromkeys(pairs))
    return [path for path in paths if path]


def make_view_box(code: str, others: Iterable[str] = ()) -> str:
    """Return the SVG view box of the section of the map that shows a country and some `others`.

    It holds the outline of the country, and the points and names of the others. Return "" if the
    country is not on the map.
    """
    if code not in POINTS:
        return ""
    x, y = POINTS[code]
    left, up, right, down = (RIM_OF_SECTION + far for far in OUTLINES.get(code, (NEAR,) * 4))
    aside, apart = NAMED
    points = [POINTS[other] for other in others if other in POINTS]
    xs = [x - left, x + right, *chain.from_iterable((x - aside, x + aside) for x, _y in points)]
    ys = [y - up, y + down, *chain.from_iterable((y - apart, y + apart) for _x, y in points)]
    width, height = (max(NARROWEST, max(some) - min(some)) for some in (xs, ys))
    corner_x = (max(xs) + min(xs) - width) / 2
    corner_y = min((max(ys) + min(ys)) / 2, SOUTH - height / 2) - height / 2
    return f"{corner_x:.0f} {corner_y:.0f} {width:.0f} {height:.0f}"


def measure_names(window: str) -> int:
    """Return the size of the names in a section of the map, so that all maps show them alike."""
    return round(max(map(float, window.split()[2:]), default=0) * NAME_SIZE)


def find_nearest(code: str, numbers: Mapping[str, int], most: int) -> list[str]:
    """Return up to `most` countries whose number is above 0, those nearest to `code` first."""
    if code not in POINTS:
        return []
    others = [other for other in POINTS if other != code and numbers.get(other)]
    return sorted(others, key=lambda other: math.dist(POINTS[code], POINTS[other]))[:most]


def make_steps(numbers: Iterable[int]) -> list[Step]:
    """Return the classes of the filled map: 1, 2–3, 4–7, 8–15 …, up to the largest number.

    Each class is twice as wide as the one before it, because most countries have few programmes and
    some have many.
    """
    most = max(numbers, default=0)
    firsts = [2**power for power in range(MOST_STEPS) if 2**power <= most]
    lasts = [first - 1 for first in firsts[1:]]
    return [
        Step(number, first, last)
        for number, (first, last) in enumerate(zip_longest(firsts, lasts), start=1)
    ]


def find_step(number: int, classes: Iterable[Step]) -> int:
    """Return the number of the class that a count belongs to, or 0 for a count of 0."""
    return sum(number >= one.first for one in classes)
