"""Curators take edits of a record back, and withhold what must not be shown any more."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from partnerships.models import Lineage
from programmes.models import Claim, Edit, Programme, Redaction, Source, Version
from stemobs.catalogue.editing import edit
from stemobs.curation.roles import Role
from stemobs.entries.history.withholding import withhold
from tests import builders
from tests.api.asking import one
from tests.catalogue.marks import begin_another_transaction, number
from tests.catalogue.past import Snapshot, take_snapshot
from tests.curation.people import make_person, sign_in

pytestmark = pytest.mark.django_db

SECRET = "Ask Jane Doe, 555 0100"
WHY = "It held personal data."
ALONE = "Without a second person: "


@pytest.fixture
def programme() -> Programme:
    made = builders.make_programme(
        slug="then", website="https://example.org/", countries=[builders.country("NL")]
    )
    builders.make_reach(made, 40, position=1, source=builders.make_source())
    discrepancy = builders.make_discrepancy(made)
    for statement in ("over 100", "85"):
        builders.make_claim(discrepancy, statement=statement)
    return made


def write(
    programme: Programme,
    change: Any = None,
    why: str = "",
    user: User | None = None,
    **fields: Any,
) -> Edit:
    """Change a programme as a curator; return the edit."""
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, user, why) as made:
        if fields:
            Programme.objects.filter(pk=programme.pk).update(**fields)
        if change:
            change()
    begin_another_transaction()
    made.refresh_from_db()  # PostgreSQL has given it its revision
    return made


def find_history(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])


def find_address(row: Model, made: Edit) -> str:
    return f"{find_history(row)}{made.pk}/"


def post(client: Client, row: Model, made: Edit, **data: Any) -> Any:
    return client.post(find_address(row, made), data, follow=True)


def list_messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def drop_times(programme: Programme) -> Snapshot:
    """Return all rows but for when the record was changed last."""
    snapshot = take_snapshot()
    del snapshot[Programme][programme.pk]["changed_at"]
    return snapshot


# --- Undoing --------------------------------------------------------------------------------------


def test_an_edit_is_undone_by_an_edit_that_says_so(
    admin_client: Client, admin_user: User, programme: Programme
) -> None:
    def change() -> None:
        programme.reach.update(value=50)
        builders.make_name(programme, "Another name")
        programme.discrepancies.all().delete()
        programme.countries.set([builders.country("FI")])

    before = drop_times(programme)
    made = write(programme, change, name="Wrong", website="")
    write(programme, summary="Changed since.")
    assert find_address(programme, made) in admin_client.get(find_history(programme)).text
    page = admin_client.get(find_address(programme, made)).text
    for told in ("<ins>Wrong</ins>", "<ins>Another name</ins>", "<del>Netherlands</del>"):
        assert told in page
    done = post(admin_client, programme, made, undo="Undo")
    assert list_messages(done) == ["Undone. Everybody sees it now."]
    undoing = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")
    assert undoing.user == admin_user
    assert undoing.reason.endswith(f"(revision {made.revision}).")
    assert undoing.reason in admin_client.get("/programmes/then/history/").text
    again = post(admin_client, programme, made, undo="Undo")
    assert list_messages(again) == ["Nothing was undone: Nothing is left to undo."]
    Programme.objects.filter(pk=programme.pk).update(summary="Made for a test.")
    assert drop_times(programme) == before


def test_what_was_changed_since_is_named_and_nothing_is_undone(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, lambda: programme.reach.update(value=50), name="Wrong", website="")
    write(programme, lambda: programme.reach.update(value=60), name="Mended")
    before, at = take_snapshot(), number()
    done = post(admin_client, programme, made, undo="Undo")
    assert list_messages(done) == [
        "Nothing was undone: Programme, name: changed since; Reach figure, value: changed since"
    ]
    assert (take_snapshot(), number()) == (before, at)
    assert 'name="undo"' not in done.text


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"state": "withdrawn", "withdrawn_reason": "Why."}, "state: change it in the form"),
        ({"slug": "elsewhere"}, "name in addresses: change it in the form"),
    ],
)
def test_what_more_hangs_on_is_left_to_the_form(
    admin_client: Client, programme: Programme, fields: Any, named: str
) -> None:
    made = write(programme, **fields)
    (told,) = list_messages(post(admin_client, programme, made, undo="Undo"))
    assert named in told


def test_the_edit_that_added_a_record_is_not_undone(admin_client: Client) -> None:
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR) as made:
        added = builders.make_programme()
    (told,) = list_messages(post(admin_client, added, made, undo="Undo"))
    assert "withdraw it in the form" in told
    assert Programme.objects.filter(pk=added.pk).exists()


def test_what_no_longer_fits_is_not_brought_back(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, lambda: programme.reach.all().delete())
    builders.make_reach(programme, 7, position=1)
    (told,) = list_messages(post(admin_client, programme, made, undo="Undo"))
    assert "position" in told
    assert programme.reach.get().value == 7


def test_a_fact_that_has_got_parts_since_is_not_removed(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, lambda: builders.make_discrepancy(programme, about="Pupils"))
    builders.make_claim(programme.discrepancies.get(about="Pupils"))
    claims = Claim.objects.count()
    (told,) = list_messages(post(admin_client, programme, made, undo="Undo"))
    assert "no longer fits" in told
    assert Claim.objects.count() == claims


def test_only_who_may_change_a_record_takes_edits_back(
    client: Client, programme: Programme
) -> None:
    made = write(programme, name="Wrong")
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert post(client, programme, made, undo="Undo").status_code == 403
    assert post(client, programme, made, withhold="1", reason=WHY).status_code == 403


def test_an_edit_of_another_record_is_not_found(admin_client: Client, programme: Programme) -> None:
    made = write(programme, name="Wrong")
    other = builders.make_programme()
    assert post(admin_client, other, made, undo="Undo").status_code == 404


# --- Withholding ----------------------------------------------------------------------------------


def test_what_is_withheld_is_gone_and_the_line_says_why(
    admin_client: Client, programme: Programme
) -> None:
    readers = Client()
    before, clean = one(readers, "then"), number()
    made = write(programme, summary=SECRET)
    with_secret = number()
    write(programme, website="https://example.org/new")
    later = number()
    write(programme, summary="Made for a test.")
    tag = readers.get(f"/api/v1/programmes/then/@{with_secret}/").headers["ETag"]
    done = post(admin_client, programme, made, withhold="1", reason=WHY)
    assert "The history keeps the line" in list_messages(done)[0]
    assert not [one for one in Version.objects.all() if "555 0100" in str(one.was)]
    for revision in (with_secret, later):
        for address in ("/programmes/then", "/api/v1/programmes/then"):
            shown = readers.get(f"{address}/@{revision}/", headers={"If-None-Match": tag})
            assert shown.status_code == 410
            assert f"Withheld: {WHY}" in shown.text
    assert readers.get(f"/api/v1/programmes/then/@{clean}/").json() == before
    assert readers.get(f"/api/v1/programmes/then/@{number()}/").status_code == 200
    history = readers.get("/programmes/then/history/")
    assert f"Withheld: {WHY}" in history.text
    assert [step.withheld for step in history.context["past"].steps[:4]] == ["", "", WHY, ""]
    compared = readers.get(f"/programmes/then/history/?from={clean}&to={with_secret}")
    assert compared.status_code == 410
    feed = readers.get("/programmes/then/history.atom").text
    assert WHY in feed
    for text in (history.text, compared.text, feed, done.text):
        assert SECRET not in text
    (told,) = list_messages(post(admin_client, programme, made, undo="Undo"))
    assert "Nothing was undone" in told


def test_a_fact_that_is_withheld_keeps_its_other_columns_as_they_were(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, lambda: builders.make_reach(programme, "0.10", note=SECRET, position=2))
    row = programme.reach.get(position=2)
    write(programme, lambda: programme.reach.filter(pk=row.pk).update(note="Of 2019."))
    before, at = one(admin_client, "then"), number()
    write(programme, lambda: programme.reach.filter(pk=row.pk).update(note="Of 2020."))
    post(admin_client, programme, made, withhold="1", reason=WHY)
    of_row = Version.objects.filter(model="programmes.reach", object_id=row.pk, operation="U")
    first, second = of_row.order_by("pk")
    assert first.was.keys() ^ second.was.keys() == {"note", "withheld"}
    assert first.was["value"] == second.was["value"]
    assert admin_client.get(f"/api/v1/programmes/then/@{at}/").json() == before


def test_what_an_edit_wrote_and_changed_again_itself_is_withheld_too(programme: Programme) -> None:
    def write_twice() -> None:
        row = builders.make_reach(programme, 5, note=SECRET)
        programme.reach.filter(pk=row.pk).update(note=f"{SECRET} 2")

    made = write(programme, write_twice)
    write(programme, lambda: programme.reach.update(note="Of 2019."))
    withhold(programme, made, None, WHY)
    assert SECRET not in str(list(Version.objects.values_list("was", flat=True)))


def test_what_is_withheld_goes_from_suggestions_that_were_made_about_it(
    programme: Programme,
) -> None:
    office = "Jane Private, Example Foundation"
    made = write(programme, lambda: builders.make_contact(programme, office=office))
    asked = builders.make_suggestion(
        programme, fact="contacts-1", fact_told=f"{office}, example.org"
    )
    other = builders.make_suggestion(programme, fact="reach-1", fact_told="about 74 students")
    write(programme, lambda: programme.contacts.update(office="Example Foundation"))
    withhold(programme, made, None, WHY)
    for one_of, told in ((asked, ""), (other, "about 74 students")):
        one_of.refresh_from_db()
        assert one_of.fact_told == told


def test_the_list_of_edits_and_their_pages_do_without_a_figure_that_is_withheld(
    admin_client: Client, programme: Programme
) -> None:
    made: Any = []
    added = write(programme, lambda: made.append(builders.make_reach(programme, 7, note=SECRET)))
    changed = write(programme, lambda: programme.reach.filter(note=SECRET).update(value=8))
    removed = write(programme, lambda: programme.reach.filter(note=SECRET).delete())
    withhold(programme, added, None, WHY)
    page = admin_client.get(find_history(programme))
    assert SECRET not in page.text
    assert [what for _edit, what in page.context["edits"]][:3] == ["Withheld"] * 3
    for one_of in (added, changed, removed):
        assert admin_client.get(find_address(programme, one_of)).status_code == 200


def test_what_still_stands_in_the_record_cannot_be_withheld(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, summary=SECRET)
    (told,) = list_messages(post(admin_client, programme, made, withhold="1", reason=WHY))
    assert "still stands" in told
    assert (
        "This is still empty. Fill it in." in post(admin_client, programme, made, withhold="1").text
    )
    assert not Redaction.objects.exists()


def test_why_a_change_was_made_is_withheld_alone_while_the_change_stands(
    admin_client: Client, programme: Programme
) -> None:
    made = write(programme, summary="Made for pupils.", why=f"Rang: {SECRET}")
    readers, at = Client(), number()
    assert SECRET in readers.get("/programmes/then/history/").text
    done = post(admin_client, programme, made, withhold_reason="1", reason=WHY)
    history = readers.get("/programmes/then/history/").text
    for text in (history, readers.get("/programmes/then/history.atom").text, done.text):
        assert SECRET not in text
        assert f"Withheld: {WHY}" in text
    assert readers.get(f"/programmes/then/@{at}/").status_code == 200
    assert f"Withheld: {WHY}" in admin_client.get(find_address(programme, made)).text


def test_why_a_change_was_made_goes_with_its_content_from_all_records_that_it_touched(
    programme: Programme,
) -> None:
    other = builders.make_programme(slug="other")
    ends = {"from_programme": programme, "to_programme": other}
    made = write(programme, lambda: builders.make_lineage(note=SECRET, **ends), why=SECRET)
    write(programme, lambda: Lineage.objects.filter(note=SECRET).update(note="Of 2019."))
    assert SECRET in Client().get("/programmes/other/history/").text
    withhold(programme, made, None, WHY)
    for slug in ("then", "other"):
        told = Client().get(f"/programmes/{slug}/history/").text
        assert SECRET not in told
        assert f"Withheld: {WHY}" in told


def test_what_a_source_said_is_withheld_from_earlier_states_of_records(
    admin_client: Client, programme: Programme
) -> None:
    source = programme.reach.get().source
    sources, clean = Source.objects.filter(pk=source.pk), number()
    made = write(programme, lambda: sources.update(title=SECRET), why=SECRET)
    address, with_secret = find_address(source, made), number()
    assert address in admin_client.get(find_history(source)).text
    assert f"<ins>{SECRET}</ins>" in admin_client.get(address).text
    (told,) = list_messages(post(admin_client, source, made, withhold="1", reason=WHY))
    assert "still stands" in told
    write(programme, lambda: sources.update(title="Report"))
    shown = f"/programmes/then/@{with_secret}/"
    tag = Client().get(shown).headers["ETag"]
    done = post(admin_client, source, made, withhold="1", reason=WHY)
    assert SECRET not in done.text + str(list(Version.objects.values_list("was", flat=True)))
    state = Client().get(shown, headers={"If-None-Match": tag})
    assert state.status_code == 410
    assert f"Withheld: {WHY}" in state.text
    assert f"</strong> {WHY}" in admin_client.get(address).text
    for revision in (clean, number()):
        assert Client().get(f"/programmes/then/@{revision}/").status_code == 200


def test_a_former_name_of_an_organisation_is_withheld_by_a_reviewer_alone(
    programme: Programme,
) -> None:
    who = builders.make_organisation()
    made = write(programme, lambda: builders.make_organisation_name(who, name=SECRET))
    write(programme, lambda: who.names.all().delete())
    for role, status in ((Role.CURATOR, 403), (Role.REVIEWER, 200)):
        client = sign_in(make_person(role))
        assert post(client, who, made, withhold="1", reason=WHY).status_code == status
    assert SECRET not in str(list(Version.objects.values_list("was", flat=True)))


def test_withholding_something_of_a_draft_is_no_news_to_readers() -> None:
    draft = builders.make_programme(state="draft")
    made = write(draft, summary=SECRET)
    write(draft, summary="Ask us.")
    before = number()
    withhold(draft, made, None, WHY)
    assert SECRET not in str(list(Version.objects.values_list("was", flat=True)))
    assert number() == before


# --- Roles and four eyes --------------------------------------------------------------------------


def test_a_curator_takes_a_public_change_back_and_withholds_nothing(programme: Programme) -> None:
    made = write(programme, summary=SECRET)
    curator = sign_in(make_person(Role.CURATOR))
    done = post(curator, programme, made, undo="Undo")
    assert list_messages(done) == ["Undone. Everybody sees it now."]
    assert 'name="withhold"' not in curator.get(find_address(programme, made)).text
    crafted = post(curator, programme, made, withhold="1", reason=WHY)
    assert crafted.status_code == 403
    assert "Your role is curator" in crafted.text
    assert not Redaction.objects.exists()


@pytest.mark.parametrize(
    ("role", "is_own", "status", "reasons"),
    [
        (Role.CONTRIBUTOR, False, 403, []),
        (Role.CURATOR, False, 403, []),
        (Role.REVIEWER, False, 200, [WHY]),
        (Role.REVIEWER, True, 403, []),
        (Role.ADMINISTRATOR, True, 200, [ALONE + WHY]),
    ],
)
def test_with_four_eyes_who_corrected_a_record_withholds_what_somebody_else_brought_in(
    programme: Programme,
    settings: LazySettings,
    role: Role,
    is_own: bool,
    status: int,
    reasons: list[str],
) -> None:
    settings.FOUR_EYES = True
    person = make_person(role)
    other = make_person(Role.CURATOR, "otto")
    made = write(programme, summary=SECRET, user=person if is_own else other)
    write(programme, summary="Ask us.", user=person)
    done = post(sign_in(person), programme, made, withhold="1", reason=WHY)
    assert done.status_code == status
    assert [*Redaction.objects.values_list("reason", flat=True)] == reasons
    if is_own and not reasons:
        assert "You made this change, so somebody else has to withhold it." in done.text


def test_nobody_takes_back_what_they_may_not_change(programme: Programme) -> None:
    made = write(programme, lambda: builders.make_story(programme))
    curator = sign_in(make_person(Role.CURATOR))
    (told,) = list_messages(post(curator, programme, made, undo="Undo"))
    assert told == "Nothing was undone: Story: you may not change it"
    assert 'name="undo"' not in curator.get(find_address(programme, made)).text
    assert programme.stories.exists()


@pytest.mark.parametrize(
    ("role", "is_own", "told"),
    [
        (Role.CURATOR, False, "Nothing was undone: Your role is curator"),
        (Role.REVIEWER, True, "Nothing was undone: You changed this last"),
        (Role.REVIEWER, False, "Undone. Everybody sees it now."),
        (Role.ADMINISTRATOR, True, "Undone. Everybody sees it now."),
    ],
)
def test_with_four_eyes_what_readers_see_is_undone_by_who_may_publish_and_did_not_change_it(
    programme: Programme, settings: LazySettings, role: Role, is_own: bool, told: str
) -> None:
    settings.FOUR_EYES = True
    person = make_person(role)
    other = make_person(Role.CURATOR, "otto")
    made = write(programme, summary="Wrong.", user=person if is_own else other)
    (message,) = list_messages(post(sign_in(person), programme, made, undo="Undo"))
    assert message.startswith(told)
