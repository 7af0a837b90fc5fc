"""Tests of the models of `programmes`: constraints, fields, natural keys, deletion, querysets."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from partnerships.models import Criterion
from programmes.models import (
    Audience,
    Citation,
    Claim,
    Country,
    EducationLevel,
    Evaluation,
    EvidenceStep,
    FormerSlug,
    Programme,
    ProgrammeName,
    Reach,
    Revision,
    SeededRow,
    Source,
    Unit,
)
from stemobs.catalogue.triggers.tables import UNRECORDED
from tests import builders
from tests.catalogue.marks import make_a_row_of_everything

pytestmark = pytest.mark.django_db

Change = Callable[[Any], dict[str, Any]]  # from a valid row to field values to set on it


def constraints(label: str) -> set[str]:
    """Return the names of every constraint of an app's models."""
    return {
        constraint.name
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }


def refuse(row: models.Model, name: str) -> None:
    """Check that validation and the database refuse a row, with the constraint's message."""
    constraint = next(c for c in row._meta.constraints if c.name == name)
    message = str(constraint.violation_error_message)
    assert "%" not in message, "the message has an unfilled placeholder"
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert message in refused.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def programme() -> Programme:
    return builders.make_programme()


def reach() -> Reach:
    return builders.make_reach(programme())


# By constraint: a function that makes a valid row, changes that keep it valid, and that break it.
RULES: dict[str, tuple[Callable[[], Any], list[Change], list[Change]]] = {
    "programme_ends_after_start": (
        programme,
        [
            lambda row: {"year_start": 2010, "year_end": 2010},
            lambda row: {"year_start": None, "year_end": 2010},
            lambda row: {"year_start": 2010, "year_end": None},
        ],
        [lambda row: {"year_start": 2010, "year_end": 2009}],
    ),
    "programme_ages_in_order": (
        programme,
        [
            lambda row: {"age_min": 6, "age_max": 6},
            lambda row: {"age_min": 6, "age_max": None},
            lambda row: {"age_min": None, "age_max": 0},
        ],
        [lambda row: {"age_min": 6, "age_max": 5}],
    ),
    "programme_withdrawn_with_reason": (
        programme,
        [
            lambda row: {"state": "withdrawn", "withdrawn_reason": "A duplicate."},
            lambda row: {"state": "withdrawn", "merged_into": builders.make_programme()},
            lambda row: {"state": "draft", "withdrawn_reason": "", "merged_into": None},
        ],
        [lambda row: {"state": "withdrawn", "withdrawn_reason": "", "merged_into": None}],
    ),
    "programme_merged_is_withdrawn": (
        programme,
        [lambda row: {"state": "withdrawn", "merged_into": builders.make_programme()}],
        [
            lambda row: {"state": "published", "merged_into": builders.make_programme()},
            lambda row: {"state": "draft", "merged_into": builders.make_programme()},
        ],
    ),
    "programme_not_merged_into_itself": (
        programme,
        [lambda row: {"state": "withdrawn", "merged_into": builders.make_programme()}],
        [lambda row: {"state": "withdrawn", "merged_into": row}],
    ),
    "programme_slug_is_free": (
        programme,
        [lambda row: {"slug": "compared"}, lambda row: {"slug": "compare-2"}],
        [lambda row: {"slug": "compare"}, lambda row: {"slug": "counts"}],
    ),
    "programme_website_is_of_web": (
        programme,
        [lambda row: {"website": "HTTP://example.org"}, lambda row: {"website": ""}],
        [lambda row: {"website": "javascript:alert(1)"}],
    ),
    "source_url_is_of_web": (
        builders.make_source,
        [lambda row: {"url": "https://example.org/a"}],
        [lambda row: {"url": "ftp://example.org/a"}],
    ),
    "source_archived_url_is_of_web": (
        builders.make_source,
        [lambda row: {"archived_url": "https://example.org/a"}],
        [lambda row: {"archived_url": "data:text/html,a"}],
    ),
    "document_url_is_of_web": (
        lambda: builders.make_document(programme()),
        [lambda row: {"url": "http://example.org/a"}],
        [lambda row: {"url": "vbscript:a"}],
    ),
    "programme_logo_has_text": (
        programme,
        [
            lambda row: {"logo": "logos/a.png", "logo_alt": "A cog."},
            lambda row: {"logo": "", "logo_alt": ""},
        ],
        [lambda row: {"logo": "logos/a.png", "logo_alt": ""}],
    ),
    "programme_name_once": (
        lambda: builders.make_name(programme(), "One"),
        [
            lambda row: {"name": "Two"},
            lambda row: {"name": builders.make_name(programme(), "Two").name},
        ],
        [lambda row: {"name": builders.make_name(row.programme, "Two").name}],
    ),
    "reach_range_has_two_ends": (
        reach,
        [
            lambda row: {"qualifier": "range", "value": 1, "value_max": 2},
            lambda row: {"qualifier": "exact", "value_max": None},
        ],
        [
            lambda row: {"qualifier": "range", "value": 1, "value_max": None},
            lambda row: {"qualifier": "range", "value": 2, "value_max": 2},
            lambda row: {"qualifier": "about", "value": 1, "value_max": 2},
        ],
    ),
    "reach_years_in_order": (
        reach,
        [
            lambda row: {"year_from": 2010, "year_to": 2010},
            lambda row: {"year_from": 2010, "year_to": None},
            lambda row: {"year_from": None, "year_to": 2010},
        ],
        [lambda row: {"year_from": 2010, "year_to": 2009}],
    ),
    "citation_of_entry_names_source": (
        lambda: builders.make_citation(programme(), source=builders.make_source()),
        [lambda row: {"field": "impact", "source": None}],
        [lambda row: {"field": "entry", "source": None}],
    ),
    "education_level_is_isced": (
        lambda: builders.level(8),
        [lambda row: {"code": 8}],
        [lambda row: {"code": 9}],
    ),
    "source_address_once": (
        builders.make_source,
        [
            lambda row: {"url": "https://example.org/new"},
            lambda row: {"url": builders.make_source(url="").url},
        ],
        [lambda row: {"url": builders.make_source(url="https://example.org/taken").url}],
    ),
    "claim_position_once": (
        lambda: builders.make_claim(builders.make_discrepancy(programme())),
        [lambda row: {"position": 5}],
        [lambda row: {"position": builders.make_claim(row.discrepancy).position}],
    ),
    "contact_url_is_of_web": (
        lambda: builders.make_contact(programme()),
        [lambda row: {"url": "https://example.org/ask"}],
        [lambda row: {"url": "javascript:a"}],
    ),
    "headline_needs_result": (
        lambda: builders.make_evaluation(programme(), result="mixed", headline="a little"),
        [lambda row: {"result": "not-on-record", "headline": ""}],
        [lambda row: {"result": "not-on-record"}],
    ),
    "taking_part_says_something": (
        lambda: builders.make_way_in(programme()),
        [lambda row: {"how": "", "when": "In spring"}],
        [lambda row: {"how": ""}],
    ),
    **{
        f"{name}_position_once": (
            lambda make=make: make(programme()),
            [
                lambda row: {"position": 5},
                lambda row, make=make: {"position": make(programme()).position},
            ],
            [lambda row, make=make: {"position": make(row.programme).position}],
        )
        for name, make in {
            "reach": builders.make_reach,
            "evaluation": builders.make_evaluation,
            "document": builders.make_document,
            "discrepancy": builders.make_discrepancy,
            "takingpart": builders.make_way_in,
            "contact": builders.make_contact,
        }.items()
    },
    "suggestion_answer_says_why": (
        lambda: builders.make_suggestion(programme()),
        [lambda row: {"state": "declined", "answer": "The source says so."}],
        [lambda row: {"state": "declined", "answer": ""}],
    ),
    "citation_position_once": (
        lambda: builders.make_citation(programme(), field="impact"),
        [lambda row: {"position": 5}],
        [lambda row: {"position": builders.make_citation(row.programme, field="impact").position}],
    ),
}
BROKEN = [(name, number) for name, rule in RULES.items() for number in range(len(rule[2]))]
KEPT = [(name, number) for name, rule in RULES.items() for number in range(len(rule[1]))]
ELSEWHERE = {
    "bulk_row_once", "citation_has_basis", "claim_speaks_of_one_figure", "retired_term_once",
    "draft_open_once", "reach_not_replaced_by_itself", "reach_retracted_with_reason",
    "task_closed_at_a_time", "task_closed_with_reason", "task_once",
}  # fmt: skip
NOT_EDITED = {"seeded_row_once", "change_subject_once", "departure_subject_once", "redaction_once"}
NOT_EDITED |= {"check_begun_once", "imported_row_line_once", "imported_row_seen_once"}
NOT_EDITED |= {"proposed_merger_once"}


def test_every_constraint_has_test_cases() -> None:
    assert constraints("programmes") == {*RULES, *NOT_EDITED, *ELSEWHERE}


@pytest.mark.parametrize("basis", ["", "guessed"])
def test_a_citation_without_a_basis_is_refused_by_forms_and_by_the_database(basis: str) -> None:
    row = builders.make_citation(programme(), field="impact")
    row.basis = basis
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(("name", "number"), BROKEN)
def test_a_row_that_breaks_a_constraint_is_refused_with_its_message(name: str, number: int) -> None:
    make, _kept, broken = RULES[name]
    row = make()
    for field, value in broken[number](row).items():
        setattr(row, field, value)
    refuse(row, name)


@pytest.mark.parametrize(("name", "number"), KEPT)
def test_a_row_that_keeps_a_constraint_can_be_validated_and_saved(name: str, number: int) -> None:
    make, kept, _broken = RULES[name]
    row = make()
    for field, value in kept[number](row).items():
        setattr(row, field, value)
    row.full_clean()
    row.save()


def test_a_fixture_row_cannot_have_two_seeded_rows() -> None:
    row = SeededRow.objects.earliest("pk")
    again = SeededRow(model=row.model, key=row.key, object_id=1, fixture_digest="", row_digest="")
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    assert str(row) == f"{row.model} {row.key}"


# --- Fields ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        (Country(name="X"), "code", "nl"),
        (Country(name="X"), "code", "NLD"),
        (Country(name="X"), "code", "N\n"),
        (ProgrammeName(name="X"), "language", "NL"),
        (ProgrammeName(name="X"), "language", "n"),
        (Programme(name="X"), "languages", "en,fr"),
        (Programme(name="X"), "languages", "English"),
        (Programme(name="X"), "year_start", 1799),
        (Programme(name="X"), "year_end", 20),
        (Programme(name="X"), "website", "javascript:alert(1)"),
        (Programme(name="X"), "logo", "logos/a.svg"),
        (Programme(name="X"), "slug", "no spaces"),
        (Programme(name="X"), "scope", "galactic"),
        (Reach(), "value", -1),
        (Reach(), "value", "1.234"),
        (Source(), "url", "not an address"),
        (EducationLevel(), "code", -1),
    ],
)
def test_a_value_that_is_invalid_for_a_field_is_refused(
    row: models.Model, field: str, value: Any
) -> None:
    setattr(row, field, value)
    with pytest.raises(ValidationError) as refused:
        row.clean_fields()
    assert field in refused.value.message_dict


def test_two_programmes_cannot_have_the_same_slug() -> None:
    builders.make_programme(slug="taken")
    with pytest.raises(IntegrityError), transaction.atomic():
        builders.make_programme(slug="taken")


def test_two_changes_cannot_be_about_the_same_row() -> None:
    changes = apps.get_model("programmes", "Change").objects
    row = changes.earliest("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        changes.create(subject=row.subject, object_id=row.object_id, revision=1)
    assert str(row) == f"{row.subject} {row.object_id}, revision {row.revision}"
    assert str(Revision(number=7)) == "7"


# --- Natural keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [m for m in apps.get_app_config("programmes").get_models() if m not in UNRECORDED],
    ids=lambda model: model.__name__,
)
def test_every_row_is_found_again_by_its_natural_key(model: type[models.Model]) -> None:
    make_a_row_of_everything()
    rows = model._default_manager.order_by("pk")
    some = [*rows[:10], *rows.reverse()[:10]]
    assert some
    for row in some:
        assert model._default_manager.get_by_natural_key(*row.natural_key()) == row


def test_an_unknown_natural_key_raises_does_not_exist() -> None:
    with pytest.raises(Programme.DoesNotExist):
        Programme.objects.get_by_natural_key("no-such-programme")


def test_a_natural_key_with_missing_parts_raises_value_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        Claim.objects.get_by_natural_key("jet-net-nl", 1)


@pytest.mark.parametrize(
    "model", [*apps.get_app_config("programmes").get_models()], ids=lambda model: model.__name__
)
def test_every_row_has_a_readable_text_for_the_admin(model: type[models.Model]) -> None:
    if model is FormerSlug:
        builders.make_former_slug(programme(), "once")
    for row in model._default_manager.all()[:20]:
        assert str(row)
        assert "object (" not in str(row)


# --- Deleting rows --------------------------------------------------------------------------------


def test_a_unit_that_a_figure_uses_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        Unit.objects.get(slug="students").delete()


def test_a_country_in_which_an_organisation_has_its_seat_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        Country.objects.get(code="NL").delete()


def test_a_criterion_with_assessments_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        Criterion.objects.filter(assessments__isnull=False)[0].delete()


def test_a_source_that_a_fact_rests_on_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        Source.objects.get(slug="stem-coalition-entries").delete()


def test_a_programme_that_another_was_merged_into_cannot_be_deleted() -> None:
    successor = builders.make_programme()
    builders.make_programme(state="withdrawn", merged_into=successor)
    with pytest.raises(ProtectedError):
        successor.delete()


def test_deleting_a_programme_deletes_its_facts_and_former_slugs() -> None:
    gone = builders.make_programme()
    builders.make_reach(gone)
    builders.make_claim(builders.make_discrepancy(gone))
    builders.make_former_slug(gone, "old")
    gone.delete()
    assert not FormerSlug.objects.filter(slug="old").exists()
    assert not Reach.objects.filter(programme_id=gone.pk).exists()


# --- Querysets ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", Programme.State.values)
def test_published_returns_only_programmes_in_the_state_published(state: str) -> None:
    made = builders.make_programme(state=state, withdrawn_reason="Gone.")
    assert (made in Programme.objects.published()) == (state == "published") == made.is_public


BEYOND_COUNTING = (
    "randomised-trial", "matched-comparison", "before-after", "outcome-survey", "indicators",
    "audit",
)  # fmt: skip


@pytest.mark.parametrize("independence", Evaluation.Independence.values)
@pytest.mark.parametrize("design", Evaluation.Design.values)
def test_evidence_of_a_single_evaluation_follows_from_design_and_independence(
    design: str, independence: str
) -> None:
    made = builders.make_programme()
    builders.make_evaluation(made, design=design, independence=independence)
    expected = "monitored" if design in BEYOND_COUNTING else "reported"
    if independence == "independent":
        expected = "independent"
    assert Programme.objects.with_evidence().get(pk=made.pk).evidence == expected


@pytest.mark.parametrize(
    ("evaluations", "step"),
    [
        ([], EvidenceStep.NONE),
        ([("participation", "own"), ("indicators", "own")], EvidenceStep.MONITORED),
        ([("indicators", "own"), ("jury", "independent")], EvidenceStep.INDEPENDENT),
        ([("satisfaction", "not-known"), ("not-known", "not-known")], EvidenceStep.REPORTED),
        ([("satisfaction", "own"), ("before-after", "commissioned")], EvidenceStep.MONITORED),
    ],
)
def test_evidence_is_the_strongest_step_of_several_evaluations(
    evaluations: list[tuple[str, str]], step: str
) -> None:
    made = builders.make_programme()
    for design, independence in evaluations:
        builders.make_evaluation(made, design=design, independence=independence)
    assert Programme.objects.with_evidence().get(pk=made.pk).evidence == step


@pytest.mark.parametrize("thing", [one for one in Evaluation.Object.values if one != "programme"])
def test_an_evaluation_of_something_else_is_no_evidence_for_the_programme(thing: str) -> None:
    made = builders.make_programme()
    builders.make_evaluation(
        made, object=thing, design="randomised-trial", independence="independent"
    )
    rows = Programme.objects.with_evidence()
    assert rows.get(pk=made.pk).evidence == EvidenceStep.NONE
    builders.make_evaluation(made, design="satisfaction", independence="own")
    assert rows.get(pk=made.pk).evidence == EvidenceStep.REPORTED


def test_terms_are_sorted_by_position() -> None:
    positions = list(Audience.objects.values_list("position", flat=True))
    assert positions == sorted(positions)


def test_the_title_of_a_programme_is_its_short_name_if_it_has_one() -> None:
    assert Programme.objects.get(slug="jet-net-nl").title == "Jet-Net"
    assert Programme(name="Long").title == "Long"
    assert Programme(slug="here").get_absolute_url() == "/programmes/here/"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Citation(field="impact", evidence="A guess."), "Impact: A guess."),
        (Evaluation(design="participation"), "Participation counted"),
        (Evaluation(design="participation", method="A survey"), "A survey"),
        (Reach(qualifier="over", value=Decimal(45), unit=Unit(name="clubs")), "over 45 clubs"),
    ],
)
def test_the_text_of_a_fact_is_a_short_description(row: models.Model, text: str) -> None:
    assert str(row) == text
