"""Two records are merged fact by fact: what is asked, what comes of it, and how it is undone."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import (
    ChangeDraft,
    Edit,
    Programme,
    Task,
)
from stemobs.curation.mergers.programmes import GROUPS, OF_THE_ONE_THAT_STAYS, PICTURE
from stemobs.curation.mergers.relations import FATES, list_columns
from stemobs.curation.roles import Role
from tests import builders
from tests.admin.curating import act
from tests.admin.drafting import read_messages
from tests.admin.forms import address
from tests.admin.moves.mergers import OpenMerger, add_facts, find_address, make_two, merge
from tests.catalogue.marks import begin_another_transaction, number
from tests.catalogue.past import take_snapshot
from tests.curation.people import State, change_as, make_person, sign_in, write_as

pytestmark = pytest.mark.django_db


def read(programme: Programme, kind: str, *names: str) -> set[Any]:
    return {*getattr(programme, kind).values_list(*names, flat=len(names) == 1)}


def find_edit(programme: Programme, made: Edit) -> str:
    history = reverse("admin:programmes_programme_history", args=[programme.pk])
    return f"{history}{made.pk}/"


def undo(client: Client, programme: Programme, made: Edit) -> Any:
    return client.post(find_edit(programme, made), {"undo": "1"})


def find_merger() -> Edit:
    begin_another_transaction()
    return Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")


# --- What comes of it -----------------------------------------------------------------------------


def test_of_two_records_one_stays_with_what_both_say_and_the_history_can_undo_it(
    client: Client, rita: Client
) -> None:
    stays, goes = make_two()
    add_facts(stays, goes, builders.make_organisation(name="NHO"))
    builders.make_evaluation(goes, year=2020, source=goes.citations.get().source)
    about = goes.reach.get(year_from=2015)
    elsewhere = builders.make_programme()
    builders.make_lineage(from_programme=elsewhere, to_programme=goes, relation="inspired")
    builders.make_lineage(from_programme=goes, to_programme=elsewhere, relation="part-of")
    builders.make_platform(name="Platform").programmes.add(goes)
    builders.make_guide_item(builders.make_guide(title="A guide"), [goes])
    builders.make_story(goes)
    builders.make_former_slug(goes, "older")
    suggestion = builders.make_suggestion(goes, fact=f"reach-{about.position}")
    task = builders.make_task(programme=goes)
    begin_another_transaction()
    before, revision = take_snapshot(), number()

    form = OpenMerger(rita, stays, goes)
    asked = {one.name.partition("-")[0] for one in form.told.comparison.open_questions}
    assert asked == {"status", "levels", "reach"}
    assert {"1 record", "1 guide", "1 platform", "1 story", "1 former address"} <= {
        told.partition(":")[0] for told in form.told.sides[1].inward
    }
    form.choose(levels="keep")
    form.send(reason="Same website.")
    assert "Please choose for 2 facts" in form.refusals
    assert "Nothing is merged yet." in form.refusals
    assert form.told.reason == "Same website."
    assert {one.name.partition("-")[0] for one in form.told.comparison.open_questions} == {
        "status",
        "reach",
    }
    assert number() == revision
    form.choose(status=stays, reach="both")
    done = form.send()
    assert (done.status_code, done.headers["Location"]) == (302, address(stays, "change"))
    assert "The history can undo it." in read_messages(done)
    stays.refresh_from_db()
    goes.refresh_from_db()
    made = find_merger()

    assert (goes.state, goes.merged_into, goes.withdrawn_reason) == (
        State.WITHDRAWN, stays, "Same website.",
    )  # fmt: skip
    assert (stays.name, stays.region, stays.status) == ("Jenter og teknologi", "Oslo", "active")
    assert stays.curators_note == "Ask the office."
    assert read(stays, "names", "name") == {"Girls and Technology", "Jenter & Teknologi"}
    assert read(stays, "levels", "code") == {2, 3}
    figures = {(2022, 120), (2019, 10000), (2019, 11000), (2015, 9000)}
    assert read(stays, "reach", "year_from", "value") == figures
    assert stays.partnerships.count() == stays.evaluations.count() == 1
    # What both say has both sources.
    cited = {("entry", "of-jenter"), ("entry", "of-girls")}
    cited |= {("reach", "of-girls"), ("organisations", "of-girls")}
    assert read(stays, "citations", "field", "source__slug") == cited
    assert read(stays, "lineage_in", "from_programme") == {elsewhere.pk}
    assert read(stays, "lineage", "to_programme") == {elsewhere.pk}
    for moved in ("platforms", "guide_items", "stories"):
        assert getattr(stays, moved).count() == 1
    suggestion.refresh_from_db()
    assert suggestion.programme == stays
    assert suggestion.fact == f"reach-{stays.reach.get(year_from=2015).position}"
    task.refresh_from_db()
    assert task.state == Task.State.GONE

    for old in ("girls", "older"):
        answer = client.get(f"/programmes/{old}/", follow=True)
        assert answer.redirect_chain[-1] == ("/programmes/jenter/", 301)
    told = "“Girls and Technology” was merged into “Jenter og teknologi”: Same website."
    assert told in client.get("/programmes/jenter/history/").text
    earlier = client.get(f"/programmes/jenter/@{revision}/")
    assert earlier.status_code == 200
    assert "Jenter &amp; Teknologi" not in earlier.text
    changes = client.get(f"/api/v1/changes/?since={revision}").json()["results"]
    changed = {one["slug"]: one["change"] for one in changes if one["slug"] in ("jenter", "girls")}
    assert changed == {"jenter": "changed", "girls": "merged"}

    page = rita.get(find_edit(goes, made)).text
    assert "Undo the merger of both" in page
    assert "Guide item: programme" in page
    assert "Both records are as they were" in read_messages(undo(rita, goes, made))
    after = take_snapshot()
    for snapshot in (before, after):
        for one in (stays, goes):
            del snapshot[Programme][one.pk]["changed_at"]
    assert after == before
    assert client.get("/programmes/girls/").status_code == 200


def test_what_the_other_one_says_may_be_chosen_and_no_figure_that_was_seen_is_written_over(
    rita: Client,
) -> None:
    organisation = builders.make_organisation()
    stays, goes = make_two()
    add_facts(stays, goes, organisation)
    builders.make_citation(stays, field="status", source=builders.make_source(slug="it-runs"))
    builders.make_citation(goes, field="status", source=builders.make_source(slug="it-ended"))
    older = builders.make_reach(stays, 8000, year_from=2017, year_to=2017)
    older.superseded_by = stays.reach.get(year_from=2019)
    older.save()
    differs = builders.make_discrepancy(goes, about="girls")
    builders.make_claim(differs, statement="11,000", reach=goes.reach.get(year_from=2019))
    builders.make_claim(differs, statement="12,000")
    merge(rita, stays, goes, status=goes, reach=goes, levels="leave", summary=goes)
    assert (stays.status, stays.summary) == ("completed", "Career days.")
    assert read(stays, "levels", "code") == {2}
    old, new = stays.reach.get(value=10000), stays.reach.get(value=11000)
    assert "“Girls and Technology” says otherwise" in old.retracted_because
    older.refresh_from_db()
    assert older.superseded_by == new
    assert stays.discrepancies.get().claims.get(statement="11,000").reach == new
    # The source of a value that gave way goes with it, and that of the other one comes.
    sources = stays.citations.filter(field="status").values_list("source__slug", flat=True)
    assert [*sources] == ["it-ended"]


def test_a_draft_that_is_merged_into_a_published_record_stays_secret(
    client: Client, rita: Client
) -> None:
    stays, goes = make_two()
    draft = builders.make_programme(slug="secret", name="Secret", state=State.DRAFT)
    form = OpenMerger(rita, draft, stays)
    assert [side.record for side in form.told.sides] == [stays, draft]
    merge(rita, stays, draft)
    assert client.get("/programmes/secret/").status_code == 404
    changes = client.get("/api/v1/changes/").json()["results"]
    assert "secret" not in {one["slug"] for one in changes}
    # A chain of mergers leads to its end.
    merge(rita, goes, stays)
    assert client.get("/programmes/jenter/", follow=True).redirect_chain == [
        ("/programmes/girls/", 301)
    ]


# --- What is refused ------------------------------------------------------------------------------


def test_what_cannot_be_merged_is_refused_with_the_reason_and_nothing_is_written(
    rita: Client,
) -> None:
    stays, goes = make_two()
    draft = builders.make_programme(state=State.DRAFT)
    withdrawn = builders.make_programme(state=State.WITHDRAWN, withdrawn_reason="Not one.")
    begin_another_transaction()
    revision = number()
    for other, told in (
        (stays.pk, "Nothing can be merged with itself."),
        (10**17, "The other one is not there any more."),
        ("x", "The other one is not there any more."),
    ):
        answer = rita.get(find_address(stays, other))
        assert answer.status_code == 302
        assert told in read_messages(answer)
    assert rita.get(find_address(stays, withdrawn)).context["page"].can_be_merged is False
    form = OpenMerger(rita, stays, draft)
    form.choose(status=stays)
    form.send(stay=str(draft.pk), reason="Same.")
    assert "Readers see “Jenter og teknologi”" in form.refusals
    form = OpenMerger(rita, stays, goes)
    form.choose(status=stays, levels="keep")
    assert form.send(reason="").status_code == 409
    assert "Say why they are the same." in form.refusals
    form.send(stay="x\0", reason="Same.")
    assert "Choose which of the two stays." in form.refusals
    form.send(stay=str(stays.pk), status="x" * 10000)
    assert "Please choose for 1 fact" in form.refusals
    form.choose(status=stays)
    draft_of_change = ChangeDraft.objects.create(programme=goes, form={}, opened={})
    form.send(stay=str(stays.pk))
    assert "has a draft of a change" in form.refusals
    draft_of_change.delete()
    # Somebody changes one of the two: it is asked again, and only what changed has to be chosen.
    change_as(None, stays, status="planned")
    form.send(stay=str(stays.pk))
    assert "was changed by someone else after you had opened this page" in form.refusals
    assert [one.name for one in form.told.comparison.open_questions] == ["status"]
    begin_another_transaction()
    assert (goes.is_public, number()) == (True, revision + 1)
    # Two people merge each into the other.
    form.choose(status=stays)
    other_form = OpenMerger(rita, goes, stays)
    other_form.choose(status=goes, levels="keep")
    assert form.send(stay=str(stays.pk)).status_code == 302
    other_form.send(stay=str(goes.pk), reason="Same.")
    assert "was changed by you, in another window, after" in other_form.refusals
    other_form.send(stay=str(goes.pk))
    assert "was merged into another record already." in other_form.refusals


def test_with_four_eyes_nobody_merges_what_they_wrote_and_who_merged_may_undo_it(
    settings: LazySettings,
) -> None:
    settings.FOUR_EYES = True
    rita, ruth = (make_person(Role.REVIEWER, name) for name in ("rita", "ruth"))
    stays, goes = write_as(rita), write_as(None)
    form = OpenMerger(sign_in(rita), stays, goes)
    assert "You changed this last" in form.page.context["refusal"]
    assert form.send(reason="Same.").status_code == 403
    for role in (Role.CURATOR, Role.CONTRIBUTOR):
        assert sign_in(make_person(role)).post(find_address(stays, goes), {}).status_code == 403
    client = sign_in(ruth)
    merge(client, stays, goes)
    merger = find_merger()
    assert merger.user == ruth
    assert "as they were" in read_messages(undo(client, stays, merger))
    goes.refresh_from_db()
    assert goes.is_public
    # Who has undone it has changed both last. Somebody else merges them again, and what was changed
    # since keeps that from being undone.
    assert OpenMerger(client, stays, goes).page.context["refusal"]
    client = sign_in(make_person(Role.REVIEWER, "ben"))
    merge(client, stays, goes)
    merger = find_merger()
    stays.names.filter(name=goes.name).update(kind="former")
    assert "Other name: changed since" in read_messages(undo(client, stays, merger))
    administrator = sign_in(make_person(Role.ADMINISTRATOR))
    one, other = write_as(None), write_as(None)
    Edit.objects.filter(versions__programme_id=one.pk).update(user=None)
    assert OpenMerger(administrator, one, other).page.context["asks_why_alone"] == ""


def test_of_different_records_it_is_not_asked_again(rita: Client) -> None:
    one, other = make_two()
    low, high = sorted((one.pk, other.pk))
    asked = {"kind": Task.Kind.DUPLICATE, "key": f"{low}-{high}"}
    task = builders.make_task(programme=one, other=other, **asked)
    assert find_address(one, other) in rita.get(address(task, "change")).text
    page = rita.get(reverse("admin:programmes_programme_merge", args=[other.pk]))
    assert find_address(other, one) in page.text
    form = OpenMerger(rita, one, other)
    form.send("_different", reason="")
    assert "Say in a sentence why they are different." in form.refusals
    assert form.send("_different", reason="Two towns.").status_code == 302
    task.refresh_from_db()
    assert (task.state, task.reason) == (Task.State.CLOSED, "Two towns.")
    form = OpenMerger(rita, one, other)
    form.send("_different", reason="Two towns.")
    assert "Nobody asks about these two any more." in form.refusals


def test_the_way_to_a_merger_leads_from_the_list_and_from_a_record(rita: Client) -> None:
    one, other = make_two()
    answer = act(rita, "merge_these", one, other)
    assert answer.redirect_chain[-1][0] == find_address(*sorted((one, other), key=lambda r: r.pk))
    assert "Tick two of them" in read_messages(act(rita, "merge_these", one))
    choosing = reverse("admin:programmes_programme_merge", args=[one.pk])
    assert choosing in rita.get(address(one, "change")).text
    assert find_address(one, other) in rita.get(f"{choosing}?q=girls+and").text
    assert "No other one is called so." in rita.get(f"{choosing}?q=zzqq").text


# --- What stays true ------------------------------------------------------------------------------


def test_of_everything_that_names_a_programme_it_is_said_what_becomes_of_it() -> None:
    for model, fates in FATES.items():
        assert {*list_columns(model)} == {*fates}
    columns = {one.name for one in Programme._meta.concrete_fields}
    compared = {name for names in (*GROUPS, PICTURE) for name in names}
    assert compared | OF_THE_ONE_THAT_STAYS == columns
    assert not compared & OF_THE_ONE_THAT_STAYS


def test_the_page_takes_as_many_queries_for_many_facts_as_for_few(
    rita: Client, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    taken = []
    for size in (1, 8):
        one, other = builders.crowded(size), builders.crowded(size)
        rita.get(find_address(one, other))
        with CaptureQueriesContext(connection) as queries:
            assert rita.get(find_address(one, other)).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 14


def test_who_was_merged_is_found_without_looking_at_all_records() -> None:
    if connection.vendor == "sqlite":
        told = Programme.objects.filter(merged_into=1).explain()
        assert "USING INDEX programme_merged" in told
