"""The names of countries and languages that partners may write, as Babel reads them from CLDR.

`write_countries` and `write_languages` write the files; call them in `manage.py shell`.
"""

from collections.abc import Iterable

import yaml
from babel import Locale
from babel.core import get_global

from programmes.models.terms import COUNTRY_CODES
from stemobs.catalogue.meanings import read_file
from stemobs.curation.importing.meanings.tables import WORDS
from tests.catalogue.countries import LANGUAGES

READERS = sorted({*LANGUAGES, "nb"})
# Languages of partners in which nobody searches here; their names stand beside those of the search.
NEIGHBOURS = ("is", "lb", "mk", "ru", "sq", "sr", "tr", "uk")
# Languages of the EU, of its neighbours, and of large groups of pupils.
TAUGHT = (
    "ar", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr",
    "ga", "gl", "he", "hr", "hu", "hy", "is", "it", "ka", "lb", "lt", "lv", "mk", "mt", "nl", "no",
    "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk",
)  # fmt: skip
HEAD = "# From CLDR, in the languages in which partners write. `{}` of the tests makes it.\n\n"


def list_countries() -> dict[str, list[str]]:
    """Return the code of three letters and the names of each country that the search lacks."""
    letters = {
        two[0]: three
        for three, two in sorted(get_global("territory_aliases").items(), reverse=True)
        if len(three) == 3 and three.isalpha() and len(two) == 1
    }
    letters |= {"RO": "ROU", "DE": "DEU", "FR": "FRA", "XK": "XKX", "RS": "SRB"}
    codes = sorted(COUNTRY_CODES)
    searched = read_file("countries.yaml")
    names = {one: Locale(one).territories for one in (*READERS, *NEIGHBOURS)}
    return {
        code: [
            letters.get(code, ""),
            *collect(
                names[one].get(code, "") for one in (NEIGHBOURS if code in searched else names)
            ),
        ]
        for code in codes
    }


def list_languages() -> dict[str, list[str]]:
    """Return the names of each language by its code."""
    names = [Locale(language).languages for language in READERS]
    return {code: collect(one[code] for one in names if code in one) for code in TAUGHT}


def collect(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name})


def dump(rows: dict[str, list[str]]) -> str:
    return yaml.safe_dump(rows, allow_unicode=True, default_flow_style=None, width=96)


def write_countries() -> None:
    text = HEAD.format("write_countries") + dump(list_countries())
    (WORDS / "countries.yaml").write_text(text, encoding="utf-8")


def write_languages() -> None:
    text = HEAD.format("write_languages") + dump(list_languages())
    (WORDS / "languages.yaml").write_text(text, encoding="utf-8")
