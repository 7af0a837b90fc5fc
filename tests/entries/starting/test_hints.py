"""Tests of hints in the words of a way in: years, websites of other countries, money."""

import pytest

from stemobs.entries.starting import hints


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("First call 1 September to 7 October 2022", 2022),
        ("Registration for 2025/26 until 31 March", 2026),
        ("School years 2018/19 and 2019/20", 2020),
        ("Present round 2025 to 2028", 2028),
        ("Spring, usually April", None),
    ],
)
def test_the_latest_year_is_read(text: str, year: int | None) -> None:
    assert hints.read_latest_year(text) == year


@pytest.mark.parametrize(
    ("home", "others"), [("ES", True), ("SE", False), ("GB", False), ("BE", False)]
)
def test_websites_of_other_countries_are_no_office_at_home(home: str, others: bool) -> None:
    text = "Ask the office of the country, for instance esero.be, esero.se or esero.org.uk."
    assert hints.names_other_countries_only(text, ["BE", "SE", "ES", "GB"], home) == others
    assert not hints.names_other_countries_only("Ask the office.", ["BE"], home)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("Support the programme; firms are thanked at the exhibitions.", True),
        ("Act as partner or donor and show the firm at the final.", True),
        ("Sponsor a school, and send engineers into classes.", False),
        ("Sign up by form.", False),
    ],
)
def test_what_asks_for_money_and_not_for_time_is_told_apart(text: str, money: bool) -> None:
    assert hints.asks_for_money(text) == money
