"""Two organisations or two sources are merged: what names the one names the other afterwards."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from partnerships.models import Organisation, Partnership
from programmes.models import Edit, Import, Programme, RecordCheck, Source, Task
from stemobs.catalogue.editing import edit
from stemobs.curation.importing.organisations import KnownPartners
from stemobs.curation.mergers.shared.comparing import GROUPS, OF_THE_ONE_THAT_STAYS
from stemobs.curation.roles import Role
from stemobs.curation.verifying import note_check
from stemobs.dumps.seed import seed_catalogue
from stemobs.entries.cited.reading import read_cited
from tests import builders
from tests.admin.drafting import decide, read_lines, read_messages
from tests.admin.forms import address, save
from tests.admin.moves.mergers import OpenMerger, find_address
from tests.catalogue.marks import begin_another_transaction, number
from tests.catalogue.past import leave_times_out, take_snapshot
from tests.curation.people import make_person, sign_in, write_as

pytestmark = pytest.mark.django_db
FIXTURE = """
- model: partnerships.organisation
  fields: {slug: stichting-quokka, name: Stichting Quokka, type: foundation}
- model: programmes.source
  fields: {slug: quokka-page, title: Quokka}
"""
LATER = """
- model: partnerships.organisationname
  fields: {organisation: [stichting-quokka], name: SQ, slug: sq, kind: abbreviation}
- model: partnerships.organisationsource
  fields: {organisation: [stichting-quokka], position: 1, source: [quokka-page]}
- model: partnerships.strategy
  fields:
    {slug: quokka-strategy, name: Q, level: national, implementing_body: [stichting-quokka]}
"""


def find_merger() -> Edit:
    begin_another_transaction()
    return Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")


def undo(client: Client, stays: Any, made: Edit) -> Any:
    meta = stays._meta
    history = reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[stays.pk])
    return client.post(f"{history}{made.pk}/", {"undo": "1"})


def make_two_organisations(tmp_path: Path) -> tuple[Organisation, Organisation, Source]:
    """Make an organisation twice, one of them by fixtures, with roles in the same record."""
    (tmp_path / "1.yaml").write_text(FIXTURE, encoding="utf-8")
    seed_catalogue(tmp_path)
    goes = Organisation.objects.get(slug="stichting-quokka")
    source = Source.objects.get(slug="quokka-page")
    stays = builders.make_organisation(
        slug="quokka", name="Quokka", type="association", website="https://quokka.example"
    )
    return stays, goes, source


def test_of_two_organisations_one_stays_with_all_that_names_the_other_and_it_can_be_undone(
    client: Client, rita: Client, tmp_path: Path
) -> None:
    stays, goes, source = make_two_organisations(tmp_path)
    one, other = (
        builders.make_programme(name=name, slug=f"the-{name.lower()}") for name in ("One", "Other")
    )
    builders.make_partnership(one, stays, role="founder", since=2002)
    builders.make_partnership(one, goes, role="founder", since=2003, source=source)
    builders.make_partnership(other, goes, role="funder")
    builders.make_funding(other, organisation=goes)
    part = builders.make_organisation(name="Part", parent=goes)
    stays.parent = goes
    stays.save()
    strategy = builders.make_strategy(implementing_body=goes)
    strategy.owners.set([stays, goes])
    builders.make_platform(organisation=goes).mandated_by.add(goes)
    builders.make_guide_item(builders.make_guide(title="Guide")).organisations.add(goes)
    builders.make_organisation_name(goes, name="SQ", slug="s-q")
    builders.make_organisation_name(goes, name="QUOKKA", slug="quokka-too")
    file = Import.objects.create(file_name="q.csv", digest="0", sender="Q", content=b"",
                                 answers={"organisation:sq": str(goes.pk)})  # fmt: skip
    key = f"organisation-{min(stays.pk, goes.pk)}-{max(stays.pk, goes.pk)}"
    about = f"partnerships.organisation {min(stays.pk, goes.pk)} {max(stays.pk, goes.pk)}"
    task = builders.make_task(Task.Kind.DUPLICATE, key=key, about=about)
    begin_another_transaction()
    before, revision = take_snapshot(), number()

    assert (
        find_address(*sorted((stays, goes), key=lambda row: row.pk))
        in rita.get(address(task, "change")).text
    )
    form = OpenMerger(rita, stays, goes)
    asked = {one.name.partition("-")[0] for one in form.told.comparison.open_questions}
    assert asked == {"type", "partnerships"}
    assert "Partnerships: 2" in form.told.read_inward()[goes.pk]
    assert "in 2 records:" in form.page.text
    form.choose(type=stays)
    form.send(reason="The same body.", stay=str(stays.pk))
    assert "Please choose for 1 fact" in form.refusals
    assert number() == revision
    form.choose(partnerships=goes)
    done = form.send(stay=str(stays.pk))
    assert (done.status_code, done.headers["Location"]) == (302, address(stays, "change"))
    made = find_merger()
    stays.refresh_from_db()

    assert not Organisation.objects.filter(pk=goes.pk).exists()
    assert (stays.type, stays.parent) == ("association", None)
    assert {*stays.names.values_list("name", flat=True)} == {"Stichting Quokka", "SQ"}
    roles = Partnership.objects.filter(organisation=stays).order_by("programme__name")
    assert [*roles.values_list("programme__name", "role", "since", "source")] == [
        ("One", "founder", 2003, source.pk), ("Other", "funder", None, None),
    ]  # fmt: skip
    part.refresh_from_db()
    assert part.parent == stays
    assert [*strategy.owners.all()] == [stays]
    assert stays.funding.count() == stays.platforms.count() == 1
    for old in ("stichting-quokka", "s-q", "quokka-too"):
        assert client.get(f"/organisations/{old}/").headers["Location"] == "/organisations/quokka/"
        assert client.get(f"/api/v1/organisations/{old}/").json()["slug"] == "quokka"
    listed = client.get("/api/v1/programmes/?organisation=quokka-too").json()
    assert listed["count"] == 2
    history = client.get("/programmes/the-one/history/")
    assert "was merged into “Quokka”: The same body." in history.text
    for row in (file, task):
        row.refresh_from_db()
    assert file.answers == {"organisation:sq": str(stays.pk)}
    found, asked = KnownPartners().find({"Stichting Quokka": [1]}, {})
    assert (found["Stichting Quokka"], asked) == (KnownPartners().take(stays.pk), [])
    assert task.state == Task.State.GONE
    # Fixtures that name the one that went bring nothing back, and find the other.
    (tmp_path / "2.yaml").write_text(LATER, encoding="utf-8")
    cited = stays.citations.create(source=source, position=1)
    kept = seed_catalogue(tmp_path).kept
    assert sum("stichting-quokka" in told for told in kept) == 2
    brought = stays.strategies_implemented.filter(slug="quokka-strategy")
    assert brought.delete()[0] == 1
    cited.delete()

    page = rita.get(reverse("admin:partnerships_organisation_history", args=[stays.pk]))
    assert "The same body." in page.text
    assert (
        "It merged two organisations. Undo it in the history of “Quokka”"
        in rita.get(
            reverse("admin:programmes_programme_history", args=[one.pk]) + f"{made.pk}/"
        ).text
    )
    assert "as they were" in read_messages(undo(rita, stays, made))
    begin_another_transaction()
    assert leave_times_out(take_snapshot()) == leave_times_out(before)
    assert "Stichting" in client.get("/organisations/stichting-quokka/").text


def test_what_rests_on_a_source_rests_on_the_other_and_what_was_checked_stays_checked(
    client: Client, rita: Client
) -> None:
    stays = builders.make_source(slug="new", url="https://www.quokka.example/a/", title="A")
    goes = builders.make_source(slug="old", url="http://quokka.example/a", title="A", note="Old.")
    person = make_person(Role.CURATOR)
    programme = builders.make_programme(slug="quokkas")
    for source in (stays, goes):
        builders.make_citation(programme, source=source)
    builders.make_reach(programme, 120, source=goes)
    builders.make_evaluation(programme, source=stays).further_sources.add(stays, goes)
    facts = read_cited(Programme.objects.get(pk=programme.pk))
    note_check(programme, person, {one.digest for one in facts})
    figure = next(one for one in facts if one.part == "reach")
    answer = {"answer": "so", "digest": figure.digest, "day": "2026-11-30"}
    check = RecordCheck.objects.create(programme=programme, answers={figure.key: answer})
    begin_another_transaction()
    before = take_snapshot()
    assert find_address(stays, goes) in act_on(rita, stays, goes)
    form = OpenMerger(rita, stays, goes)
    assert not form.told.comparison.open_questions
    assert form.send(reason="One page.", stay=str(stays.pk)).status_code == 302
    made = find_merger()
    stays.refresh_from_db()
    assert (stays.url, stays.note) == ("https://www.quokka.example/a/", "Old.")
    assert programme.citations.count() == 1
    assert programme.evaluations.get().further_sources.count() == 1
    assert client.get("/api/v1/sources/old/").json()["slug"] == "new"
    now = read_cited(Programme.objects.get(pk=programme.pk))
    programme.refresh_from_db()
    assert {one.digest for one in now} <= {*programme.checked_facts.split()}
    check.refresh_from_db()
    assert [*check.answers] == [one.key for one in now if one.part == "reach"]
    assert "as they were" in read_messages(undo(rita, stays, made))
    begin_another_transaction()
    assert leave_times_out(take_snapshot()) == leave_times_out(before)
    assert client.get("/api/v1/sources/old/").json()["slug"] == "old"


def test_the_page_says_what_becomes_of_differences_and_what_both_say_alike_stands_there_once(
    client: Client, rita: Client
) -> None:
    names = ("stays", "goes", "third")
    stays, goes, third = (builders.make_source(slug=name, title="Page") for name in names)
    record = builders.make_programme(slug="quokkas")
    figures = [builders.make_reach(record, 120, source=source) for source in (stays, goes)]
    older = builders.make_reach(record, 110, source=third, superseded_by=figures[1])
    kinds: dict[str, list[tuple[Any, str, dict[str, Any]]]] = {
        "Figures": [(stays, "120", {"reach": figures[0]}), (goes, "120", {"reach": figures[1]})],
        "Schools": [(stays, "over 100", {}), (goes, "over 120", {})],
        "Firms": [(stays, "55", {}), (goes, "55", {"is_shown": True}), (third, "60", {})],
        "Pages": [(stays, "7", {"locator": "p. 4"}), (goes, "7", {"locator": "p. 9"})],
    }
    for about, claims in kinds.items():
        point = builders.make_discrepancy(record, about=about, note="See why.")
        for source, statement, more in claims:
            builders.make_claim(point, source=source, statement=statement, **more)
    suggestion = builders.make_suggestion(record, fact=f"reach-{figures[1].position}")
    begin_another_transaction()
    before = take_snapshot()
    form = OpenMerger(rita, stays, goes)
    told = {one.partition(" in ")[0]: one for one in map(str, form.told.differences)}
    assert told.keys() == {f"“{about}”" for about in kinds}
    assert "so it goes. Its note goes with it: “See why.”" in told["“Figures”"]
    assert "Claims that say the same stand there once." in told["“Firms”"]
    for about in ("Schools", "Pages"):
        assert ": It stays, with claims of one source that differ." in told[f"“{about}”"]
    assert form.page.text.count("It stays, with claims of one source that differ.") == 2
    assert form.send(stay=str(stays.pk), reason="One page.").status_code == 302
    made = find_merger()
    left = {one.about: [*one.claims.values_list("source__slug", "statement", "is_shown")]
            for one in record.discrepancies.order_by("about")}  # fmt: skip
    assert left == {
        "Firms": [("stays", "55", True), ("third", "60", False)],
        "Pages": [("stays", "7", False)] * 2,
        "Schools": [("stays", "over 100", False), ("stays", "over 120", False)],
    }
    for row in (older, suggestion):
        row.refresh_from_db()
    assert [*record.reach.order_by("pk")] == [figures[0], older]
    assert older.superseded_by == figures[0]
    assert suggestion.fact == f"reach-{figures[0].position}"
    assert "over 120" in client.get("/programmes/quokkas/").text
    undone = read_messages(undo(rita, stays, made))
    assert "Both sources are as they were before they were merged." in undone
    begin_another_transaction()
    assert leave_times_out(take_snapshot()) == leave_times_out(before)


def test_a_draft_of_a_change_goes_on_where_its_organisation_was_merged_into_another(
    rita: Client, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    record = write_as(None)
    stays, goes = (builders.make_organisation(name=name) for name in ("Stays", "Goes"))
    for organisation, role in ((stays, "founder"), (goes, "founder"), (goes, "funder")):
        builders.make_partnership(record, organisation, role=role)
    begin_another_transaction()
    changes = {"partnerships-2-note": "Since its start.", "_send": "1"}
    assert save(sign_in(make_person(Role.CURATOR)), record, changes).status_code == 302
    form = OpenMerger(rita, stays, goes)
    assert form.send(stay=str(stays.pk), reason="One body.").status_code == 302
    assert [line[1] for line in read_lines(rita, record)] == ["Organisation: note"]
    assert "Published." in read_messages(decide(rita, record, "_approve"))
    roles = record.partnerships.values_list("organisation__name", "role", "note")
    assert {*roles} == {("Stays", "founder", ""), ("Stays", "funder", "Since its start.")}


def act_on(client: Client, *rows: Any) -> str:
    data = {"action": "merge_these", "_selected_action": [one.pk for one in rows]}
    return client.post(address(type(rows[0])), data).headers["Location"]


def test_who_may_merge_organisations_and_what_keeps_them_apart(
    rita: Client, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    stays, goes = (builders.make_organisation(name=name) for name in ("A", "B"))
    hidden = builders.make_organisation(name="C", is_public=False)
    for role, status in ((Role.CONTRIBUTOR, 403), (Role.CURATOR, 403)):
        client = sign_in(make_person(role))
        assert client.post(find_address(stays, goes), {"reason": "x"}).status_code == status
    form = OpenMerger(rita, stays, hidden)
    form.send(stay=str(hidden.pk), reason="Same.")
    assert "Let the first stay." in form.refusals
    Organisation.objects.filter(pk=stays.pk).update(parent=hidden)
    Organisation.objects.filter(pk=hidden.pk).update(parent=goes)
    form = OpenMerger(rita, stays, goes)
    form.send(stay=str(stays.pk), reason="\0")
    assert "Say why they are the same." in form.refusals
    form.send(reason="Same.")
    assert "This would go round in a circle" in form.refusals
    assert Organisation.objects.filter(pk=goes.pk).exists()
    assert rita.get(find_address(stays, "9" * 30)).status_code == 302
    with edit(Edit.Kind.CURATOR, User.objects.get(username="rita")):
        Organisation.objects.filter(pk=goes.pk).update(note="Changed.")
    refused = rita.get(find_address(stays, goes)).context
    assert "You added or last changed “B”" in refused["refusal"]
    assert refused["may_propose"]
    found = rita.get(reverse("admin:partnerships_organisation_merge", args=[stays.pk]) + "?q=B")
    assert find_address(stays, goes) in found.text


def test_of_every_column_of_an_organisation_and_a_source_it_is_said_what_becomes_of_it() -> None:
    for model, groups in GROUPS.items():
        compared = {name for names in groups for name in names}
        kept = OF_THE_ONE_THAT_STAYS[model]
        assert compared | {*kept} == {one.name for one in model._meta.concrete_fields}
        assert not compared & {*kept}
