"""Made-up programmes: the same twice, right in every row, skewed, and never beside real ones."""

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
from stemobs.dumps.seed import SeedError
from stemobs.text import words
from stemobs.workshop.generate import (
    BATCH,
    MADE,
    NotEmpty,
    batches,
    generate,
    load_vocabularies,
    made_words,
    organisation_count,
)
from tests import builders
from tests.servers import FIXTURES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def sequences_as_before(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """What sets PostgreSQL's sequences is not undone with a test's transaction."""
    yield
    models_and_relations = apps.get_models(include_auto_created=True)
    statements = connection.ops.sequence_reset_sql(no_style(), models_and_relations)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def no_programmes() -> None:
    """Take the programmes out of the catalogue, as far as this test sees it."""
    Strategy.objects.update(programme=None)
    Programme.objects.exclude(merged_into=None).delete()
    Programme.objects.all().delete()


@pytest.fixture
def nothing() -> None:
    """Take everything out of the catalogue but the number of its revision."""
    for app in ("programmes", "partnerships"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model is not Revision:
                model._base_manager.all()._raw_delete(using="default")


def make(count: int = 60, seed: int = 1) -> None:
    generate(count, seed, FIXTURES)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the models that are made."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in MADE
    }


def test_the_same_seed_makes_the_same_programmes(nothing: None) -> None:
    make()
    first = everything()
    for model in reversed(MADE):
        model._default_manager.all()._raw_delete(using="default")
    make()
    assert everything() == first


def test_another_seed_makes_other_programmes(no_programmes: None) -> None:
    make(seed=1)
    first = set(Programme.objects.values_list("slug", flat=True))
    Programme.objects.all().delete()
    make(seed=2)
    assert not first & set(Programme.objects.values_list("slug", flat=True))


def test_every_row_passes_full_clean(no_programmes: None) -> None:
    make()
    assert Programme.objects.count() == 60
    for model in MADE:
        rows = model._default_manager.all()
        assert rows
        for row in rows:
            row.full_clean()


def test_values_are_skewed(no_programmes: None) -> None:
    make(200)
    organisations = Partnership.objects.values_list("organisation", flat=True)
    countries = Programme.objects.values_list("countries__code", flat=True)
    for values in (organisations, countries):
        counts = Counter(values).most_common()
        assert counts[0][1] > 5 * counts[len(counts) // 2][1]
    summaries = [set(words(text)) for text in Programme.objects.values_list("summary", flat=True)]
    frequencies = Counter(word for summary in summaries for word in summary)
    assert frequencies.most_common()[0][1] > 180
    assert Counter(frequencies.values())[1] > 1_000


def test_some_facts_are_not_known_and_some_programmes_not_published(no_programmes: None) -> None:
    make(200)
    for unknown in (
        {"year_start": None}, {"status": "unknown"}, {"status_as_of": None}, {"duration": ""},
        {"funding": None}, {"evaluations": None}, {"reach": None},
    ):  # fmt: skip
        assert 0 < Programme.objects.filter(**unknown).count() < 150
    assert 190 <= Programme.objects.published().count() < 200


def test_every_programme_has_one_to_four_values_of_each_vocabulary(no_programmes: None) -> None:
    make()
    for name in ("countries", "levels", "kinds", "factors", "audiences", "partnerships"):
        numbers = Programme.objects.annotate(number=models.Count(name)).values_list("number")
        assert {number for (number,) in numbers} <= {1, 2, 3, 4}


def test_moments_of_change_are_spread_over_years_and_differ(no_programmes: None) -> None:
    make(200)
    moments = list(Programme.objects.order_by("changed_at").values_list("changed_at", flat=True))
    assert len(set(moments)) == 200
    assert moments[-1].year - moments[0].year > 7
    assert not Programme.objects.filter(created_at__gte=models.F("changed_at")).exists()


def test_what_is_saved_afterwards_has_the_present_time_and_a_free_id(no_programmes: None) -> None:
    make()
    last = Programme.objects.aggregate(pk=models.Max("pk"), changed_at=models.Max("changed_at"))
    programme = builders.make_programme(countries=[builders.country("NL")])
    assert programme.pk > last["pk"]
    assert programme.changed_at > last["changed_at"]


def test_it_refuses_a_database_that_already_holds_programmes() -> None:
    before = Programme.objects.count()
    with pytest.raises(NotEmpty):
        make()
    with pytest.raises(CommandError, match="holds programmes"):
        call_command("generate_programmes", count=10)
    assert Programme.objects.count() == before


def test_the_command_loads_vocabularies_makes_programmes_and_says_so(nothing: None) -> None:
    output = StringIO()
    call_command("generate_programmes", count=20, stdout=output)
    assert Programme.objects.count() == 20
    assert Country.objects.count() > 50
    assert Organisation.objects.count() == 50
    assert output.getvalue() == "20 written …\n20 made-up programmes, seed 1.\n"


def test_it_refuses_a_number_that_is_none() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("generate_programmes", count=0)


def test_it_names_a_vocabulary_that_someone_has_deleted(no_programmes: None) -> None:
    Unit.objects.all().delete()
    with pytest.raises(SeedError, match="units"):
        load_vocabularies(FIXTURES)
    with pytest.raises(CommandError, match="units"):
        call_command("generate_programmes", count=10)


def test_batches_together_have_every_number_once() -> None:
    numbers = [number for batch in batches(2 * BATCH + 1) for number in batch]
    assert numbers == list(range(1, 2 * BATCH + 2))


@pytest.mark.parametrize(
    ("programmes", "organisations"), [(10, 50), (10_000, 2_000), (1_000_000, 20_000)]
)
def test_there_are_fewer_organisations_than_programmes(programmes: int, organisations: int) -> None:
    assert organisation_count(programmes) == organisations


def test_some_words_have_accents_and_all_differ() -> None:
    made = made_words(random.Random(1), 2_000)
    assert len(set(made)) == 2_000
    assert any("ø" in word for word in made)
    assert all(word.isalpha() for word in made)
