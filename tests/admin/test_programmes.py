"""The admin as curators use it: lists that say what needs work, forms that refuse what is wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partnerships.models import Lineage
from programmes.models import (
    Audience,
    CareerFactor,
    Citation,
    Claim,
    Country,
    Discrepancy,
    EducationLevel,
    FormerSlug,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    SeededRow,
    Source,
    Unit,
)
from tests.admin.forms import address, errors_on, filled_in, new_row, save
from tests.builders import (
    country,
    kind,
    level,
    make_citation,
    make_claim,
    make_discrepancy,
    make_evaluation,
    make_former_slug,
    make_funding,
    make_lineage,
    make_name,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)

pytestmark = pytest.mark.django_db

REGISTERED = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("programmes", "partnerships")
]
State = Programme.State


def make_complete_programme(**fields: Any) -> Programme:
    """Make a programme that lacks nothing."""
    programme = make_programme(
        year_start=2002,
        countries=[country("NL")],
        levels=[level(3)],
        kinds=[kind("company-visits")],
        **fields,
    )
    source = make_source()
    make_citation(programme, source=source)
    make_reach(programme, source=source)
    make_funding(programme, source=source)
    make_evaluation(programme, source=source)
    make_partnership(programme, make_organisation())
    make_name(programme, f"Alias of {programme}")
    discrepancy = make_discrepancy(programme)
    make_claim(discrepancy, statement="over 100", source=source)
    make_claim(discrepancy, statement="85", source=source)
    make_lineage(from_programme=programme, to_text="Something else")
    return programme


def listed(response: Any) -> list[Programme]:
    return list(response.context["cl"].result_list)


def text_of(response: Any, row: Any, column: str) -> str:
    """Return what a column of the list says about a row."""
    model_admin = response.context["cl"].model_admin
    (shown,) = [found for found in listed(response) if found.pk == row.pk]
    return str(getattr(model_admin, column)(shown))


def act(client: Client, action: str, *programmes: Programme) -> Any:
    data = {"action": action, "_selected_action": [programme.pk for programme in programmes]}
    return client.post(address(Programme), data, follow=True)


@pytest.fixture
def admin_user(db: None) -> User:
    """A superuser without a password: hashing one would take longer than most tests."""
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def curator(client: Client) -> Client:
    """A member of staff who may see and change programmes, and nothing else."""
    user = User.objects.create_user("curator", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_programme", "change_programme"])
    )
    client.force_login(user)
    return client


# --- Every page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.model_name)
def test_every_list_and_form_answers(admin_client: Client, model: Any) -> None:
    make_complete_programme()
    row = model.objects.first() or model.objects.create()
    for page in (address(model), address(model, "add"), address(row, "change")):
        assert admin_client.get(page).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.model_name)
def test_a_form_that_is_sent_back_unchanged_is_saved(admin_client: Client, model: Any) -> None:
    make_complete_programme()
    row = model.objects.order_by("pk").last()
    response = save(admin_client, row, {})
    assert response.status_code == 302, errors_on(response)
    assert LogEntry.objects.latest("action_time").get_change_message() == "No fields changed."


def test_the_first_page_leads_to_what_needs_work(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert f"{address(Programme)}?verified=due" in page.content.decode()


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.model_name)
def test_a_curator_is_told_what_a_draft_does_not_hide(admin_client: Client, model: Any) -> None:
    form = admin_client.get(f"{address(model)}add/").text
    told = "can be seen by everybody at once" in form
    assert told is (model not in {Programme, Discrepancy, Lineage})


def test_what_seeding_remembers_is_nobody_s_to_edit() -> None:
    assert not admin.site.is_registered(SeededRow)


@pytest.mark.parametrize("page", ["changelist", "add", "change"])
def test_pages_have_no_inline_code_for_the_policy_to_block(admin_client: Client, page: str) -> None:
    row = make_complete_programme() if page == "change" else Programme
    html = admin_client.get(address(row, page)).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert "onclick=" not in html


def test_every_field_in_a_table_says_its_name(admin_client: Client) -> None:
    programme = make_complete_programme()
    html = admin_client.get(address(programme, "change")).content.decode()
    for name in ("Organisation", "Role", "Evidence", "Delete"):
        assert f'aria-label="{name}"' in html


# --- The list ------------------------------------------------------------------------------------


def test_the_list_takes_as_many_queries_for_thirty_as_for_three(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = admin_client.get(address(Programme), {"q": "zebra"})
        assert len(listed(page)) == number
        return len(captured)

    number = 3
    for _n in range(3):
        make_complete_programme(summary="Zebra")
    queries()  # fills the cache of content types
    with_three = queries()
    number = 30
    for _n in range(27):
        make_complete_programme(summary="Zebra")
    assert queries() == with_three


@pytest.mark.parametrize("typed", ["beta", "BÈTA zebra", "zebra b", '"beta techniek"', "beta-tech"])
def test_search_minds_neither_accents_nor_case(admin_client: Client, typed: str) -> None:
    programme = make_programme(name="Zébra", slug="beta-tech-nl")
    make_name(programme, "Bèta Techniek")
    make_programme(name="Zébra")
    found = listed(admin_client.get(address(Programme), {"q": typed}))
    assert programme in found
    assert all("b" in str(p.__dict__).casefold() for p in found)


def test_search_needs_every_word_and_a_phrase_as_a_whole(admin_client: Client) -> None:
    programme = make_programme(name="Zebra Techniek")
    for typed, expected in [("techniek zebra", 1), ('"techniek zebra"', 0), ("zebra lion", 0)]:
        found = listed(admin_client.get(address(Programme), {"q": typed}))
        assert found.count(programme) == expected


def test_missing_facts_are_named(admin_client: Client) -> None:
    bare = make_programme(summary="Zebra")
    complete = make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert text_of(page, bare, "missing").endswith(
        "start year, level, country, kind, reach, funding, evaluation"
    )
    assert text_of(page, complete, "missing").endswith("nothing")


def test_a_europe_wide_programme_needs_no_country(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra", scope="eu-wide")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "country" not in text_of(page, programme, "missing")
    assert text_of(page, programme, "where") == "Europe-wide"


def test_what_a_source_declares_not_available_is_marked(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra")
    basis = Citation.Basis.DECLARED_NOT_AVAILABLE
    make_citation(programme, field="funding", basis=basis)
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "funding (declared not available)" in text_of(page, programme, "missing")


def test_the_list_tells_verification_evidence_and_sources(admin_client: Client) -> None:
    old = make_complete_programme(summary="Zebra", verified_on=date(2020, 3, 4))
    new = make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert text_of(page, old, "verified") == "4 Mar 2020"
    assert "never" in text_of(page, new, "verified")
    assert text_of(page, old, "evidence_step") == "Reported by the programme"
    assert text_of(page, new, "evidence_step") == "No evaluation on record"
    assert (text_of(page, old, "sources"), text_of(page, new, "sources")) == ("1", "0")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("verified", ["never", "long ago", "yesterday"]),
        ("-missing", ["never", "long ago", "yesterday"]),
        ("evidence_step", ["yesterday", "long ago", "never"]),
    ],
)
def test_the_list_sorts_by_what_needs_work(
    admin_client: Client, column: str, expected: list[str]
) -> None:
    never = make_programme(name="never", summary="Zebra")
    long_ago = make_programme(
        name="long ago", summary="Zebra", verified_on=date(2001, 1, 1), year_start=2001
    )
    make_evaluation(long_ago)
    yesterday = make_complete_programme(
        name="yesterday", summary="Zebra", verified_on=timezone.localdate()
    )
    make_evaluation(yesterday, conducted_by="independent")
    order = admin.site._registry[Programme].list_display.index(column.strip("-")) + 1
    sign = "-" if column.startswith("-") else ""
    page = admin_client.get(address(Programme), {"q": "zebra", "o": f"{sign}{order}"})
    assert [p.name for p in listed(page)] == expected
    assert never in listed(page)


@pytest.mark.parametrize(
    "missing", ["year_start", "levels", "countries", "kinds", "reach", "funding", "evaluation"]
)
def test_a_filter_finds_what_lacks_a_fact(admin_client: Client, missing: str) -> None:
    bare = make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", "missing": missing})
    assert listed(page) == [bare]


def test_a_filter_finds_what_was_not_verified_for_a_year(admin_client: Client) -> None:
    today = timezone.localdate()
    never = make_programme(name="A", summary="Zebra")
    old = make_programme(name="B", summary="Zebra", verified_on=today - timedelta(days=400))
    new = make_programme(name="C", summary="Zebra", verified_on=today)

    def found(choice: str) -> list[Programme]:
        return listed(admin_client.get(address(Programme), {"q": "zebra", "verified": choice}))

    assert found("due") == [never, old]
    assert found("never") == [never]
    assert found("recently") == [new]


def test_a_filter_finds_the_step_of_evidence(admin_client: Client) -> None:
    none = make_programme(summary="Zebra")
    reported = make_programme(summary="Zebra")
    make_evaluation(reported)
    monitored = make_programme(summary="Zebra")
    make_evaluation(monitored, approach="indicators")
    independent = make_programme(summary="Zebra")
    make_evaluation(independent, approach="outcomes", conducted_by="independent")
    steps = {
        "none": none,
        "reported": reported,
        "monitored": monitored,
        "independent": independent,
    }
    for step, programme in steps.items():
        page = admin_client.get(address(Programme), {"q": "zebra", "evidence": step})
        assert listed(page) == [programme]


def test_filters_go_together(admin_client: Client) -> None:
    programme = make_complete_programme(summary="Zebra")
    asked = {
        "q": "zebra",
        "verified": "never",
        "evidence": "reported",
        "levels__id__exact": level(3).pk,
        "countries__id__exact": country("NL").pk,
        "kinds__id__exact": kind("company-visits").pk,
        "state__exact": "published",
    }
    page = admin_client.get(address(Programme), asked)
    assert listed(page) == [programme]
    assert "Reported by the programme (1)" in page.content.decode()
    assert listed(admin_client.get(address(Programme), {**asked, "missing": "levels"})) == []


@pytest.mark.parametrize("name", ["missing", "verified", "evidence"])
def test_a_filter_with_a_made_up_value_changes_nothing(admin_client: Client, name: str) -> None:
    make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", name: "nonsense"})
    assert len(listed(page)) == 1


def test_filters_show_how_many_each_choice_has(admin_client: Client) -> None:
    make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    html = admin_client.get(address(Programme), {"q": "zebra"}).content.decode()
    assert "start year (1)" in html
    assert "Published (2)" in html


# --- Actions -------------------------------------------------------------------------------------


def test_an_action_marks_programmes_as_verified_today(admin_client: Client) -> None:
    programmes = [make_programme(), make_programme()]
    page = act(admin_client, "mark_verified", *programmes)
    for programme in programmes:
        programme.refresh_from_db()
        assert programme.verified_on == timezone.localdate()
    assert "2 programmes are marked as verified today." in page.content.decode()
    assert LogEntry.objects.filter(object_id=str(programmes[0].pk)).count() == 1


def test_drafts_are_sent_to_review_and_others_stay_as_they_are(admin_client: Client) -> None:
    draft = make_programme(state=State.DRAFT)
    published = make_programme(name="Public", state=State.PUBLISHED)
    page = act(admin_client, "send_to_review", draft, published)
    draft.refresh_from_db()
    published.refresh_from_db()
    assert (draft.state, published.state) == (State.REVIEW, State.PUBLISHED)
    assert "Left as they were: Public (Published)." in page.content.decode()


def test_publishing_takes_drafts_and_reviewed_entries_but_nothing_withdrawn(
    admin_client: Client,
) -> None:
    draft = make_programme(state=State.DRAFT)
    reviewed = make_programme(state=State.REVIEW)
    withdrawn = make_programme(state=State.WITHDRAWN, withdrawn_reason="A duplicate.")
    before = draft.changed_at
    act(admin_client, "publish", draft, reviewed, withdrawn)
    for programme in (draft, reviewed, withdrawn):
        programme.refresh_from_db()
    assert (draft.state, reviewed.state) == (State.PUBLISHED, State.PUBLISHED)
    assert withdrawn.state == State.WITHDRAWN
    assert draft.changed_at > before


def test_programmes_are_not_deleted_by_the_dozen(admin_client: Client) -> None:
    html = admin_client.get(address(Programme)).content.decode()
    assert "delete_selected" not in html


# --- The form ------------------------------------------------------------------------------------


def test_a_new_row_takes_the_next_position(admin_client: Client) -> None:
    programme = make_programme()
    make_reach(programme, position=4)
    unit = Unit.objects.first()
    row = new_row("reach", 1, qualifier="about", value="60000", unit=unit.pk)
    assert save(admin_client, programme, row).status_code == 302
    new = programme.reach.get(value=60000)
    assert (new.position, new.qualifier) == (5, "about")


def test_two_new_rows_take_two_positions(admin_client: Client) -> None:
    programme = make_programme()
    unit = Unit.objects.first()
    row = {"qualifier": "exact", "value": "1", "unit": unit.pk}
    rows = {**new_row("reach", 0, **row), **new_row("reach", 1, **row)}
    assert save(admin_client, programme, rows).status_code == 302
    assert [reach.position for reach in programme.reach.all()] == [1, 2]


def test_numbers_appear_as_they_were_typed(admin_client: Client) -> None:
    programme = make_programme()
    make_reach(programme, "4500")
    html = admin_client.get(address(programme, "change")).content.decode()
    assert 'value="4500"' in html
    assert "4500.00" not in html


def test_a_new_programme_is_saved_with_its_facts(admin_client: Client) -> None:
    source = make_source()
    page = admin_client.get(address(Programme, "add"))
    data = {
        **filled_in(page),
        "name": "New",
        "slug": "new",
        "summary": "New.",
        "scope": "national",
        "levels": [level(3).pk],
        **new_row("citations", 0, field="entry", basis="stated", source=source.pk),
    }
    response = admin_client.post(address(Programme, "add"), data)
    assert response.status_code == 302, errors_on(response)
    programme = Programme.objects.get(slug="new")
    assert programme.state == State.DRAFT
    assert programme.citations.get().position == 1
    assert list(programme.levels.all()) == [level(3)]


@pytest.mark.parametrize(
    ("prefix", "row", "message"),
    [
        (
            "reach",
            {"qualifier": "range", "value": "9", "value_max": "3"},
            "A range, and only a range, has an upper end above.",
        ),
        (
            "reach",
            {"qualifier": "exact", "value": "9", "year_from": "2020", "year_to": "2010"},
            "The last year lies before the first.",
        ),
        (
            "funding",
            {"qualifier": "exact", "source_type": "public", "amount": "9"},
            "An amount needs its currency, and the other way round.",
        ),
        ("citations", {"field": "entry", "basis": "inferred"}, "Name the source that the entry"),
        (
            "evaluations",
            {"approach": "outcomes", "conducted_by": "unknown"},
            "Name the source: this evaluation is shown as evidence.",
        ),
    ],
)
def test_a_wrong_row_is_refused_in_words_and_nothing_is_saved(
    admin_client: Client, prefix: str, row: dict[str, str], message: str
) -> None:
    programme = make_programme(name="Before")
    if prefix == "reach":
        row = {**row, "unit": str(Unit.objects.first().pk)}
    changes = {"name": "After", **new_row(prefix, 0, **row)}
    assert message in errors_on(save(admin_client, programme, changes))
    programme.refresh_from_db()
    assert programme.name == "Before"
    assert not getattr(programme, prefix).exists()


def test_an_organisation_has_a_role_only_once(admin_client: Client) -> None:
    programme = make_programme()
    organisation = make_organisation()
    make_partnership(programme, organisation, "founder")
    again = new_row("partnerships", 1, organisation=organisation.pk, role="founder")
    errors = errors_on(save(admin_client, programme, again))
    assert "The organisation already has this role here." in errors
    other = new_row("partnerships", 1, organisation=organisation.pk, role="funder")
    assert save(admin_client, programme, other).status_code == 302


def test_a_name_is_there_only_once(admin_client: Client) -> None:
    programme = make_programme()
    make_name(programme, "Twice")
    again = new_row("names", 1, name="Twice", kind=ProgrammeName.Kind.ALIAS)
    assert "The programme already has this name." in errors_on(save(admin_client, programme, again))


def test_the_programme_s_own_rules_reach_the_form(admin_client: Client) -> None:
    programme = make_programme(year_start=2010)
    errors = errors_on(save(admin_client, programme, {"year_end": "2001"}))
    assert "The end year lies before the start year." in errors


def test_a_long_line_is_stored_without_breaks(admin_client: Client) -> None:
    programme = make_programme()
    save(admin_client, programme, {"countries_note": " One\r\ntwo  three "})
    programme.refresh_from_db()
    assert programme.countries_note == "One two three"


def test_lineage_gets_a_readable_and_unique_address(admin_client: Client) -> None:
    programme = make_programme(slug="jet-net-made")
    target = make_programme(slug="tektanken-made")
    to_target = {"relation": "adapted-as", "to_programme": target.pk}
    to_text = {"relation": "inspired", "to_text": "Écoles & Co"}
    rows = {
        **new_row("lineage", 0, **to_target, year="2012"),
        **new_row("lineage", 1, **to_target, year="2013"),
        **new_row("lineage", 2, **to_text, year="2014"),
    }
    assert save(admin_client, programme, rows).status_code == 302
    assert [row.slug for row in programme.lineage.order_by("year")] == [
        "jet-net-made-adapted-as-tektanken-made",
        "jet-net-made-adapted-as-tektanken-made-2",
        "jet-net-made-inspired-ecoles-co",
    ]


def test_lineage_leads_to_exactly_one_thing(admin_client: Client) -> None:
    programme = make_programme()
    both = new_row("lineage", 0, relation="inspired", to_programme=programme.pk, to_text="This")
    assert "Name one thing that it relates to" in errors_on(save(admin_client, programme, both))


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_a_new_address_makes_the_old_one_redirect(admin_client: Client, state: str) -> None:
    programme = make_programme(slug="old-address", state=state, withdrawn_reason="Because.")
    save(admin_client, programme, {"slug": "new-address"})
    programme.refresh_from_db()
    assert programme.slug == "new-address"
    assert FormerSlug.objects.get(slug="old-address").programme == programme


def test_an_address_that_was_never_public_leaves_nothing_behind(admin_client: Client) -> None:
    programme = make_programme(slug="old-address", state=State.DRAFT)
    save(admin_client, programme, {"slug": "new-address"})
    assert not FormerSlug.objects.filter(slug="old-address").exists()


def test_going_back_to_an_old_address_turns_the_redirect_round(admin_client: Client) -> None:
    programme = make_programme(slug="now")
    make_former_slug(programme, "before")
    save(admin_client, programme, {"slug": "before"})
    assert [row.slug for row in programme.former_slugs.all()] == ["now"]


def test_the_old_address_of_another_programme_is_refused(admin_client: Client) -> None:
    make_former_slug(make_programme(name="First"), "taken")
    programme = make_programme(slug="mine")
    errors = errors_on(save(admin_client, programme, {"slug": "taken"}))
    assert "This was once the address of First and still leads there." in errors
    programme.refresh_from_db()
    assert programme.slug == "mine"


def test_the_address_of_another_page_is_refused(admin_client: Client) -> None:
    programme = make_programme(slug="mine")
    errors = errors_on(save(admin_client, programme, {"slug": "compare"}))
    assert "This slug is the address of another page" in errors
    programme.refresh_from_db()
    assert programme.slug == "mine"


def test_an_address_in_use_cannot_be_a_former_one(admin_client: Client) -> None:
    make_programme(name="First", slug="in-use")
    row = new_row("former_slugs", 0, slug="in-use")
    errors = errors_on(save(admin_client, make_programme(), row))
    assert "This is the present address of First." in errors


# --- States and deleting -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "possible"),
    [
        (State.DRAFT, {State.DRAFT, State.REVIEW, State.PUBLISHED}),
        (State.REVIEW, {State.DRAFT, State.REVIEW, State.PUBLISHED}),
        (State.PUBLISHED, {State.PUBLISHED, State.WITHDRAWN}),
        (State.WITHDRAWN, {State.PUBLISHED, State.WITHDRAWN}),
    ],
)
def test_what_was_public_cannot_vanish(
    admin_client: Client, now: State, possible: set[State]
) -> None:
    programme = make_programme(state=now, withdrawn_reason="A duplicate.")
    page = admin_client.get(address(programme, "change"))
    choices = page.context["adminform"].form.fields["state"].choices
    assert {value for value, _label in choices} == possible
    assert ("deletelink" in page.content.decode()) == (now in (State.DRAFT, State.REVIEW))


def test_withdrawing_needs_a_reason(admin_client: Client) -> None:
    programme = make_programme()
    errors = errors_on(save(admin_client, programme, {"state": State.WITHDRAWN}))
    assert "Say why it is withdrawn, or what it merged into." in errors
    reason = {"state": State.WITHDRAWN, "withdrawn_reason": "A duplicate."}
    assert save(admin_client, programme, reason).status_code == 302


@pytest.mark.parametrize(
    ("model", "relation"),
    [
        (Country, "countries"),
        (EducationLevel, "levels"),
        (InitiativeKind, "kinds"),
        (Audience, "audiences"),
        (CareerFactor, "factors"),
    ],
)
def test_a_term_in_use_cannot_be_deleted(admin_client: Client, model: Any, relation: str) -> None:
    term = model.objects.first()
    programme = make_programme(name="User of it", **{relation: [term]})
    page = admin_client.post(address(term, "delete"), {"post": "yes"})
    assert "User of it" in page.content.decode()
    data = {"action": "delete_selected", "_selected_action": [term.pk], "post": "yes"}
    admin_client.post(address(model), data)
    assert list(getattr(programme, relation).all()) == [term]


def test_a_unit_and_a_source_in_use_cannot_be_deleted(admin_client: Client) -> None:
    source = make_source()
    reach = make_reach(make_programme(), source=source)
    for row in (reach.unit, source):
        page = admin_client.post(address(row, "delete"), {"post": "yes"})
        assert "protected" in page.content.decode()
        row.refresh_from_db()


def test_a_term_that_nobody_uses_can_be_deleted(admin_client: Client) -> None:
    audience = Audience.objects.create(slug="unused", name="Unused")
    admin_client.post(address(audience, "delete"), {"post": "yes"})
    assert not Audience.objects.filter(slug="unused").exists()


@pytest.mark.parametrize(
    ("model", "key"), [(Country, "code"), (Audience, "slug"), (Source, "slug")]
)
def test_keys_stay_as_they_are(admin_client: Client, model: Any, key: str) -> None:
    row = model.objects.first()
    before = getattr(row, key)
    assert save(admin_client, row, {key: "zz"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, key) == before
    assert key in admin_client.get(address(model, "add")).context["adminform"].form.fields


def test_the_list_of_terms_leads_to_the_programmes_that_use_one(admin_client: Client) -> None:
    html = admin_client.get(address(InitiativeKind)).content.decode()
    link = f"{address(Programme)}?kinds__id__exact={kind('company-visits').pk}"
    assert link in html
    assert admin_client.get(link).status_code == 200


# --- Two curators --------------------------------------------------------------------------------


def test_the_second_of_two_edits_is_refused_with_both_versions(admin_client: Client) -> None:
    programme = make_programme(summary="At first.")
    opened = filled_in(admin_client.get(address(programme, "change")))
    save(admin_client, programme, {"summary": "By the other."})
    mine = {**opened, "summary": "By me."}
    response = admin_client.post(address(programme, "change"), mine)
    errors = errors_on(response)
    assert "Somebody has saved this entry since you opened it" in errors
    assert "By the other." in errors
    assert "By me." in response.content.decode()
    programme.refresh_from_db()
    assert programme.summary == "By the other."

    again = {**mine, "_seen": response.context["seen"]}
    assert admin_client.post(address(programme, "change"), again).status_code == 302
    programme.refresh_from_db()
    assert programme.summary == "By me."


def test_a_row_that_another_curator_changed_counts_as_an_edit(admin_client: Client) -> None:
    programme = make_programme()
    reach = make_reach(programme, 100)
    opened = filled_in(admin_client.get(address(programme, "change")))
    Reach.objects.filter(pk=reach.pk).update(value=200)
    errors = errors_on(admin_client.post(address(programme, "change"), opened))
    assert "Somebody has saved this entry" in errors


def test_text_in_the_stored_version_stays_text(admin_client: Client) -> None:
    programme = make_programme(levels=[level(3)])
    opened = filled_in(admin_client.get(address(programme, "change")))
    Programme.objects.filter(pk=programme.pk).update(summary="<script>alert(1)</script>")
    response = admin_client.post(address(programme, "change"), {**opened, "levels": []})
    assert "<script>alert" not in response.content.decode()
    assert level(3).name in errors_on(response)


# --- Discrepancies and sources -------------------------------------------------------------------


def test_a_discrepancy_is_added_with_what_each_source_says(admin_client: Client) -> None:
    programme = make_programme()
    make_discrepancy(programme, position=7)
    page = admin_client.get(address(Discrepancy, "add"))
    claims = {
        **new_row("claims", 0, statement="over 100"),
        **new_row("claims", 1, statement="85", is_shown="on"),
    }
    data = {**filled_in(page), "programme": programme.pk, "field": "reach", "about": "Schools"}
    response = admin_client.post(address(Discrepancy, "add"), {**data, **claims})
    assert response.status_code == 302, errors_on(response)
    discrepancy = programme.discrepancies.get(about="Schools")
    assert discrepancy.position == 8
    assert [(c.position, c.statement) for c in discrepancy.claims.all()] == [
        (1, "over 100"),
        (2, "85"),
    ]


def test_the_programme_shows_its_discrepancies_with_a_link_to_change_them(
    admin_client: Client,
) -> None:
    discrepancy = make_discrepancy(make_programme())
    make_claim(discrepancy, statement="over 100 companies", is_shown=True)
    html = admin_client.get(address(discrepancy.programme, "change")).content.decode()
    assert '<span class="claim is-shown">over 100 companies</span>' in html
    assert address(discrepancy, "change") in html


def test_a_source_says_what_rests_on_it(admin_client: Client) -> None:
    source = make_source(title="Zebra source")
    programme = make_programme(name="Rests on it")
    make_citation(programme, source=source)
    make_reach(programme, source=source)
    Claim.objects.create(
        discrepancy=make_discrepancy(programme), position=1, statement="x", source=source
    )
    page = admin_client.get(address(Source), {"q": "zebra source"})
    assert text_of(page, source, "uses") == "3"
    html = admin_client.get(address(source, "change")).content.decode()
    assert "citations: 1" in html
    assert "Rests on it" in html


def test_a_source_is_found_by_its_address_and_by_its_link(admin_client: Client) -> None:
    source = make_source(url="https://example.org/Zebra/?page=1", link_state="broken")
    by_address = {"q": "example.org/zebra", "link_state__exact": "broken"}
    assert listed(admin_client.get(address(Source), by_address)) == [source]


# --- Permissions ---------------------------------------------------------------------------------


def test_staff_without_permission_are_refused(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    programme = make_programme()
    for page in (address(Programme), address(Programme, "add"), address(programme, "change")):
        assert client.get(page).status_code == 403
    assert client.post(address(programme, "change"), {"name": "Mine"}).status_code == 403


def test_a_curator_may_do_what_the_permissions_say_and_no_more(curator: Client) -> None:
    programme = make_programme(state=State.DRAFT)
    reach = make_reach(programme)
    assert curator.get(address(programme, "change")).status_code == 200
    assert curator.get(address(Programme, "add")).status_code == 403
    assert curator.get(address(programme, "delete")).status_code == 403
    assert curator.get(address(Source)).status_code == 403
    forged = {"reach-0-id": reach.pk, "reach-0-value": "9", "reach-TOTAL_FORMS": 1}
    assert save(curator, programme, {"name": "Changed", **forged}).status_code == 302
    reach.refresh_from_db()
    assert reach.value == 100


def test_who_may_only_look_is_offered_no_action(client: Client) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_programme"))
    client.force_login(user)
    programme = make_programme(state=State.DRAFT)
    act(client, "publish", programme)
    programme.refresh_from_db()
    assert programme.state == State.DRAFT
    assert client.get(address(programme, "change")).status_code == 200


def test_nobody_is_let_in_without_signing_in(client: Client) -> None:
    page = client.get(address(Programme))
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_a_picture_must_be_one(admin_client: Client, name: str) -> None:
    programme = make_programme()
    file = SimpleUploadedFile(name, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    errors = errors_on(save(admin_client, programme, {"logo": file, "logo_alt": "A logo"}))
    assert "logo" in errors
    programme.refresh_from_db()
    assert not programme.logo
