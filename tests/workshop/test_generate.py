"""Made-up programmes: reproducible, valid, skewed like real ones, never mixed with real ones."""

import random
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import connection, models
from pytest_django import DjangoDbBlocker

from partnerships.models import Organisation, Partnership, Strategy
from programmes.models import Country, Programme, Revision, Unit
from stemobs.dumps.fixtures.rows import SeedError
from stemobs.text import split_words
from stemobs.workshop.generate import (
    BATCH,
    MADE,
    NotEmpty,
    count_organisations,
    generate_catalogue,
    load_vocabularies,
    make_words,
    split_into_batches,
)
from tests import builders
from tests.servers import FIXTURES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def restore_sequences(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Reset id sequences afterwards: on PostgreSQL, rolling back a test does not do that."""
    yield
    models_and_relations = apps.get_models(include_auto_created=True)
    statements = connection.ops.sequence_reset_sql(no_style(), models_and_relations)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def no_programmes() -> None:
    """Delete all programmes within the transaction of the test."""
    Strategy.objects.update(programme=None)
    Programme.objects.exclude(merged_into=None).delete()
    Programme.objects.all().delete()


@pytest.fixture
def nothing() -> None:
    """Delete all rows of the catalogue except its revision, within the transaction of the test."""
    for app in ("programmes", "partnerships"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model is not Revision:
                model._base_manager.all()._raw_delete(using="default")


def generate(count: int = 24, seed: int = 1) -> None:
    generate_catalogue(count, seed, FIXTURES)


def read_all_made() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the models that are made."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in MADE
    }


@pytest.mark.trial
def test_the_same_seed_makes_the_same_programmes(nothing: None) -> None:
    generate()
    first = read_all_made()
    for model in reversed(MADE):
        model._default_manager.all()._raw_delete(using="default")
    generate()
    assert read_all_made() == first


@pytest.mark.trial
def test_another_seed_makes_other_programmes(no_programmes: None) -> None:
    generate(seed=1)
    first = set(Programme.objects.values_list("slug", flat=True))
    Programme.objects.all().delete()
    generate(seed=2)
    assert not first & set(Programme.objects.values_list("slug", flat=True))


@pytest.mark.trial
def test_every_row_passes_full_clean(no_programmes: None) -> None:
    generate()
    assert Programme.objects.count() == 24
    for model in MADE:
        rows = model._default_manager.all()
        assert rows
        for row in rows:
            row.full_clean()


def test_some_organisations_countries_and_words_are_much_more_common_than_others(
    no_programmes: None,
) -> None:
    generate(200)
    organisations = Partnership.objects.values_list("organisation", flat=True)
    countries = Programme.objects.values_list("countries__code", flat=True)
    for values in (organisations, countries):
        counts = Counter(values).most_common()
        assert counts[0][1] > 5 * counts[len(counts) // 2][1]
    summaries = [
        set(split_words(text)) for text in Programme.objects.values_list("summary", flat=True)
    ]
    frequencies = Counter(word for summary in summaries for word in summary)
    assert frequencies.most_common()[0][1] > 180
    assert Counter(frequencies.values())[1] > 1_000


def test_some_programmes_lack_facts_and_some_are_not_published(no_programmes: None) -> None:
    generate(200)
    for unknown in (
        {"year_start": None}, {"status": "unknown"}, {"status_as_of": None}, {"duration": ""},
        {"funding": None}, {"evaluations": None}, {"reach": None},
    ):  # fmt: skip
        assert 0 < Programme.objects.filter(**unknown).count() < 150
    assert 190 <= Programme.objects.published().count() < 200


def test_every_programme_has_one_to_four_values_of_each_vocabulary(no_programmes: None) -> None:
    generate()
    for name in ("countries", "levels", "kinds", "factors", "audiences", "partnerships"):
        numbers = Programme.objects.annotate(number=models.Count(name)).values_list("number")
        assert {number for (number,) in numbers} <= {1, 2, 3, 4}


def test_dates_of_change_all_differ_and_span_years(no_programmes: None) -> None:
    generate(200)
    moments = list(Programme.objects.order_by("changed_at").values_list("changed_at", flat=True))
    assert len(set(moments)) == 200
    assert moments[-1].year - moments[0].year > 7
    assert not Programme.objects.filter(created_at__gte=models.F("changed_at")).exists()


def test_a_programme_saved_afterwards_has_the_present_time_and_a_new_id(
    no_programmes: None,
) -> None:
    generate()
    last = Programme.objects.aggregate(pk=models.Max("pk"), changed_at=models.Max("changed_at"))
    programme = builders.make_programme(countries=[builders.country("NL")])
    assert programme.pk > last["pk"]
    assert programme.changed_at > last["changed_at"]


def test_generating_is_refused_if_the_database_has_programmes() -> None:
    before = Programme.objects.count()
    with pytest.raises(NotEmpty):
        generate()
    with pytest.raises(CommandError, match="holds programmes"):
        call_command("generate_programmes", count=10)
    assert Programme.objects.count() == before


def test_the_command_loads_vocabularies_and_reports_the_made_programmes(nothing: None) -> None:
    output = StringIO()
    call_command("generate_programmes", count=20, stdout=output)
    assert Programme.objects.count() == 20
    assert Country.objects.count() > 50
    assert Organisation.objects.count() == 50
    assert output.getvalue() == "20 written …\n20 made-up programmes, seed 1.\n"


def test_the_command_refuses_a_count_of_0() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("generate_programmes", count=0)


def test_generating_names_a_vocabulary_without_rows(no_programmes: None) -> None:
    Unit.objects.all().delete()
    with pytest.raises(SeedError, match="units"):
        load_vocabularies(FIXTURES)
    with pytest.raises(CommandError, match="units"):
        call_command("generate_programmes", count=10)


def test_batches_have_each_number_exactly_once() -> None:
    numbers = [number for batch in split_into_batches(2 * BATCH + 1) for number in batch]
    assert numbers == list(range(1, 2 * BATCH + 2))


@pytest.mark.parametrize(
    ("programmes", "organisations"), [(10, 50), (10_000, 2_000), (1_000_000, 20_000)]
)
def test_the_number_of_organisations_depends_on_that_of_programmes(
    programmes: int, organisations: int
) -> None:
    assert count_organisations(programmes) == organisations


def test_made_up_words_are_all_different_and_some_have_accents() -> None:
    made = make_words(random.Random(1), 2_000)
    assert len(set(made)) == 2_000
    assert any("ø" in word for word in made)
    assert all(word.isalpha() for word in made)
