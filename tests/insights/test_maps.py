"""The map of Europe: dots, arcs, sections and classes, and the file of countries' outlines."""

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
# Dots are links from a screen width of 41 rem on; there the frame is 41 rem and a gutter wide. A
# target must measure 24 pixels.
PIXELS_PER_UNIT = (41 + 2.5) * 16 / maps.FRAME[2]


def list_shape_codes() -> set[str]:
    return set(re.findall(r'<path id="([A-Z]{2})"', SVG.read_text()))


def make_all_dots(number: int = 1) -> list[maps.Dot]:
    return maps.make_dots(dict.fromkeys(maps.POINTS, number), {})


def test_every_country_on_the_map_has_an_outline_unless_it_is_listed_as_shapeless() -> None:
    assert maps.POINTS.keys() - list_shape_codes() == maps.SHAPELESS
    assert list_shape_codes() <= maps.POINTS.keys()


def test_outlines_are_named_by_iso_codes_such_as_gb_and_gr() -> None:
    assert {"GB", "GR", "XK"} <= list_shape_codes()
    assert not {"UK", "EL"} & list_shape_codes()


@pytest.mark.django_db
def test_every_european_country_of_the_catalogue_is_on_the_map() -> None:
    beyond = {"CU", "ET", "JP", "KG", "KR", "MA", "RU", "US"}
    assert set(Country.objects.values_list("code", flat=True)) - maps.POINTS.keys() == beyond


def test_the_file_of_outlines_is_small_and_names_its_source() -> None:
    text = SVG.read_text()
    assert len(text.encode()) <= MOST_BYTES
    assert "Natural Earth" in text
    assert "world-atlas" in text


def list_corners(code: str) -> Iterator[maps.Point]:
    """Yield the corners of a country's outline, in the units of the map."""
    path = re.search(rf'<path id="{code}" d="([^"]+)"', SVG.read_text())
    assert path
    x = y = 0.0
    start = (x, y)
    for letter, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path[1]):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        if letter in "zZ":
            x, y = start
        for place, (to_x, to_y) in enumerate(split_into_steps(letter, numbers)):
            is_relative = letter.islower()
            x = x if to_x is None else to_x + x * is_relative
            y = y if to_y is None else to_y + y * is_relative
            if letter in "mM" and not place:
                start = (x, y)
            yield x, y


def split_into_steps(
    letter: str, numbers: list[float]
) -> Iterator[tuple[float | None, float | None]]:
    """Yield x and y of each step of a path command; None where the command has only the other."""
    match letter.lower():
        case "h":
            yield from ((n, None) for n in numbers)
        case "v":
            yield from ((None, n) for n in numbers)
        case _:
            yield from zip(numbers[::2], numbers[1::2], strict=True)


@pytest.mark.parametrize("code", sorted(maps.POINTS.keys() - maps.SHAPELESS))
def test_a_dot_lies_near_the_outline_of_its_country(code: str) -> None:
    assert min(math.dist(maps.POINTS[code], corner) for corner in list_corners(code)) < 80


def test_dots_are_at_least_24_pixels_apart() -> None:
    nearest = min(math.dist((a.x, a.y), (b.x, b.y)) for a, b in combinations(make_all_dots(), 2))
    assert nearest * PIXELS_PER_UNIT >= 24


def test_every_dot_lies_within_the_frame() -> None:
    left, top, width, height = maps.FRAME
    for dot in make_all_dots():
        assert left + dot.radius <= dot.x <= left + width - dot.radius, dot.code
        assert top + dot.radius <= dot.y <= top + height - dot.radius, dot.code


def test_a_country_beyond_the_edge_has_its_dot_within_and_keeps_its_true_position() -> None:
    (armenia,) = maps.make_dots({"AM": 1}, {"AM": "Armenia"})
    assert (armenia.x, armenia.y) == maps.AT_THE_EDGE["AM"]
    assert armenia.away == maps.POINTS["AM"]


def test_the_largest_dot_comes_first_and_equals_follow_by_name() -> None:
    names = {"NL": "Netherlands", "BE": "Belgium", "DE": "Germany"}
    found = maps.make_dots({"NL": 2, "DE": 9, "BE": 2}, names)
    assert [dot.name for dot in found] == ["Germany", "Belgium", "Netherlands"]


def test_countries_with_number_0_or_off_the_map_have_no_dot() -> None:
    assert maps.make_dots({"NL": 0, "JP": 3, "none": 4, "QQ": 1}, {}) == []


@pytest.mark.parametrize(("number", "most"), [(1, 1), (1, 16), (16, 16), (1, 100_000), (0, 0)])
def test_the_radius_of_a_dot_stays_between_smallest_and_largest(number: int, most: int) -> None:
    assert maps.SMALLEST <= maps.compute_radius(number, most) <= maps.LARGEST


@pytest.mark.parametrize(
    ("number", "most", "is_readable"),
    [(1, 16, True), (16, 16, True), (12, 100_000, False), (12_345, 12_345, False)],
)
def test_a_dot_is_readable_only_if_its_number_fits_into_it(
    number: int, most: int, is_readable: bool
) -> None:
    found = {dot.code: dot for dot in maps.make_dots({"NL": number, "DE": most}, {})}
    assert found["NL"].is_readable is is_readable


def test_an_arc_needs_two_different_countries_on_the_map() -> None:
    assert maps.draw_arc("NL", "DK").startswith("M358 567Q")
    assert maps.draw_arc("NL", "DK").endswith(" 418 469")
    assert maps.draw_arc("NL", "NL") == maps.draw_arc("NL", "JP") == maps.draw_arc("QQ", "NL") == ""


def test_two_journeys_between_the_same_countries_are_one_arc() -> None:
    assert len(maps.draw_arcs([("NL", "DK"), ("NL", "DK"), ("NL", "ES"), ("NL", "NL")])) == 2


def parse_view_box(window: str) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, window.split())
    return left, top, left + width, top + height


@pytest.mark.parametrize("others", [[], ["DK"], ["ES", "EE", "AM"], ["JP"]])
def test_the_view_box_holds_a_country_and_the_others_on_the_map(others: list[str]) -> None:
    left, top, right, bottom = parse_view_box(maps.make_view_box("NL", others))
    for code in ["NL", *(code for code in others if code in maps.POINTS)]:
        x, y = maps.POINTS[code]
        assert left < x < right
        assert top < y < bottom


@pytest.mark.parametrize("code", sorted(maps.POINTS.keys() - maps.SHAPELESS))
def test_the_view_box_holds_the_whole_outline_of_its_country(code: str) -> None:
    left, top, right, bottom = parse_view_box(maps.make_view_box(code))
    across, down = zip(*list_corners(code), strict=True)
    assert left + 20 < min(across) < max(across) < right - 20
    assert top + 20 < min(down) < max(down) < bottom


def test_names_have_a_size_by_the_longer_side_of_their_section() -> None:
    assert maps.measure_names("10 20 1000 460") == maps.measure_names("0 0 460 1000") == 33
    assert maps.measure_names("") == 0


def test_a_country_off_the_map_has_no_view_box() -> None:
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
