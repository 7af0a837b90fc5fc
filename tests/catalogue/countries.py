"""The names of countries in the 24 official languages of the EU, as Babel reads them from CLDR.

`write_names` writes the file that the search reads; call it in `manage.py shell`.
"""

from pathlib import Path

import yaml
from babel import Locale

from programmes.models.terms import EUROPE
from stemobs.catalogue.meanings import WORDS

LANGUAGES = [
    "bg", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "hu", "ga", "it", "lv", "lt",
    "mt", "pl", "pt", "ro", "sk", "sl", "es", "sv",
]  # fmt: skip
FILE = WORDS / "countries.yaml"
VOCABULARY = Path(__file__).parents[2] / "fixtures" / "2-vocabularies" / "countries.yaml"
HEAD = """\
# What the countries of Europe and of the vocabulary are called in the 24 official languages of the
# EU, from CLDR, for search only: nothing shows these names. `write_names` of the tests makes it.

"""


def list_names() -> dict[str, list[str]]:
    """Return the names of each country by its code, those that several languages share once."""
    rows = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    codes = EUROPE | {row["fields"]["code"] for row in rows}
    territories = [Locale(language).territories for language in LANGUAGES]
    return {code: sorted({names[code] for names in territories}) for code in sorted(codes)}


def write_names() -> None:
    lines = yaml.safe_dump(list_names(), allow_unicode=True, default_flow_style=None, width=96)
    FILE.write_text(HEAD + lines, encoding="utf-8")
