"""Where countries stand on the map, and the file with their shapes."""

import math
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings

from programmes.models import Country
from stemobs.insights import maps

SVG = Path(settings.BASE_DIR) / "static" / "europe.svg"
MOST_BYTES = 60_000
# A target of 24 pixels on the narrowest screen whose dots are links: 41 rem and a gutter for the
# width of the frame.
PIXELS_PER_UNIT = (41 + 2.5) * 16 / maps.FRAME[2]


def shapes() -> set[str]:
    return set(re.findall(r'<path id="([A-Z]{2})"', SVG.read_text()))


def everywhere(number: int = 1) -> list[maps.Dot]:
    return maps.make_dots(dict.fromkeys(maps.POINTS, number), {})


def test_every_country_on_the_map_has_a_shape_or_is_known_to_be_too_small_for_one() -> None:
    assert maps.POINTS.keys() - shapes() == maps.SHAPELESS
    assert shapes() <= maps.POINTS.keys()


def test_the_shapes_have_the_codes_of_iso_3166() -> None:
    assert {"GB", "GR", "XK"} <= shapes()
    assert not {"UK", "EL"} & shapes()


@pytest.mark.django_db
def test_every_european_country_of_the_catalogue_is_on_the_map() -> None:
    beyond = {"CU", "ET", "JP", "KG", "KR", "MA", "RU", "US"}
    assert set(Country.objects.values_list("code", flat=True)) - maps.POINTS.keys() == beyond


def test_the_file_is_small_and_says_where_its_shapes_come_from() -> None:
    text = SVG.read_text()
    assert len(text.encode()) <= MOST_BYTES
    assert "Natural Earth" in text
    assert "world-atlas" in text


def corners(code: str) -> Iterator[maps.Point]:
    """Yield the corners of a shape, in the units of the map."""
    path = re.search(rf'<path id="{code}" d="([^"]+)"', SVG.read_text())
    assert path
    x = y = 0.0
    start = (x, y)
    for letter, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path[1]):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        if letter in "zZ":
            x, y = start
        for place, (to_x, to_y) in enumerate(steps(letter, numbers)):
            is_relative = letter.islower()
            x = x if to_x is None else to_x + x * is_relative
            y = y if to_y is None else to_y + y * is_relative
            if letter in "mM" and not place:
                start = (x, y)
            yield x, y


def steps(letter: str, numbers: list[float]) -> Iterator[tuple[float | None, float | None]]:
    """Yield the steps of a part of a path: across, down, or both."""
    match letter.lower():
        case "h":
            yield from ((n, None) for n in numbers)
        case "v":
            yield from ((None, n) for n in numbers)
        case _:
            yield from zip(numbers[::2], numbers[1::2], strict=True)


@pytest.mark.parametrize("code", sorted(maps.POINTS.keys() - maps.SHAPELESS))
def test_a_dot_stands_at_its_country(code: str) -> None:
    assert min(math.dist(maps.POINTS[code], corner) for corner in corners(code)) < 80


def test_dots_are_far_enough_apart_to_be_hit_one_by_one() -> None:
    nearest = min(math.dist((a.x, a.y), (b.x, b.y)) for a, b in combinations(everywhere(), 2))
    assert nearest * PIXELS_PER_UNIT >= 24


def test_every_dot_is_within_the_frame_that_all_screens_show() -> None:
    left, top, width, height = maps.FRAME
    for dot in everywhere():
        assert left + dot.radius <= dot.x <= left + width - dot.radius, dot.code
        assert top + dot.radius <= dot.y <= top + height - dot.radius, dot.code


def test_a_country_beyond_the_edge_has_its_dot_inside_and_says_where_it_lies() -> None:
    (armenia,) = maps.make_dots({"AM": 1}, {"AM": "Armenia"})
    assert (armenia.x, armenia.y) == maps.AT_THE_EDGE["AM"]
    assert armenia.away == maps.POINTS["AM"]


def test_the_largest_dot_comes_first_and_equals_follow_by_name() -> None:
    names = {"NL": "Netherlands", "BE": "Belgium", "DE": "Germany"}
    found = maps.make_dots({"NL": 2, "DE": 9, "BE": 2}, names)
    assert [dot.name for dot in found] == ["Germany", "Belgium", "Netherlands"]


def test_countries_without_anything_and_those_off_the_map_have_no_dot() -> None:
    assert maps.make_dots({"NL": 0, "JP": 3, "none": 4, "QQ": 1}, {}) == []


@pytest.mark.parametrize(("number", "most"), [(1, 1), (1, 16), (16, 16), (1, 100_000), (0, 0)])
def test_a_dot_is_never_too_small_nor_too_large(number: int, most: int) -> None:
    assert maps.SMALLEST <= maps.compute_radius(number, most) <= maps.LARGEST


@pytest.mark.parametrize(
    ("number", "most", "is_readable"),
    [(1, 16, True), (16, 16, True), (12, 100_000, False), (12_345, 12_345, False)],
)
def test_a_number_is_written_only_where_it_fits(number: int, most: int, is_readable: bool) -> None:
    found = {dot.code: dot for dot in maps.make_dots({"NL": number, "DE": most}, {})}
    assert found["NL"].is_readable is is_readable


def test_an_arc_joins_two_dots_and_nothing_else() -> None:
    assert maps.draw_arc("NL", "DK").startswith("M358 567Q")
    assert maps.draw_arc("NL", "DK").endswith(" 418 469")
    assert maps.draw_arc("NL", "NL") == maps.draw_arc("NL", "JP") == maps.draw_arc("QQ", "NL") == ""


def test_two_journeys_between_the_same_countries_are_one_arc() -> None:
    assert len(maps.draw_arcs([("NL", "DK"), ("NL", "DK"), ("NL", "ES"), ("NL", "NL")])) == 2


def box(window: str) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, window.split())
    return left, top, left + width, top + height


@pytest.mark.parametrize("others", [[], ["DK"], ["ES", "EE", "AM"], ["JP"]])
def test_a_window_shows_a_country_and_all_that_it_is_tied_to(others: list[str]) -> None:
    left, top, right, bottom = box(maps.make_view_box("NL", others))
    for code in ["NL", *(code for code in others if code in maps.POINTS)]:
        x, y = maps.POINTS[code]
        assert left < x < right
        assert top < y < bottom


def test_what_is_off_the_map_has_no_window() -> None:
    assert maps.make_view_box("JP") == ""


def test_each_class_is_twice_as_wide_as_the_one_before_and_the_last_is_open() -> None:
    classes = maps.make_steps([1, 16, 3])
    assert [(one.first, one.last) for one in classes] == [
        (1, 1), (2, 3), (4, 7), (8, 15), (16, None),
    ]  # fmt: skip
    assert maps.make_steps([]) == maps.make_steps([0]) == []
    assert [maps.find_step(n, classes) for n in (0, 1, 2, 3, 4, 1000)] == [0, 1, 2, 2, 3, 5]


def test_every_country_on_the_map_is_filled_by_its_class_and_small_ones_lie_on_top() -> None:
    names = {"VA": "Vatican City", "NL": "Netherlands", "JP": "Japan", "AT": "Austria"}
    found = maps.make_areas({"NL": 16, "VA": 2}, names)
    assert [(area.name, area.step) for area in found] == [
        ("Austria", 0), ("Netherlands", 5), ("Vatican City", 2),
    ]  # fmt: skip
