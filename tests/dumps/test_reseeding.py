"""Loading fixtures in which rows have changed places since they were loaded the last time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partnerships.models import Partnership
from programmes.models import Claim, Discrepancy, Programme, SeededRow
from stemobs.dumps.fixtures.rows import SeedError
from stemobs.dumps.seed import Outcome, seed_catalogue

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


# --- Discrepancies and their claims ---------------------------------------------------------------

POINT = """
- model: programmes.discrepancy
  fields: {programme: [quokka], position: 1, field: reach, about: Number of schools}
"""
CLAIM = """
- model: programmes.claim
  fields: {{discrepancy: [quokka, 1], position: {number}, statement: over {number}0}}
"""


@pytest.fixture
def load_claims(tmp_path: Path) -> Callable[..., Outcome]:
    """Load a fixture of a discrepancy with claims, or of none."""

    def load_claims(*numbers: int) -> Outcome:
        rows = [POINT, *(CLAIM.format(number=number) for number in numbers)] if numbers else []
        (tmp_path / "1.yaml").write_text("".join([HEAD, *rows]), encoding="utf-8")
        return seed_catalogue(tmp_path)

    return load_claims


def test_a_claim_that_the_fixtures_no_longer_have_is_removed_alone(
    load_claims: Callable[..., Outcome],
) -> None:
    load_claims(1, 2)
    assert load_claims(1).retired == 1
    assert [row.statement for row in Claim.objects.filter(discrepancy__about="Number of schools",
            discrepancy__programme__slug="quokka")] == ["over 10"]  # fmt: skip


def test_a_discrepancy_goes_with_its_claims(load_claims: Callable[..., Outcome]) -> None:
    load_claims(1, 2)
    assert load_claims().retired == 3
    assert not Discrepancy.objects.filter(programme__slug="quokka").exists()
    assert not SeededRow.objects.filter(key__contains="quokka", model="programmes.claim").exists()


def test_a_discrepancy_stays_with_the_claim_that_a_curator_changed(
    load_claims: Callable[..., Outcome],
) -> None:
    load_claims(1, 2)
    Claim.objects.filter(discrepancy__programme__slug="quokka", position=2).update(
        statement="By hand"
    )
    told = load_claims()
    assert told.retired == 1
    assert len(told.kept) == 2
    kept = Claim.objects.filter(discrepancy__programme__slug="quokka")
    assert [row.statement for row in kept] == ["By hand"]
