"""Curators answer suggestions, and take them over into the form of the record."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from programmes.models import Edit, Programme, Reach, Revision, Suggestion
from stemobs.admin.suggestions.filling import read_value
from tests.admin.forms import address, errors_on, filled_in, save
from tests.builders import (
    make_evaluation,
    make_funding,
    make_lineage,
    make_programme,
    make_reach,
    make_source,
    make_suggestion,
    make_way_in,
)

pytestmark = pytest.mark.django_db

MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def form_of(client: Client, suggestion: Suggestion) -> Any:
    assert suggestion.programme
    form = client.get(f"{address(suggestion.programme, 'change')}?suggestion={suggestion.pk}")
    assert form.status_code == 200
    return form


def reach_form(response: Any, position: int) -> Any:
    (rows,) = [
        one.formset
        for one in response.context["inline_admin_formsets"]
        if one.formset.model is Reach
    ]
    (form,) = [one for one in rows.initial_forms if one.instance.position == position]
    return form


# --- The list and the answer ----------------------------------------------------------------------


def test_the_list_shows_state_record_age_and_answer(admin_client: Client) -> None:
    programme = make_programme(name="Gears")
    make_suggestion(programme, fact="works")
    make_suggestion(about="A page", state="declined", answer="No source says so.")
    page = admin_client.get(address(Suggestion)).text
    for told in ("Gears</a> Does it work?", "A page", "Declined", "No source says so.", "none yet"):
        assert told in page
    assert f"{address(Suggestion)}?state__exact=received" in (
        admin_client.get(reverse("admin:index")).text
    )
    found = admin_client.get(f"{address(Suggestion)}?q=gears").context["cl"].result_count
    assert found == 1


def test_nobody_makes_a_suggestion_in_the_admin(admin_client: Client) -> None:
    assert admin_client.get(address(Suggestion, "add")).status_code == 403


def test_what_the_reader_wrote_cannot_be_changed(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme())
    save(admin_client, suggestion, {"state": "seen", "said": "Mine", "digest": "x"})
    suggestion.refresh_from_db()
    assert suggestion.said == "It is 65,000 now."
    assert suggestion.digest != "x"
    assert suggestion.state == "seen"
    assert suggestion.seen_at
    assert suggestion.decided_at is None


@pytest.mark.parametrize("state", ["declined", "partly"])
def test_a_suggestion_that_is_not_followed_needs_a_reason(admin_client: Client, state: str) -> None:
    suggestion = make_suggestion(make_programme())
    refused = save(admin_client, suggestion, {"state": state, "answer": " "})
    assert "Say why it is not right" in errors_on(refused)
    suggestion.refresh_from_db()
    assert suggestion.state == "received"
    save(admin_client, suggestion, {"state": state, "answer": "No source says so."})
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.answer) == (state, "No source says so.")
    assert suggestion.decided_at
    assert suggestion.seen_at


def test_opening_a_suggestion_changes_nothing(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme(), said=MARKUP, source=MARKUP, value=MARKUP)
    page = admin_client.get(address(suggestion, "change")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    before = Suggestion.objects.values().get()
    assert (before["state"], before["seen_at"]) == ("received", None)


@pytest.mark.parametrize(
    ("source", "is_link"),
    [("https://example.org/a", True), ("javascript:alert(1)", False), ("Report, page 7", False),
     ("https://example.org/ and a book", False)],
)  # fmt: skip
def test_an_address_to_look_it_up_is_a_link_that_tells_nobody(
    admin_client: Client, source: str, is_link: bool
) -> None:
    page = admin_client.get(address(make_suggestion(source=source), "change")).text
    assert (f'<a href="{source}" rel="nofollow noopener noreferrer external">' in page) == is_link


def test_two_curators_do_not_answer_over_each_other(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme())
    page = admin_client.get(address(suggestion, "change"))
    Suggestion.objects.update(answer="Somebody else was here.")
    sent = {**filled_in(page), "state": "declined", "answer": "Mine."}
    refused = admin_client.post(address(suggestion, "change"), sent)
    assert refused.status_code == 409
    assert "Please choose below" in errors_on(refused)
    assert Suggestion.objects.get().answer == "Somebody else was here."


# --- Taking it over -------------------------------------------------------------------------------


def test_accepting_leads_to_the_form_of_the_record_with_the_suggestion_in_it(
    admin_client: Client,
) -> None:
    programme = make_programme()
    suggestion = make_suggestion(programme, fact="works")
    make_evaluation(programme)
    saved = save(admin_client, suggestion, {"state": "accepted", "answer": "Thank you."})
    assert [str(told) for told in get_messages(saved.wsgi_request)] == [
        "Answered. Whoever sent it can read that now."
    ]
    assert saved.status_code == 302
    wanted = f"{address(programme, 'change')}?suggestion={suggestion.pk}"
    assert saved.headers["Location"] == wanted
    form = admin_client.get(wanted).text
    assert f"Suggestion S-{suggestion.pk}" in form
    assert "It is 65,000 now." in form
    assert 'href="#evaluations-group"' in form
    assert 'id="evaluations-group"' in form


def test_who_was_right_is_told_so_even_without_a_sentence(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme())
    assert save(admin_client, suggestion, {"state": "accepted"}).status_code == 302
    suggestion.refresh_from_db()
    assert (
        suggestion.answer
        == "Thank you. You are right. Readers will see the change once we have checked it."
    )


def test_declining_leads_back_to_the_list(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme())
    saved = save(admin_client, suggestion, {"state": "declined", "answer": "No."})
    assert saved.headers["Location"] == address(Suggestion)


def test_a_suggested_figure_is_filled_in_beside_the_stored_one(admin_client: Client) -> None:
    programme = make_programme(state="draft")
    make_reach(programme, 60_000, position=3, source=make_source())
    make_reach(programme, 10, position=4)
    suggestion = make_suggestion(programme, fact="reach-3", value="about 65,000 <b>")
    response = form_of(admin_client, suggestion)
    form = reach_form(response, 3)
    assert form["value"].value() == "65000"
    assert f'href="#{form.prefix}"' in response.text
    assert f'id="{form.prefix}"' in response.text
    assert "Suggested: “about 65,000 &lt;b&gt;”. Stored until you save: “60000”." in response.text
    assert reach_form(response, 4)["value"].value() == 10
    assert Reach.objects.get(programme=programme, position=3).value == 60_000
    place = f"{address(programme, 'change')}?suggestion={suggestion.pk}"
    saved = admin_client.post(place, filled_in(response))
    assert Reach.objects.get(programme=programme, position=3).value == 65_000
    assert Edit.objects.latest("pk").reason == f"Suggestion S-{suggestion.pk}"
    assert saved.headers["Location"] == address(suggestion, "change")  # it waits for an answer


def test_a_figure_that_took_the_place_of_another_is_not_filled_in(admin_client: Client) -> None:
    programme = make_programme()
    figure = make_reach(programme, 60_000, position=3)
    suggestion = make_suggestion(programme, fact="reach-3", value="65,000")
    figure.delete()
    assert "The record no longer says this" in form_of(admin_client, suggestion).text
    make_reach(programme, 10, position=3)
    response = form_of(admin_client, suggestion)
    assert reach_form(response, 3)["value"].value() == 10
    assert "The record no longer says this" in response.text
    assert "Go to the fact" not in response.text


def test_a_website_that_was_not_known_is_filled_in(admin_client: Client) -> None:
    suggestion = make_suggestion(
        make_programme(), fact="website", value="https://gears.example/", kind="missing"
    )
    form = form_of(admin_client, suggestion)
    assert form.context["adminform"].form["website"].value() == "https://gears.example/"
    script = make_suggestion(suggestion.programme, fact="website", value="javascript:alert(1)")
    form = form_of(admin_client, script)
    assert form.context["adminform"].form["website"].value() == ""


@pytest.mark.once
def test_a_suggestion_about_any_row_or_field_leads_to_its_place_in_the_form(
    admin_client: Client,
) -> None:
    programme = make_programme()
    _way, other = make_way_in(programme), make_way_in(programme, audience="companies")
    row = make_lineage(from_programme=programme, to_programme=make_programme())
    for fact, place in (
        (f"taking_part-{other.position}", "taking_part-1"),
        (f"lineage-{row.pk}", "lineage-0"),
        ("levels", "id_levels"),
        ("ages", "id_age_min"),
    ):
        suggestion = make_suggestion(programme, fact=fact, value="7")
        page = form_of(admin_client, suggestion).text
        assert f'href="#{place}"' in page
        assert f'id="{place}"' in page
        assert "Stored until you save" not in page


def test_the_suggested_amount_of_money_is_filled_in(admin_client: Client) -> None:
    programme = make_programme()
    make_funding(programme, amount=10, currency="EUR", position=2)
    suggestion = make_suggestion(programme, fact="funding-2", value="EUR 12 500")
    assert 'value="12500"' in form_of(admin_client, suggestion).text


@pytest.mark.parametrize("fact", ["", "what", "lineage", "reach-99", "from", "nothing"])
def test_a_suggestion_about_no_single_fact_is_shown_and_fills_in_nothing(
    admin_client: Client, fact: str
) -> None:
    suggestion = make_suggestion(make_programme(), fact=fact, value="7", said=MARKUP)
    form = form_of(admin_client, suggestion)
    assert f"Suggestion S-{suggestion.pk}" in form.text
    assert "Stored until you save" not in form.text
    assert "<script>alert" not in form.text


@pytest.mark.parametrize("given", ["0", "x", "9" * 30, "", "-1", "1;2", "%00"])
def test_the_form_of_a_record_ignores_a_suggestion_that_is_not_there(
    admin_client: Client, given: str
) -> None:
    place = f"{address(make_programme(), 'change')}?suggestion={given}"
    answer = admin_client.get(place)
    assert answer.status_code == (400 if given == "%00" else 200)
    assert 'class="suggested"' not in answer.text


def test_a_suggestion_about_another_record_is_not_shown(admin_client: Client) -> None:
    suggestion = make_suggestion(make_programme())
    place = f"{address(make_programme(), 'change')}?suggestion={suggestion.pk}"
    assert 'class="suggested"' not in admin_client.get(place).text


def test_answering_leaves_the_record_and_its_log_alone(admin_client: Client) -> None:
    programme = make_programme()
    suggestion = make_suggestion(programme)
    before = Programme.objects.values().get(pk=programme.pk), Revision.objects.get().number
    save(admin_client, suggestion, {"state": "accepted", "answer": "Thank you."})
    form_of(admin_client, suggestion)
    after = Programme.objects.values().get(pk=programme.pk), Revision.objects.get().number
    assert after == before
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(suggestion.pk)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("about 65,000", "65000"), ("65 000 pupils", "65000"), ("nearly 500.", "500"), ("12", "12"),
     ("1.200", ""), ("3 of 4", ""), ("2018/19", ""), ("many", ""), ("", ""), ("1,5", ""),
     ("over 1,234,567", "1234567"), ("65,0000", "")],
)  # fmt: skip
def test_only_a_number_that_is_clear_is_filled_in(text: str, value: str) -> None:
    assert read_value("reach", text) == value


# --- Permissions ----------------------------------------------------------------------------------


def test_who_may_not_see_suggestions_sees_none(curator: Client) -> None:
    suggestion = make_suggestion(make_programme())
    assert curator.get(address(Suggestion)).status_code == 403
    assert curator.get(address(suggestion, "change")).status_code == 403
    assert 'class="suggested"' not in form_of(curator, suggestion).text
    assert "New suggestions" not in curator.get(reverse("admin:index")).text


def test_who_may_only_answer_is_not_led_to_the_record(client: Client) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    names = ["view_suggestion", "change_suggestion"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    suggestion = make_suggestion(make_programme())
    assert "with it filled in" not in client.get(address(suggestion, "change")).text
    saved = save(client, suggestion, {"state": "accepted", "answer": "Thank you."})
    assert saved.headers["Location"] == address(Suggestion)
    assert client.get(address(suggestion, "delete")).status_code == 403


def test_who_may_only_look_cannot_answer(client: Client) -> None:
    user = User.objects.create_user("guest", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_suggestion"))
    client.force_login(user)
    suggestion = make_suggestion(make_programme())
    assert client.get(address(suggestion, "change")).status_code == 200
    sent = {"state": "accepted", "answer": "Yes.", "_seen": "x"}
    assert client.post(address(suggestion, "change"), sent).status_code == 403
