"""Tests of the colour tokens: contrast in both themes, and differences for colour-blind readers."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from coloraide import Color

ROOT = Path(__file__).parent.parent
SHEET = (ROOT / "static/css/tokens.css").read_text()

TEXT, LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
DIFFERENCE = 15  # required CIEDE2000 distance; about 2 is the smallest visible difference
# Pairs of a text colour and the background that it is used on.
TEXTS = (
    ("ink", "bg"), ("ink", "surface"), ("ink", "sunken"), ("ink-2", "bg"), ("ink-2", "surface"),
    ("ink-2", "sunken"), ("ink-3", "bg"), ("ink-3", "surface"), ("ink-3", "sunken"),
    ("link", "bg"), ("link", "surface"), ("link", "sunken"), ("on-action", "action"),
    ("on-action", "action-hover"), ("on-tint", "tint"), ("ink", "tint"), ("ink", "signal-soft"),
    ("on-signal", "signal"), ("bad", "bad-soft"), ("ink", "bad-soft"), ("good", "good-soft"),
    ("on-night", "night"), ("on-night-2", "night"), ("night-link", "night"), ("surface", "brand"),
    *((f"on-seq-{step}", f"seq-{step}") for step in range(6)),
)  # fmt: skip
# Pairs of a colour of borders, marks, bars or the focus ring, and the surrounding colour.
MARKS = (
    ("line-strong", "bg"), ("line-strong", "surface"), ("brand", "bg"), ("brand", "surface"),
    ("focus", "bg"), ("focus", "focus-halo"), ("signal", "night"),
    *((f"cat-{number}", "bg") for number in (1, 2, 3, 4)),
)  # fmt: skip
# Kinds of colour vision: None is full vision; the others are simulated at full severity, after
# Machado et al., 2009.
EYES = (None, "protan", "deutan", "tritan")


# A token with one value for both themes, or one for each.
TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));")


def tokens(theme: str) -> dict[str, str]:
    colours = TOKEN.findall(SHEET)
    return {
        name: both or (light if theme == "light" else dark) for name, light, dark, both in colours
    }


THEMES = {theme: tokens(theme) for theme in ("light", "dark")}
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))


def test_each_colour_token_defines_its_light_and_dark_value_once() -> None:
    """Sheets have no rules for the dark theme; `color-scheme` selects the value of each token."""
    assert SHEET.count("light-dark(#") > 40
    assert len(TOKEN.findall(SHEET)) == len(THEMES["light"])
    for sheet in SHEETS:
        assert "prefers-color-scheme" not in sheet.read_text(), sheet.name
    for theme in THEMES:
        assert f':root[data-theme="{theme}"] {{ color-scheme: {theme}; }}' in SHEET
    assert re.search(r"^:root \{\n  color-scheme: light dark;", SHEET, re.MULTILINE)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_colours_have_enough_contrast_with_their_background(
    theme: str, ink: str, ground: str
) -> None:
    colours = THEMES[theme]
    assert Color(colours[ink]).contrast(colours[ground]) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_colours_of_marks_have_enough_contrast_with_their_surroundings(
    theme: str, mark: str, ground: str
) -> None:
    colours = THEMES[theme]
    assert Color(colours[mark]).contrast(colours[ground]) >= LARGE


def seen(colour: str, eyes: str | None) -> Color:
    shown = Color(colour)
    return shown.filter(eyes, method="machado") if eyes else shown


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
def test_the_four_category_colours_differ_for_every_kind_of_colour_vision(
    theme: str, eyes: str | None
) -> None:
    classes = [seen(THEMES[theme][f"cat-{number}"], eyes) for number in (1, 2, 3, 4)]
    for one, other in combinations(classes, 2):
        assert one.delta_e(other, method="2000") >= DIFFERENCE, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_the_steps_of_the_colour_scale_change_steadily_in_luminance(theme: str) -> None:
    light = [Color(THEMES[theme][f"seq-{step}"]).luminance() for step in range(6)]
    assert light in (sorted(light), sorted(light, reverse=True))


def test_sheets_use_only_defined_tokens() -> None:
    known = set(re.findall(r"--([\w-]+):", SHEET))
    for sheet in SHEETS:
        text = sheet.read_text()
        own = set(re.findall(r"--([\w-]+):", text))
        assert set(re.findall(r"var\(--([\w-]+)", text)) <= known | own, sheet.name


def test_sheets_use_logical_instead_of_physical_sides() -> None:
    """Logical sides (start, end) follow the direction of writing; left and right do not."""
    sides = (
        r"^\s*(?:(?:margin|padding|border)-(?:left|right)|left|right|text-align:\s*(?:left|right))"
    )
    for sheet in SHEETS:
        assert re.findall(sides, sheet.read_text(), re.MULTILINE) == [], sheet.name
