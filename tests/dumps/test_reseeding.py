"""Loading fixtures in which rows have changed places since they were loaded the last time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partnerships.models import Partnership
from programmes.models import Programme
from stemobs.dumps.seed import Outcome, SeedError, seed_catalogue

pytestmark = pytest.mark.django_db

Write = Callable[..., Path]
Roles = tuple[tuple[str, str], ...]  # organisation and role, in the order of their positions
HEAD = """
- model: partnerships.organisation
  fields: {slug: acme, name: Acme, type: company}
- model: partnerships.organisation
  fields: {slug: bolt, name: Bolt, type: company}
- model: programmes.programme
  fields:
    {slug: quokka, name: Quokka, summary: Counts., record_type: programme, scope: national}
"""
ROW = """
- model: partnerships.partnership
  fields: {{programme: [quokka], position: {number}, organisation: [{organisation}], role: {role}}}
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[Roles], Outcome]:
    """Load a fixture of partnerships."""

    def load(roles: Roles) -> Outcome:
        rows = (
            ROW.format(number=number, organisation=organisation, role=role)
            for number, (organisation, role) in enumerate(roles, start=1)
        )
        (tmp_path / "1.yaml").write_text("".join([HEAD, *rows]), encoding="utf-8")
        return seed_catalogue(tmp_path)

    return load


def read_roles() -> Roles:
    rows = Partnership.objects.filter(programme__slug="quokka").order_by("position")
    return tuple(rows.values_list("organisation__slug", "role"))


FIRST: Roles = (("acme", "partner"), ("bolt", "partner"), ("acme", "founder"))


@pytest.mark.parametrize(
    "changed",
    [
        (("bolt", "partner"), ("acme", "partner"), ("acme", "founder")),
        (("acme", "founder"), ("acme", "partner"), ("bolt", "partner")),
        (("bolt", "partner"),),
        (("acme", "founder"),),
        (("bolt", "partner"), ("acme", "funder"), ("acme", "partner"), ("acme", "founder")),
    ],
    ids=["two change places", "three in a ring", "one moves up", "the last moves up", "one more"],
)
def test_rows_that_changed_places_are_loaded_and_stay_so(
    load: Callable[[Roles], Outcome], changed: Roles
) -> None:
    load(FIRST)
    load(changed)
    assert read_roles() == changed
    again = load(changed)
    assert (again.created, again.updated, again.retired, again.kept) == (0, 0, 0, [])


def test_a_curators_row_in_the_place_is_named_and_nothing_is_loaded(
    load: Callable[[Roles], Outcome],
) -> None:
    load(FIRST)
    Partnership.objects.filter(programme__slug="quokka", role="founder").update(note="By hand.")
    with pytest.raises(SeedError, match=r"1\.yaml, line"):
        load((("acme", "founder"), ("bolt", "partner"), ("bolt", "funder")))
    assert read_roles() == FIRST
    assert Programme.objects.filter(slug="quokka").exists()
