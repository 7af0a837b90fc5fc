"""Tests that shared rules, texts and numbers are written in one module only, their home."""

import re
from pathlib import Path

import pytest
from django.contrib.humanize.templatetags.humanize import apnumber

from programmes.models import HIGHER_LEVELS
from stemobs import publisher
from stemobs.catalogue.programmes import HIGHER_CODES
from stemobs.entries.comparison import LEAST, MOST
from stemobs.entries.signals.levels import STAGES

ROOT = Path(__file__).parent.parent
APPS = ("programmes", "partnerships", "stemobs")
MODULES = [
    file
    for app in APPS
    for file in sorted((ROOT / app).rglob("*.py"))
    # The workshop is left out: it makes up data, so it contains `state=State.PUBLISHED` and others
    # that HOMES allows in one module only.
    if not {"migrations", "workshop"} & {*file.parts}
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Patterns that may occur in one module only, with that module.
HOMES = {
    "is not a parameter of this address": "stemobs/selection/parameters.py",
    "These parameters are wrong": "stemobs/selection/parameters.py",
    r"creativecommons\.org/licenses": "stemobs/publisher.py",
    r"CC.BY.4\.0": "stemobs/publisher.py",
    r'"STEM Observatory"': "stemobs/publisher.py",
    r"application/problem\+json": "stemobs/api/problems.py",
    r'"text/csv': "stemobs/exports/delimited.py",
    r'"application/ld\+json"': "stemobs/exports/linked/nodes.py",
    r'"application/x-ndjson"': "stemobs/exports/files.py",
    r"spreadsheetml\.sheet": "stemobs/exports/workbook.py",
    r'startswith\("/api/': "stemobs/addresses.py",
    r'"/health/"': "stemobs/addresses.py",
    r"status_as_of if ": "programmes/models/programme.py",
    r'"higher"': "stemobs/catalogue/programmes.py",
    r"\[:100\]": "stemobs/selection/parameters.py",
    r"NO_REASON\)": "stemobs/entries/publication.py",
    r"programmes\.view_programme": "stemobs/entries/publication.py",
    r"state(=|__in=|\": )(Programme\.)?State\.PUBLISHED": "programmes/models/programme.py",
    r"state(=|__in=|\": )(Programme\.)?State\.WITHDRAWN": "stemobs/catalogue/visibility/queries.py",
}


@pytest.mark.parametrize("pattern", HOMES)
def test_a_pattern_of_a_rule_occurs_only_in_the_home_of_the_rule(pattern: str) -> None:
    holding = [str(file.relative_to(ROOT)) for file in MODULES if re.search(pattern, code_of(file))]
    assert set(holding) <= {HOMES[pattern]}


def code_of(file: Path) -> str:
    """Return the source of a module without its comments."""
    return re.sub(r"(?m)(^|  )# .*$", "", file.read_text(encoding="utf-8"))


def test_only_the_catalogue_package_calls_current() -> None:
    """Other modules use the catalogue of the request, from `get_request_catalogue`."""
    asking = [
        str(file.relative_to(ROOT))
        for file in MODULES
        if re.search(r"\bcurrent\(\)|import .*\bcurrent\b", code_of(file))
    ]
    assert set(asking) <= {"stemobs/catalogue/catalogue.py", "stemobs/catalogue/states/requests.py"}


def test_index_and_stages_use_the_same_levels_of_higher_education() -> None:
    assert tuple(map(str, HIGHER_LEVELS)) == HIGHER_CODES
    codes = [code for stage in STAGES for code in sorted(stage.codes)]
    assert codes == list(range(9))
    assert STAGES[-1].codes == set(HIGHER_LEVELS)


def test_every_search_field_takes_its_maxlength_from_the_template_tag() -> None:
    for file in TEMPLATES:
        for field in re.findall(r'<input[^>]*type="search".*?>', file.read_text(), re.DOTALL):
            if 'name="q"' in field:
                assert 'maxlength="{% longest_search %}"' in field, file


def test_templates_do_not_spell_out_how_many_programmes_can_be_compared() -> None:
    least, most = apnumber(LEAST), apnumber(MOST)
    for file in TEMPLATES:
        text = file.read_text(encoding="utf-8")
        assert not re.search(rf"{least} to {most}|[Uu]p to {most}|at most {most}", text), file


def test_the_fixtures_name_the_same_licence_as_the_site() -> None:
    licence = (ROOT / "fixtures" / "LICENCE.md").read_text(encoding="utf-8")
    assert publisher.LICENCE_ADDRESS.rstrip("/") in licence or publisher.LICENCE_NAME in licence
