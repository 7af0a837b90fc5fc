"""Texts are cleaned where they are stored, and only addresses of the web are links."""

import sys
import unicodedata
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.forms import modelform_factory
from django.test import Client

from partnerships.models import Organisation
from programmes.columns.texts import CleanColumn, clean_line, clean_text
from programmes.models import Programme, ProgrammeName, Source
from programmes.models.changes import Change, Departure, Revision, Version
from programmes.models.seeded import SeededRow
from tests import builders

OF_TRIGGERS = {Change, Departure, Revision, SeededRow, Version}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("One.\r\n\r\nTwo.", "One.\n\nTwo."),
        ("One.\rTwo.", "One.\nTwo."),
        ("One.\u2028Two.\u2029Three.\x85Four.\x0bFive.", "One.\nTwo.\nThree.\nFour.\nFive."),
        ("  One.  \n\tTwo. \u00a0\n\n", "One.\n Two."),
        ("mathe\u00admatics", "mathematics"),
        ("\ufeff\u200bName\u2060", "Name"),
        ("\u202eright\u202c \u2066left\u2069\u200e", "right left"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("Be\u0301ta", "B\u00e9ta"),
        ("Be\u00ad\u0301ta", "B\u00e9ta"),
        ("a\u200cb\u200d", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("\u200d\u200d\U0001f469\u200d\u200d", "\U0001f469"),
        ("4\u00a0500", "4\u00a0500"),
        ("\ud800x", "x"),
        ("\u200b\u00ad ", ""),
    ],
)
def test_a_text_is_stored_as_it_is_seen(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored
    assert clean_text(stored) == stored


def test_a_text_of_one_line_is_stored_on_one_line() -> None:
    assert clean_line(" One\r\n two  three\tfour\u2028five ") == "One two three four five"


def test_no_character_without_a_look_is_stored() -> None:
    """Those of the category Cf that remain are signs of number and verse, which are seen."""
    seen = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    for number in range(sys.maxunicode + 1):
        letter = chr(number)
        category = unicodedata.category(letter)
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") and letter not in seen:
            kept = set(clean_text(f"a{letter}b")) - {"a", "b", "\n", " "}
            assert not kept or number in range(0x13430, 0x13440), hex(number)


def test_long_runs_of_blanks_are_cleaned_in_one_pass() -> None:
    assert clean_text("a" + " \u200b" * 300_000 + "b").endswith(" b")
    assert clean_line("a" + " \n" * 300_000 + "b") == "a b"


def list_text_columns() -> list[Any]:
    return [
        field
        for app in ("programmes", "partnerships")
        for model in apps.get_app_config(app).get_models()
        if model not in OF_TRIGGERS
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    ]


@pytest.mark.parametrize("column", list_text_columns(), ids=str)
def test_every_column_of_text_is_cleaned_in_forms_and_in_the_database(column: Any) -> None:
    assert isinstance(column, CleanColumn)
    typed = "https://example.org/\u200ba" if isinstance(column, models.URLField) else "\u200ba"
    field = column.formfield()
    assert field.clean(typed) == field.clean(typed.replace("\u200b", ""))
    assert not field.has_changed(typed.replace("\u200b", ""), f"{typed} \r\n")


@pytest.mark.django_db
class TestEveryWayToWrite:
    """Saving, updating and writing many rows at once clean alike."""

    def test_saving_cleans_the_row_and_what_is_stored(self) -> None:
        programme = builders.make_programme(name="\u200bA\r\nname", note="One\r\nTwo")
        assert (programme.name, programme.note) == ("A name", "One\nTwo")
        programme.refresh_from_db()
        assert (programme.name, programme.note) == ("A name", "One\nTwo")

    def test_updating_and_bulk_writing_clean_what_is_stored(self) -> None:
        programme = builders.make_programme()
        Programme.objects.filter(pk=programme.pk).update(summary="Soft\u00adly")
        ProgrammeName.objects.bulk_create([ProgrammeName(programme=programme, name="N\u200bame")])
        programme.refresh_from_db()
        assert programme.summary == "Softly"
        assert programme.names.get().name == "Name"


# --- Addresses of the web -------------------------------------------------------------------------

SCHEMES = ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://example.org/",
           "java\u00adscript:alert(1)", "//example.org/x", "mailto:a@example.org")  # fmt: skip
COLUMNS = (
    (Programme, "website"), (Organisation, "website"), (Source, "url"), (Source, "archived_url"),
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("model", "column"), COLUMNS)
def test_an_address_of_another_scheme_is_refused_by_forms_and_by_the_database(
    model: Any, column: str, scheme: str
) -> None:
    row = model.objects.first()
    with pytest.raises(ValidationError):
        model._meta.get_field(column).clean(scheme, row)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**{column: scheme})


@pytest.fixture
def unguarded(db: None) -> Programme:
    """A programme, its organisation and source with `javascript:` in a database that let it in."""
    programme = builders.make_programme(slug="hostile")
    organisation, source = builders.make_organisation(slug="hostile"), builders.make_source()
    builders.make_partnership(programme, organisation)
    builders.make_citation(programme, source=source)
    document = builders.make_document(programme, source=source)
    columns = [(programme, "website"), (organisation, "website"), (source, "url"),
               (source, "archived_url"), (document, "url")]  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("SELECT 1")
        for row, column in columns:
            table = row._meta.db_table
            if connection.vendor == "postgresql":
                name = f"{row._meta.model_name}_{column}_is_of_web"
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute(
                f"UPDATE {table} SET {column} = 'javascript:alert(1)' WHERE id = %s",  # noqa: S608
                [row.pk],
            )
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    programme.refresh_from_db()
    return programme


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/hostile/", "/organisations/hostile/", "/api/v1/programmes/hostile/",
        "/api/v1/organisations/hostile/", "/programmes/hostile.jsonld", "/programmes/hostile.json",
        "/api/v1/programmes/?format=csv&q=made", "/api/v1/programmes/?format=jsonld&q=made",
        "/feeds/programmes.atom?q=made", "/programmes/compare/?programme=hostile",
    ],
)  # fmt: skip
def test_nothing_makes_a_link_of_another_scheme(
    client: Client, unguarded: Programme, address: str
) -> None:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert "javascript:" not in b"".join(answer).decode()


def test_the_admin_makes_no_link_of_another_scheme(
    admin_client: Client, unguarded: Programme
) -> None:
    page = admin_client.get(f"/admin/programmes/programme/{unguarded.pk}/change/")
    assert "javascript:alert" not in page.content.decode()


def test_a_stored_row_reads_the_same_from_values_as_from_the_row(unguarded: Programme) -> None:
    stored = Programme.objects.filter(slug="hostile").values_list("website", flat=True)
    assert list(stored) == [unguarded.website] == [""]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://example.org/kurz–ü", "https://example.org/kurz%E2%80%93%C3%BC"),
        ("https://bücher.example/", "https://bücher.example/"),
        ("https://bücher.example/ü", "https://bücher.example/%C3%BC"),
        ("https://example.org/a%C3%BC?b=c%20d", "https://example.org/a%C3%BC?b=c%20d"),
    ],
)
def test_letters_that_no_address_may_have_are_written_as_programs_need_them(
    typed: str, stored: str
) -> None:
    row = Source(slug="one", title="One", url=typed)
    row.full_clean()
    assert row.url == stored
    assert modelform_factory(Source, fields=["url"])().fields["url"].clean(typed) == stored
