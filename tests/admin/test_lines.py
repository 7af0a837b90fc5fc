"""Tests of lines in the form of a programme: what reading gives back, asks, saves and refuses."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import QueryDict
from django.test import Client

from partnerships.models import Funding, Organisation
from programmes.models import Edit, Programme, Reach, Source, Unit
from stemobs.admin.record.sources import count_rows
from tests.admin.forms import Open, address, errors_on, filled_in, new_row, save
from tests.builders import make_citation, make_organisation, make_programme, make_reach, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LINES = "_lines-"


def make_sourced_programme(**fields: Any) -> Programme:
    programme = make_programme(**fields)
    for number in (1, 2):
        source = make_source(url=f"https://example.org/page-{number}")
        make_citation(programme, field="entry", source=source)
    return programme


def read(client: Client, programme: Programme, **lines: str) -> Any:
    """Type lines into the form of a programme and press a button that reads them."""
    page = client.get(address(programme, "change"))
    typed = {f"{LINES}{prefix}": text for prefix, text in lines.items()}
    data = {**filled_in(page), **typed, "_read": "reach"}
    return client.post(address(programme, "change"), data)


def list_rows(page: Any, prefix: str) -> list[tuple[str, str]]:
    """Return the new rows of a page as sentences, each with its source."""
    facts = {one.prefix: one for section in page.context["sections"] for one in section.facts}
    rows = [row for row in facts[prefix].rows if row.shown.original is None]
    assert all(row.is_open for row in rows)
    return [(row.sentence, row.source) for row in rows]


def find_questions(page: Any) -> dict[str, str]:
    """Return what is asked on a page, by the names of the fields."""
    formsets = [one.formset for one in page.context["inline_admin_formsets"]]
    return {
        form.add_prefix(name): str(form.errors[name])
        for formset in formsets
        for form in formset
        for name in form.errors
    }


def count_everything() -> list[int]:
    return [model.objects.count() for model in (Reach, Source, Organisation, Edit, LogEntry)]


def drop_what_changes_by_itself(page: Any) -> str:
    return re.sub(r'(?:nonce|value)="[^"]{30,}"', "", page.content.decode())


def test_reading_gives_lines_back_as_rows_and_saves_nothing(admin_client: Client) -> None:
    programme = make_sourced_programme()
    before = count_everything()
    lines = {
        "citations": "https://example.org/new-page A new page",
        "reach": "nearly 500 students (girls), 2014 [2 p. 4]\n\nabout 60,000 pupils a year, 2019",
        "partnerships": "Philips, founder, since 2002 [1]",
        "funding": "EUR 9,650 in 2015 from Philips [3]\npaid by industry",
    }
    page = read(admin_client, programme, **lines)
    assert list_rows(page, "citations") == [("A new page (example.org)", "")]
    assert list_rows(page, "reach") == [
        ("nearly 500 students, 2014, girls", "S2, p. 4"),
        ("about 60,000 students a year, 2019", "S2"),
    ]
    assert list_rows(page, "partnerships") == [("Philips, founder, from 2002", "S1")]
    assert list_rows(page, "funding") == [
        ("EUR 9,650, 2015, Private: Philips", "S3"),
        ("Private", "S3"),
    ]
    assert find_questions(page) == {}
    assert "Read: 6 rows. Nothing is saved yet." in page.content.decode()
    assert "Please correct" not in page.content.decode()
    assert count_everything() == before
    again = read(admin_client, programme, **lines)
    assert drop_what_changes_by_itself(again) == drop_what_changes_by_itself(page)


def test_saving_reads_lines_too_and_makes_what_is_new(admin_client: Client) -> None:
    programme = make_sourced_programme()
    lines = {
        f"{LINES}citations": "https://example.org/new-page A new page",
        f"{LINES}reach": "20–30 schools, 2016/17 [3]",
        f"{LINES}funding": "paid by industry https://example.org/another-page",
    }
    assert save(admin_client, programme, lines).status_code == 302
    made = programme.reach.get()
    assert (made.qualifier, made.value, made.value_max) == ("range", 20, 30)
    assert (made.period, made.year_from, made.year_to) == ("2016/17", 2016, 2017)
    assert made.period_type == Reach.PeriodType.SCHOOL_YEAR
    assert made.source is not None
    assert (made.source.title, made.source.publisher) == ("A new page", "example.org")
    paid = programme.funding.get()
    assert paid.source_type == Funding.SourceType.PRIVATE
    assert paid.source.title == "Another page"
    assert programme.citations.filter(field="entry").count() == 4


def test_a_line_that_is_not_clear_is_asked_about_and_not_saved(admin_client: Client) -> None:
    programme = make_sourced_programme()
    form = Open(admin_client, programme)
    page = form.send({f"{LINES}reach": "1.200 lesons, 2019–2023 [1]\n5 schools [9]"})
    asked = find_questions(page)
    assert asked.keys() == {
        "reach-0-value", "reach-0-unit", "reach-0-period_type", "reach-1-source",
    }  # fmt: skip
    assert 'value="cumulative"' in asked["reach-0-period_type"]
    assert not programme.reach.exists()
    unit = re.findall(r'name="reach-0-unit-_take" value="(\d+)"', page.content.decode())[0]
    source = programme.citations.first().source_id
    answers = {
        "reach-0-value-_take": "1200",
        "reach-0-unit-_take": unit,
        "reach-1-source-_take": source,
    }
    assert find_questions(form.send(answers)).keys() == {"reach-0-period_type"}
    assert form.send({"reach-0-period_type-_take": "annual"}).status_code == 302
    told = [(row.value, row.unit.name, row.period_type) for row in programme.reach.all()]
    assert told == [(1200, "lessons", "annual"), (5, "schools", "")]


def test_how_exact_a_number_is_must_be_answered_if_it_was_asked(admin_client: Client) -> None:
    programme = make_sourced_programme()
    form = Open(admin_client, programme)
    form.send({f"{LINES}reach": "under 300 schools [1]"})
    assert find_questions(form.send({})).keys() == {"reach-0-qualifier"}
    assert form.send({"reach-0-qualifier-_take": "nearly"}).status_code == 302
    assert programme.reach.get().qualifier == "nearly"


def test_a_known_address_is_the_source_that_we_have(admin_client: Client) -> None:
    programme = make_programme()
    source = make_source(url="https://www.example.org/page-of-it/")
    lines = "http://example.org/page-of-it?utm_source=x\nhttps://www.example.org/page-of-it/#top"
    page = read(admin_client, programme, citations=lines)
    assert list_rows(page, "citations") == [(str(source), "")]
    assert not page.context["sections"][0].facts[0].rows[0].new_fields


def test_the_first_fact_names_its_source_and_the_next_takes_it(admin_client: Client) -> None:
    programme = make_sourced_programme()
    page = read(admin_client, programme, reach="5 schools\n6 schools [2]\n7 schools")
    assert [source for _told, source in list_rows(page, "reach")] == ["", "S2", "S2"]
    assert "Every fact needs a source." in find_questions(page)["reach-0-source"]


def test_an_organisation_that_is_not_known_is_asked_about(admin_client: Client) -> None:
    programme = make_sourced_programme()
    near = make_organisation(name="Quite New Foundation")
    form = Open(admin_client, programme)
    page = form.send({
        f"{LINES}partnerships": "Quite New Foundatoin, funder [1]\nQuite Another, partner",
        f"{LINES}funding": "EUR 500 from Quite Another [1]\nEUR 600 from Nobody at all",
    })  # fmt: skip
    asked = find_questions(page)
    assert asked.keys() >= {
        "partnerships-0-organisation", "partnerships-1-new_type", "funding-0-source_type",
        "funding-1-organisation", "funding-1-source_type",
    }  # fmt: skip
    assert f'value="{near.pk}"' in asked["partnerships-0-organisation"]
    assert page.text.count("“Quite Another” is new. It is taken from") == 1
    response = form.send({
        "partnerships-0-organisation-_take": near.pk,
        "partnerships-1-new_type": "company",
        "funding-0-source_type": "private",
        "funding-1-organisation-_take": near.pk,
        "funding-1-source_type": "foundation",
    })  # fmt: skip
    assert response.status_code == 302, errors_on(response)
    made = Organisation.objects.get(name="Quite Another")
    assert made.type == Organisation.Type.COMPANY
    assert {row.organisation for row in programme.partnerships.all()} == {near, made}
    assert {row.organisation for row in programme.funding.all()} == {near, made}


def test_who_may_not_add_sources_is_told_so(curator: Client) -> None:
    programme = make_sourced_programme()
    more = Permission.objects.filter(codename__in=["change_citation", "add_citation"])
    user = programme._state and curator.get(address(programme, "change")).wsgi_request.user
    user.user_permissions.add(*more)
    page = save(curator, programme, {f"{LINES}citations": "https://example.org/new A new one"})
    assert "you may not add one" in errors_on(page)
    assert not Source.objects.filter(title="A new one").exists()


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("javascript:alert(1)", "Enter a valid URL."),
        ("http://localhost:8000/x", "Only public addresses"),
        (f"https://example.org/{'x' * 500}", "at most 300 characters"),
    ],
)
def test_a_fact_cannot_bring_a_source_that_the_form_of_a_source_refuses(
    admin_client: Client, named: str, told: str
) -> None:
    programme = make_sourced_programme()
    row = {"value": "5", "qualifier": "exact", "unit": make_reach(programme).unit_id}
    page = save(admin_client, programme, new_row("reach", 1, **row, address=named))
    assert told in find_questions(page)["reach-1-address"]
    assert not Source.objects.filter(url=named).exists()


@pytest.mark.parametrize(
    ("period", "told"),
    [("20199", "is no year"), ("2019–2023", "or each year?"), ("last year", "every year")],
)
def test_a_period_typed_into_a_row_is_read_as_well(
    admin_client: Client, period: str, told: str
) -> None:
    programme = make_programme(state="draft")
    make_reach(programme, period="2014", year_from=2014, year_to=2014)
    assert told in errors_on(save(admin_client, programme, {"reach-0-period": period}))
    assert save(admin_client, programme, {"reach-0-period": "since 2016"}).status_code == 302
    row = programme.reach.get()
    assert (row.period, row.year_from) == ("since 2016", 2016)


def test_a_form_that_the_checks_refuse_keeps_what_is_new_as_it_was_typed(
    admin_client: Client,
) -> None:
    programme = make_sourced_programme(state="draft")
    lines = {
        "state": "published",
        f"{LINES}citations": "https://example.org/new-page A new page",
        f"{LINES}reach": "5 schools [3]",
    }
    page = save(admin_client, programme, lines)
    assert "It has no country." in errors_on(page)
    assert find_questions(page) == {}
    assert not Source.objects.filter(title="A new page").exists()
    again = {**filled_in(page), "state": "draft"}
    assert admin_client.post(address(programme, "change"), again).status_code == 302
    assert programme.reach.get().source == Source.objects.get(title="A new page")


def test_without_scripts_a_button_adds_an_empty_row(admin_client: Client) -> None:
    programme = make_programme()
    page = admin_client.get(address(programme, "change"))
    assert "Add another evaluation" in page.text
    assert "Add another E" not in page.text  # nor does the link that scripts add say so
    data = {**filled_in(page), "_add": "evaluations"}
    page = admin_client.post(address(programme, "change"), data)
    assert 'name="evaluations-0-headline"' in page.content.decode()
    assert 'name="evaluations-TOTAL_FORMS" value="1"' in page.content.decode()


def test_what_another_saved_meanwhile_stands_beside_lines(admin_client: Client) -> None:
    programme = make_sourced_programme()
    first, second = Open(admin_client, programme), Open(admin_client, programme)
    first.send({"region": "North", f"{LINES}reach": "5 schools [1]"})
    read_first = second.send({f"{LINES}reach": "6 schools [2]", "_read": "reach"})
    assert [told for told, _source in list_rows(read_first, "reach")] == ["6 schools"]
    second.data.pop("_read", None)
    assert second.send({}).status_code == 302
    programme.refresh_from_db()
    assert programme.region == "North"
    assert sorted(programme.reach.values_list("value", flat=True)) == [5, 6]


def test_a_form_that_is_sent_twice_adds_once_what_is_new(admin_client: Client) -> None:
    programme = make_sourced_programme()
    form = Open(admin_client, programme)
    form.send({
        f"{LINES}citations": "https://example.org/new-page A new page",
        f"{LINES}reach": "500 lesons, 2014 [3]",
        f"{LINES}partnerships": "Quite Another, partner, since 2002 [3]",
    })  # fmt: skip
    form.send({"reach-0-unit": Unit.objects.first().pk, "partnerships-0-new_type": "company"})
    again = admin_client.post(form.address, form.data)
    assert again.status_code == 302, errors_on(again)
    stored = (programme.citations, programme.reach, programme.partnerships)
    assert [rows.count() for rows in stored] == [3, 1, 1]


def test_too_many_lines_at_once_stay_unread(admin_client: Client) -> None:
    programme = make_sourced_programme()
    page = read(admin_client, programme, reach="\n".join(f"{n} schools [1]" for n in range(1, 103)))
    assert len(list_rows(page, "reach")) == 100
    assert "101 schools [1]\n102 schools [1]</textarea>" in page.content.decode()


def test_rows_and_lines_that_make_no_sense_are_only_errors(admin_client: Client) -> None:
    programme = make_sourced_programme()
    lines = "\x00\n[[[\n(((\n“\n,,,,\n= = =\n[2\n" + "9" * 400 + " schools\n½ schools\n𝟙 schools"
    page = read(admin_client, programme, reach=lines, partnerships=lines, funding=lines)
    assert page.status_code == 200
    wrong = {"_add": "nothing", **new_row("reach", 0, value="x"), "reach-TOTAL_FORMS": "x"}
    data = {**filled_in(page), **wrong}
    assert admin_client.post(address(programme, "change"), data).status_code in (200, 409)
    for total in ("x", "", "-1", "9" * 400, "1001"):
        assert count_rows(QueryDict(f"reach-TOTAL_FORMS={total}"), "reach") is None


def test_every_row_with_a_source_takes_its_address_instead(admin_client: Client) -> None:
    programme = make_sourced_programme()
    figure = make_reach(programme, source=make_source())
    rows = {
        **new_row("evaluations", 0, design="audit", object="programme", result="positive"),
        **new_row("contacts", 0, office="The office"),
        **new_row("taking_part", 0, audience="schools", how="Write to them.", is_open="on"),
        **new_row("lineage", 0, relation="inspired", to_text="Another"),
        "evaluations-0-independence": "independent",  # which needs a source
    }
    addresses = {
        "reach-0-address": "www.example.org/page-1/",  # chosen was another
        "evaluations-0-address": "https://example.org/report-of-2026.pdf",
        "contacts-0-address": "https://example.org/report-of-2026.pdf",
        "taking_part-0-address": "https://example.org/page-2",
        "lineage-0-address": "no address",
    }
    form = Open(admin_client, programme)
    page = form.send({**rows, **addresses})
    assert find_questions(page).keys() == {"lineage-0-address"}
    assert form.send({"lineage-0-address": ""}).status_code == 302
    figure.refresh_from_db()
    named = [figure, programme.evaluations.get(), programme.contacts.get()]
    named.append(programme.taking_part.get())
    urls = [row.source.url.rpartition("/")[2] for row in named]
    assert urls == ["page-1", "report-of-2026.pdf", "report-of-2026.pdf", "page-2"]
    assert programme.citations.filter(source__url__endswith="report-of-2026.pdf").count() == 1


def test_a_page_opens_at_a_question_else_at_what_was_read_else_at_the_empty_box(
    admin_client: Client,
) -> None:
    programme = make_sourced_programme()
    for lines, place in (
        ("5 schools [1]\n6 schools [9]", '<fieldset class="ask" tabindex="-1" autofocus>'),
        ("5 schools [1]", "<summary autofocus>"),
        ("", "autofocus></textarea>"),
    ):
        html = read(admin_client, programme, reach=lines).content.decode()
        assert (html.count("autofocus"), html.count(place)) == (1, 1)
    several = {"citations": "https://example.org/new-page New", "reach": "5 schools [1]"}
    opened = read(admin_client, programme, **several).content.decode()
    assert opened.index('id="reach-0"') < opened.index("<summary autofocus>")
    new = admin_client.get(address(Programme, "add")).content.decode()
    assert new.count("autofocus") == new.count("autofocus></textarea>") == 1


def test_a_form_that_is_refused_names_all_that_is_wrong_with_links(admin_client: Client) -> None:
    programme = make_sourced_programme()
    typed = {"name": "", f"{LINES}reach": "1.200 schools [1]"}
    page = save(admin_client, programme, typed)
    told = [(one.anchor, one.text) for one in page.context["problems"]]
    assert told == [
        ("id_name", "Name: This is still empty. Fill it in."),
        (
            "id_reach-0-value",
            "Reach figure 1, Value: Is 1.200 the number 1,200, or 1.2? Choose one.",
        ),
    ]
    html = page.content.decode()
    assert '<a href="#id_name">' in html
    assert "Please correct" not in html
    assert html.count("autofocus") == 1


def test_an_address_that_a_space_may_have_cut_is_asked_about(admin_client: Client) -> None:
    programme = make_programme()
    form = Open(admin_client, programme)
    asked = find_questions(form.send({f"{LINES}citations": "https://a.eu/of 2023.pdf Report"}))
    assert asked.keys() == {"citations-0-address"}
    longer = "https://a.eu/of%202023.pdf"
    assert f'value="{longer}"' in asked["citations-0-address"]
    assert form.send({"citations-0-address-_take": longer}).status_code == 302
    source = programme.citations.get().source
    assert source is not None
    assert (source.url, source.title) == (longer, "Report")


def test_the_only_source_of_a_record_is_that_of_a_line_without_one(admin_client: Client) -> None:
    programme = make_programme()
    source = make_citation(programme, field="entry", source=make_source()).source
    assert save(admin_client, programme, {f"{LINES}reach": "5 schools"}).status_code == 302
    assert programme.reach.get().source == source


def test_a_number_that_may_be_two_is_asked_about_in_its_field_too(admin_client: Client) -> None:
    programme = make_sourced_programme(state="draft")
    make_reach(programme, 5)
    form = Open(admin_client, programme)
    page = form.send({"reach-0-value": "1.420"})
    assert [one.text for one in page.context["problems"]] == [
        "Reach figure 1, Value: Is 1.420 the number 1,420, or 1.42? Choose one."
    ]
    assert form.send({"reach-0-value-_take": "1420"}).status_code == 302
    assert programme.reach.get().value == 1420


def test_a_source_whose_address_is_wrong_is_told_once(admin_client: Client) -> None:
    programme = make_programme(state="draft")
    page = save(
        admin_client, programme, {f"{LINES}citations": "https://localhost.invalid/x A page"}
    )
    assert [one.anchor for one in page.context["problems"]] == ["id_citations-0-address"]


def test_what_is_wrong_with_a_row_that_goes_is_not_told(admin_client: Client) -> None:
    programme = make_sourced_programme()
    make_reach(programme, 5)
    wrong = {"reach-0-value": "many", "reach-0-DELETE": "on", "name": ""}
    page = save(admin_client, programme, wrong)
    assert [one.anchor for one in page.context["problems"]] == ["id_name"]
    assert page.text.count("look here") == 1
    assert "needs correcting" not in page.text


def test_a_draft_needs_no_more_than_its_name_and_a_summary(admin_client: Client) -> None:
    page: Any = admin_client.get(address(Programme, "add"))
    typed = {**filled_in(page), "name": "Bare", "summary": "Shows rocks."}
    assert admin_client.post(address(Programme, "add"), typed).status_code == 302
    assert Programme.objects.get(name="Bare").scope == Programme.Scope.NATIONAL
