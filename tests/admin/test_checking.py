"""Tests of the checks before publishing in the admin: form, action, undoing."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client

from programmes.models import Edit, Programme
from stemobs.admin.rights.telling import tell_saved
from tests.admin.curating import State, act
from tests.admin.forms import address, errors_on, filled_in, new_row, save
from tests.builders import (
    make_claim,
    make_discrepancy,
    make_lineage,
    make_organisation,
    make_organisation_name,
    make_programme,
    make_reach,
    make_ready,
    make_source,
    make_strategy,
)

pytestmark = pytest.mark.django_db

WHY = "It doubled its schools, says the report."


def find_last_reason() -> str:
    return Edit.objects.latest("pk").reason


def test_the_form_does_not_publish_a_record_with_an_error(admin_client: Client) -> None:
    programme = make_ready()
    programme.countries.clear()
    response = save(admin_client, programme, {"state": State.PUBLISHED, "region": "Delft"})
    told = "It has no country. Choose one, or the scope “Europe-wide”."
    assert told in errors_on(response)
    html = response.content.decode()
    assert f'<a href="#id_countries">{told}</a>' in html
    programme.refresh_from_db()
    assert (programme.state, programme.region) == (State.DRAFT, "")
    saved = save(admin_client, programme, {"region": "Delft"})
    assert saved.status_code == 302  # as a draft it can be saved
    # Nobody explains an error away.
    assert save(admin_client, programme, {"state": State.PUBLISHED, "_why": WHY}).status_code == 200


def test_what_is_odd_is_published_with_a_reason_that_the_history_keeps(
    admin_client: Client,
) -> None:
    programme = make_ready()
    programme.kinds.clear()
    response = save(admin_client, programme, {"state": State.PUBLISHED})
    assert "It has no kind. Choose one, or say why none fits." in errors_on(response)
    again = {**filled_in(response), "_why": WHY}
    assert admin_client.post(address(programme, "change"), again).status_code == 302
    programme.refresh_from_db()
    assert programme.state == State.PUBLISHED
    assert find_last_reason() == WHY


def test_a_reason_may_be_so_long_and_no_longer(admin_client: Client) -> None:
    programme = make_ready()
    programme.kinds.clear()
    changes = {"state": State.PUBLISHED, "_why": "x" * 400}
    refused = save(admin_client, programme, changes)
    assert "Say it in 250 letters at most." in errors_on(refused)
    assert save(admin_client, programme, {**changes, "_why": "x" * 250}).status_code == 302


def test_a_new_row_with_an_error_is_named_at_its_place(admin_client: Client) -> None:
    programme = make_ready(state=State.PUBLISHED)
    make_reach(programme, 5, position=1, source=make_source())
    unit = programme.reach.get().unit_id
    row = {"qualifier": "exact", "unit": unit, "value": "7"}
    response = save(admin_client, programme, new_row("reach", 1, **row))
    forms = response.context["inline_admin_formsets"]
    (rows,) = [one.formset for one in forms if one.formset.prefix == "reach"]
    assert "Every figure needs a source" in rows.forms[1].errors["source"][0]
    assert 'href="#id_reach-1-source"' in response.content.decode()
    assert rows.forms[1]["value"].value() == "7"
    assert programme.reach.count() == 1


@pytest.mark.once
def test_what_is_wrong_in_a_row_that_goes_is_not_in_the_way(admin_client: Client) -> None:
    programme = make_programme()
    make_reach(programme, 5, source=make_source())
    wrong = {"name": "", "reach-0-value": "many", "reach-0-DELETE": "on"}
    page = save(admin_client, programme, wrong)
    assert [one.anchor for one in page.context["problems"]] == ["id_name"]


def test_an_old_error_does_not_keep_anybody_from_mending_another(admin_client: Client) -> None:
    programme = make_programme(name="Before")
    assert save(admin_client, programme, {"name": "After"}).status_code == 302


def test_a_new_record_cannot_begin_public_with_an_error(admin_client: Client) -> None:
    page = admin_client.get(address(Programme, "add"))
    data = {"name": "New", "slug": "new", "summary": "New.", "scope": "national"}
    sent = {**filled_in(page), **data, "state": State.PUBLISHED}
    response = admin_client.post(address(Programme, "add"), sent)
    assert "The record has no source" in errors_on(response)
    assert not Programme.objects.filter(slug="new").exists()


def test_restoring_asks_why_and_clears_the_reason_for_withdrawing(admin_client: Client) -> None:
    programme = make_ready(state=State.WITHDRAWN, withdrawn_reason="It never was.")
    assert "Why you restore it" in admin_client.get(address(programme, "change")).content.decode()
    assert "Say why you restore it." in errors_on(
        save(admin_client, programme, {"state": State.PUBLISHED})
    )
    save(admin_client, programme, {"state": State.PUBLISHED, "_why": WHY})
    programme.refresh_from_db()
    assert (programme.state, programme.withdrawn_reason) == (State.PUBLISHED, "")
    assert find_last_reason() == WHY


def test_the_action_publishes_what_is_right_and_tells_why_others_are_not(
    admin_client: Client,
) -> None:
    ready, odd, wrong = make_ready(), make_ready(name="Odd"), make_ready(name="Wrong")
    odd.kinds.clear()
    wrong.countries.clear()
    html = act(admin_client, "publish", ready, odd, wrong).content.decode()
    published = Programme.objects.filter(pk__in=[ready.pk, odd.pk, wrong.pk]).published()
    assert list(published) == [ready]
    assert (
        f'<a href="{address(wrong, "change")}">Wrong</a> is not published: It has no country'
        in html
    )
    assert "Mend it, or publish it in its form and say why." in html


def test_undoing_cannot_bring_an_error_back(admin_client: Client) -> None:
    programme = make_ready(state=State.PUBLISHED, summary="word " * 61)
    save(admin_client, programme, {"summary": "Short."})
    made = Edit.objects.latest("pk")
    page = address(programme, "history") + f"{made.pk}/"
    html = admin_client.post(page, {"undo": "Undo"}, follow=True).content.decode()
    assert "Nothing was undone: The summary has 61 words. Please leave out 1." in html
    programme.refresh_from_db()
    assert programme.summary == "Short."


def test_a_difference_between_sources_needs_two_of_them(admin_client: Client) -> None:
    discrepancy = make_discrepancy(make_programme())
    make_claim(discrepancy, position=1)
    make_claim(discrepancy, position=2)
    response = save(admin_client, discrepancy, {"claims-0-DELETE": "on"})
    assert "A point on which sources differ needs two of them" in errors_on(response)
    assert discrepancy.claims.count() == 2


@pytest.mark.once
@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("draft", "draft", "is saved as a draft. Only curators see it."),
        ("draft", "review", "is sent to review. A reviewer reads it next."),
        ("published", "published", "is saved. Everybody sees it now."),
    ],
)
def test_saving_a_record_tells_what_became_of_it(
    admin_client: Client, before: str, after: str, told: str
) -> None:
    programme = make_programme(state=before)
    response = save(admin_client, programme, {"state": after, "region": "North"})
    assert told in " ".join(map(str, get_messages(response.wsgi_request)))
    page = admin_client.get(address(programme, "change")).content.decode()
    assert f'<span class="state">{Programme.State(after).label}</span>' in page


@pytest.mark.once
def test_a_record_that_was_merged_is_not_said_to_give_a_reason() -> None:
    merged = make_programme(state="withdrawn", merged_into=make_programme(slug="other"))
    assert "leads to the record that replaced it" in tell_saved(merged, State.PUBLISHED)


@pytest.mark.once
def test_sending_to_review_tells_what_stands_in_the_way_of_publishing(
    admin_client: Client,
) -> None:
    programme = make_programme(state="draft", year_start=20155)
    response = save(admin_client, programme, {"state": "review"})
    told = " ".join(map(str, get_messages(response.wsgi_request)))
    assert "can be published: " in told
    assert "20155 is far ahead" in told
    programme.refresh_from_db()
    assert programme.state == State.REVIEW


def test_a_refused_form_is_never_saved_though_somebody_saved_before_it_was_shown_again(
    admin_client: Client,
) -> None:
    programme = make_ready()
    make_reach(programme, 5)
    begun: list[str] = []

    def take_all_away(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith('INSERT INTO "programmes_edit"'):
            begun.append(sql)
            if len(begun) == 2:  # all was taken back, and the form is about to be shown again
                programme.reach.all().delete()
                programme.citations.all().delete()
        return execute(sql, *args)

    with connection.execute_wrapper(take_all_away):
        response = save(admin_client, programme, {"state": State.PUBLISHED})
    assert response.status_code == 200
    assert "Every figure needs a source" in response.text
    programme.refresh_from_db()
    assert programme.state == State.DRAFT


@pytest.mark.once
def test_the_action_tells_what_stands_in_the_way_of_what_it_sends_to_review(
    admin_client: Client,
) -> None:
    ready, wrong = make_ready(), make_ready(name="Wrong", year_start=20155)
    wrong.countries.clear()
    page = act(admin_client, "send_to_review", ready, wrong).text
    link = f'<a href="{address(wrong, "change")}">Wrong</a> (2).'
    assert f"How many things stand in the way of publishing: {link}" in page


@pytest.mark.once
def test_pages_of_what_readers_see_refuse_an_error_at_its_place(admin_client: Client) -> None:
    published, draft = make_ready(state=State.PUBLISHED), make_programme(state="draft")
    response = save(admin_client, make_strategy(), {"year_start": "20155"})
    assert "20155 is far ahead" in response.context["adminform"].form.errors["year_start"][0]
    assert 'href="#id_year_start"' in response.text
    public = make_organisation(is_public=True)
    make_organisation_name(public, since=2000)
    response = save(admin_client, public, {"names-0-since": "20155"})
    assert 'href="#id_names-0-since"' in response.text
    for programme, status in ((published, 200), (draft, 302)):
        row = make_lineage(from_programme=programme, to_programme=make_programme())
        assert save(admin_client, row, {"year": "20155"}).status_code == status


@pytest.mark.once
def test_a_claim_of_a_public_record_names_no_source_inside_a_network(admin_client: Client) -> None:
    discrepancy = make_discrepancy(make_ready(state=State.PUBLISHED))
    claims = [make_claim(discrepancy, position=place) for place in (1, 2)]
    inside = make_source(url="http://10.0.0.1/report")
    response = save(admin_client, discrepancy, {"claims-1-source": inside.pk})
    assert 'href="#id_claims-1-source"' in response.text
    claims[1].refresh_from_db()
    assert claims[1].source_id != inside.pk
