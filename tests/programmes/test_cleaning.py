"""The migrations that clean the texts of before, and the digests by which `seed` knows them."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from programmes.migrations._cleaning import clean_rows, digest
from programmes.models import SeededRow, Source
from stemobs.dumps.seed import digest_row
from tests.builders import make_name, make_programme, make_source

pytestmark = pytest.mark.django_db
TWO_PARAGRAPHS = "One.\n\nTwo."


class Editor:
    """What a migration gets; only its connection is used."""

    connection = connection


@pytest.fixture(scope="module")
def before() -> Any:
    """The models as they were when texts were not cleaned, nor addresses looked at."""
    nodes = [("programmes", "0004_departures"), ("partnerships", "0002_free_guide_slugs")]
    return MigrationLoader(None).project_state(nodes).apps


def spoil(before: Any, row: Any, **columns: Any) -> None:
    before.get_model(row._meta.label)._base_manager.filter(pk=row.pk).update(**columns)


def clean(before: Any) -> None:
    for app in ("programmes", "partnerships"):
        clean_rows(app)(before, Editor)


def remember(row: Any, digest: str) -> None:
    SeededRow.objects.create(
        model=row._meta.label_lower, key=f'["{row.pk}"]', object_id=row.pk, fixture_digest="0",
        row_digest=digest,
    )  # fmt: skip


def digest_then(before: Any, row: Any) -> str:
    """Return the digest of a row with the columns that there were then."""
    told: str = digest(before.get_model(row._meta.label)._base_manager.get(pk=row.pk))
    return told


def is_untouched(row: Any) -> bool:
    seeded = SeededRow.objects.get(object_id=row.pk, key=f'["{row.pk}"]')
    return seeded.row_digest == digest_row(type(row)._base_manager.get(pk=row.pk))


def test_a_row_that_only_the_admin_spoiled_is_untouched_again(before: Any) -> None:
    programme = make_programme(description=TWO_PARAGRAPHS)
    remember(programme, digest_row(programme))
    changed_at = programme.changed_at
    spoil(before, programme, description=TWO_PARAGRAPHS.replace("\n", "\r\n"))
    clean(before)
    programme.refresh_from_db()
    assert programme.description == TWO_PARAGRAPHS
    assert programme.changed_at == changed_at
    assert is_untouched(programme)


def test_a_row_that_was_loaded_with_unseen_characters_stays_untouched(before: Any) -> None:
    programme = make_programme()
    spoil(before, programme, name="Soft\u00adly")
    remember(programme, digest_then(before, programme))
    clean(before)
    programme.refresh_from_db()
    assert programme.name == "Softly"
    seeded = SeededRow.objects.get(object_id=programme.pk, model="programmes.programme")
    assert seeded.row_digest == digest_then(before, programme)


def test_a_curators_row_stays_a_curators_row(before: Any) -> None:
    programme = make_programme()
    remember(programme, digest_row(programme))
    spoil(before, programme, note="Mine.\r\nAlways.")
    clean(before)
    programme.refresh_from_db()
    assert programme.note == "Mine.\nAlways."
    assert not is_untouched(programme)


def test_a_text_that_would_no_longer_be_unique_stays_as_it_is(before: Any) -> None:
    programme = make_programme()
    make_name(programme, "Same")
    other = make_name(programme, "Other")
    spoil(before, other, name="Sa\u200bme")
    clean(before)
    assert {name.name for name in programme.names.all()} == {"Same", "Sa\u200bme"}


@pytest.mark.once
def test_an_address_that_is_no_link_is_kept_as_a_text(before: Any, broken_rules: None) -> None:
    bare, other = make_source(), make_source()
    spoil(before, bare, url="www.example.org/x")
    spoil(before, other, url="ftp://example.org/x", note="Old.")
    clean(before)
    assert Source.objects.get(pk=bare.pk).url == "https://www.example.org/x"
    row = Source.objects.get(pk=other.pk)
    assert (row.url, row.note) == ("", "Old. address: ftp://example.org/x")


@pytest.mark.once
def test_an_address_that_is_that_of_another_source_is_removed(
    before: Any, broken_rules: None
) -> None:
    first, again = make_source(url="https://example.org/x"), make_source()
    spoil(before, again, url="example.org/x")
    clean(before)
    stored = before.get_model("programmes.source").objects
    assert [stored.get(pk=one.pk).url for one in (first, again)] == [first.url, ""]


def test_a_text_that_would_no_longer_fit_stays_as_it_is(before: Any) -> None:
    # Composed, these letters are two characters each.
    programme, name = make_programme(), "\u0958" * 200
    spoil(before, programme, short_name="Two  spaces", name=name)
    clean(before)
    programme.refresh_from_db()
    assert programme.short_name == "Two spaces"
    assert programme.name in (name, "\u0915\u093c" * 200)  # SQLite has no longest length


@pytest.fixture
def broken_rules(db: None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
