"""The word lists: who uses a term, merging two, and terms that are offered no more."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from programmes.models import (
    Audience,
    ChangeDraft,
    Edit,
    Import,
    InitiativeKind,
    Programme,
    RememberedColumn,
    RetiredTerm,
    Unit,
    Version,
)
from stemobs.curation.importing.knowledge import read_terms
from stemobs.curation.importing.meanings.figures import list_units
from stemobs.curation.importing.meanings.tables import match
from stemobs.curation.terms.merging import CannotMergeTerms, merge_terms
from stemobs.dumps.seed import seed_catalogue
from tests.admin.drafting import decide, read_messages
from tests.admin.forms import address, errors_on, new_row, save
from tests.admin.importing.walking import take_in
from tests.builders import country, level, make_programme, make_publishable, make_reach
from tests.catalogue.marks import begin_another_transaction
from tests.curation.people import State, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def terms(db: None) -> tuple[Audience, Audience]:
    begin_another_transaction()
    return (
        Audience.objects.create(slug="lasses", name="Lasses"),
        Audience.objects.create(slug="young-women", name="Young women"),
    )


@pytest.fixture
def administrator(admin_user: User) -> Client:
    return sign_in(admin_user)


def find_uses(term: Any) -> str:
    return reverse(f"admin:programmes_{term._meta.model_name}_uses", args=[term.pk])


def merge(client: Client, term: Any, into: Any, **fields: Any) -> Any:
    """Merge a term into another, as the page shows it in words before."""
    sent = {"into": into.pk, "reason": "Both mean the same."}
    shown = client.post(find_uses(term), sent)
    return client.post(
        find_uses(term), {**sent, "_uses": shown.context["seen"], "_merge": "1", **fields},
        follow=True,
    )  # fmt: skip


def test_a_merged_term_leaves_its_uses_and_its_address_to_the_other(
    administrator: Client, terms: tuple[Audience, Audience], client: Client, tmp_path: Path
) -> None:
    old, new = terms
    begin_another_transaction()
    one = make_programme(audiences=[old], countries=[country("NL")], levels=[level(3)])
    both = make_programme(audiences=[old, new])
    draft = make_programme(audiences=[old], state=State.DRAFT)
    page = administrator.get(find_uses(old))
    (use,) = page.context["uses"]
    assert (use.number, use.published) == (3, 2)
    shown = administrator.post(find_uses(old), {"into": new.pk, "reason": "Both mean the same."})
    assert any("3 name “Young women” instead." in line for line in shown.context["preview"])
    assert Audience.objects.filter(pk=old.pk).exists()
    begin_another_transaction()
    response = merge(administrator, old, new)
    assert "3 records name that now." in read_messages(response)
    for record in (one, both, draft):
        assert [*record.audiences.all()] == [new]
    made = Edit.objects.latest("pk")
    assert made.reason == "Both mean the same."
    changed = Version.objects.filter(edit=made).exclude(programme_id=None)
    assert {*changed.values_list("programme_id", flat=True)} == {one.pk, both.pk, draft.pk}
    # The old name goes on working, on pages and in the API.
    begin_another_transaction()
    for path in ("/api/v1/programmes/?audience=lasses", "/api/v1/programmes/?audience=young-women"):
        assert client.get(path).json()["count"] == 2
    assert client.get("/programmes/?audience=lasses").context["selection"].values["audience"] == [
        "young-women"
    ]
    assert client.get("/api/v1/audiences/lasses/").json()["slug"] == "young-women"
    # So it does in fixtures, and seeding again brings nothing back.
    (tmp_path / "made.yaml").write_text(
        "- model: programmes.programme\n"
        "  fields: {slug: made-by-seed, name: Made, summary: Lets., scope: national,\n"
        "    audiences: [[lasses]]}\n"
    )
    seed_catalogue(tmp_path)
    assert [*Programme.objects.get(slug="made-by-seed").audiences.all()] == [new]
    # No other term gets it.
    added = administrator.post(address(Audience, "add"), {"name": "L", "slug": "lasses"})
    assert "lead to “young-women”" in added.text
    with pytest.raises(CannotMergeTerms, match="gone meanwhile"):
        merge_terms(old, new, None, "Again.")
    # A chain of mergers leads to its end.
    last = Audience.objects.create(slug="girls-and-women", name="Girls and women")
    merge(administrator, new, last)
    assert Audience.objects.get_by_natural_key("lasses") == last
    assert "lasses" in administrator.get(find_uses(last)).text


def test_figures_and_remembered_columns_count_in_the_unit_that_another_was_merged_into(
    administrator: Client,
) -> None:
    old = Unit.objects.create(slug="pupils-made", name="Pupils (made)")
    new = Unit.objects.get(slug="students")
    begin_another_transaction()
    earlier = make_reach(make_programme(), 100, unit=old)
    figure = make_reach(earlier.programme, 120, unit=old)
    earlier.superseded_by = figure
    earlier.save()
    column = RememberedColumn.objects.create(name="uczniowie", target="reach:pupils-made")
    begin_another_transaction()
    merge(administrator, old, new)
    for row in (earlier, figure, column):
        row.refresh_from_db()
    assert (earlier.unit, figure.unit, column.target) == (new, new, "reach:students")


@pytest.mark.once
def test_a_term_that_is_not_offered_stays_where_it_is(
    administrator: Client, terms: tuple[Audience, Audience], client: Client
) -> None:
    old, unused = terms
    record = make_programme(audiences=[old])
    for term in terms:
        response = administrator.post(find_uses(term), {"_retire": "1"}, follow=True)
        assert "What has it keeps it." in read_messages(response)
    added = administrator.get(address(Programme, "add")).text
    assert "Lasses" not in added
    assert "Girls" in added
    shown = administrator.get(address(record, "change"))
    assert "Lasses" in shown.text
    assert "Young women" not in shown.text
    save(administrator, record, {"region": "Košice"})
    assert [*record.audiences.all()] == [old]
    # Whoever makes up a form cannot choose it either, for a record or for a figure.
    unit = Unit.objects.create(slug="heads", name="Heads")
    administrator.post(find_uses(unit), {"_retire": "1"})
    row = new_row("reach", 0, qualifier="about", value="9", unit=unit.pk)
    crafted = save(administrator, record, {"audiences": [old.pk, unused.pk], **row})
    assert "“Young women” is not offered any more." in errors_on(crafted)
    assert "“Heads” is not offered any more." in errors_on(crafted)
    assert "“Lasses”" not in errors_on(crafted)
    refused = save(administrator, record, {"name": ""})
    assert "Lasses" in refused.text
    assert "Young women" not in refused.text
    begin_another_transaction()
    shown = client.get("/programmes/?audience=lasses").text
    assert "Lasses" in shown
    assert "Young women" not in shown
    assert client.get("/api/v1/programmes/?audience=young-women").json()["count"] == 0
    administrator.post(find_uses(old), {"_offer": "1"})
    assert not RetiredTerm.objects.filter(slug=old.slug).exists()
    assert "Lasses" in administrator.get(address(Programme, "add")).text


@pytest.mark.once
def test_what_cannot_be_merged_or_deleted_is_refused_in_words(
    administrator: Client, client_of_rita: Client, terms: tuple[Audience, Audience]
) -> None:
    old, new = terms
    make_programme(audiences=[old])
    kind = InitiativeKind.objects.first()
    for into in ("", "x", "\x00", "9" * 30, old.pk, 999_999, getattr(kind, "pk", 0) + 10_000):
        sent = {"into": into, "reason": "So.", "_uses": "1", "_merge": "1"}
        assert administrator.post(find_uses(old), sent).context["form"].errors
    assert merge(administrator, old, new, reason="").context["form"].errors
    stale = merge(administrator, old, new, _uses="7")
    assert "nothing was written" in read_messages(stale)
    assert client_of_rita.get(find_uses(old)).status_code == 200
    sent = {"into": new.pk, "reason": "So.", "_merge": "1"}
    assert client_of_rita.post(find_uses(old), sent).status_code == 403
    assert client_of_rita.post(find_uses(old), {"_retire": "1"}).status_code == 403
    for standard in (country("NL"), level(3)):
        page = administrator.get(find_uses(standard))
        assert page.context["form"] is None
        assert administrator.post(find_uses(standard), sent).status_code == 403
    assert administrator.get(find_uses(old).replace(str(old.pk), "999999")).status_code == 404
    deleting = administrator.get(address(old, "delete"))
    assert deleting.context["protected"]
    assert Audience.objects.filter(pk__in=[old.pk, new.pk]).count() == 2


@pytest.mark.once
def test_a_rename_tells_what_it_was_called_and_who_shows_it(
    administrator: Client, terms: tuple[Audience, Audience]
) -> None:
    old, _new = terms
    make_programme(audiences=[old])
    response = save(administrator, old, {"name": "Girls of all ages"})
    told = "“Lasses” is called “Girls of all ages” now, in 1 published record too."
    assert told in read_messages(response)


def test_open_drafts_and_imports_name_the_term_that_another_was_merged_into(
    administrator: Client,
    client_of_anna: Client,
    client_of_rita: Client,
    terms: tuple[Audience, Audience],
    settings: LazySettings,
) -> None:
    settings.FOUR_EYES = True
    (old, new), heads = terms, Unit.objects.create(slug="heads", name="Heads")
    begin_another_transaction()
    record = make_programme(audiences=[old], countries=[country("NL")])
    make_publishable(record)
    source = record.citations.get().source
    row = new_row("reach", 0, qualifier="about", value="9", unit=heads.pk, source=source.pk)
    keeps = save(client_of_anna, record, {"region": "North", **row, "_send": "1"})
    assert keeps.status_code == 302, errors_on(keeps)
    sheet = take_in(client_of_anna, "Days;Poland;;;7;2023", header="Name;Country;;;Heads;Year")
    Import.objects.update(answers={"column:4": "reach:heads", "unit:4": "heads", "other": "heads"})
    begin_another_transaction()
    merge(administrator, old, new)
    merge(administrator, heads, Unit.objects.get(slug="students"))
    draft = ChangeDraft.objects.get()
    assert (draft.state, draft.turn) == (ChangeDraft.State.REVIEW, 3)
    told = [step.text for step in draft.steps.filter(user=None)]
    assert told[0] == "“Lasses” was merged into “Young women”, so this names that now."
    sheet.refresh_from_db()
    moved = {"column:4": "reach:students", "unit:4": "students", "other": "heads"}
    assert sheet.answers == moved
    begin_another_transaction()
    decide(client_of_rita, record, "_approve")
    record.refresh_from_db()
    assert (record.region, record.reach.get().unit.slug) == ("North", "students")
    assert [*record.audiences.all()] == [new]


@pytest.mark.once
def test_words_for_a_unit_mean_the_one_that_it_was_merged_into(administrator: Client) -> None:
    pupils = Unit.objects.get(slug="students")
    learners = Unit.objects.create(slug="learners", name="Learners")
    assert match("uczniowie", list_units(read_terms())) == "students"
    merge(administrator, pupils, learners)
    assert match("uczniowie", list_units(read_terms())) == "learners"
