"""The content of the fixtures: all rows valid, all facts with sources, no persons named."""

import hashlib
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from partnerships.models import (
    Criterion,
    CriterionAssessment,
    Funding,
    Guide,
    GuideItem,
    Lineage,
    Obstacle,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
    Statement,
)
from programmes.models import (
    CareerFactor,
    Citation,
    Claim,
    Contact,
    Country,
    Discrepancy,
    Document,
    EducationLevel,
    Evaluation,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Sector,
    SeededRow,
    Source,
    Version,
)
from stemobs.dumps.fixtures.rows import read_rows
from stemobs.entries.entry import Entry
from stemobs.entries.loading import load_facts
from stemobs.text import split_words

pytestmark = [pytest.mark.django_db, pytest.mark.data]

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
MODELS = [
    m for label in ("programmes", "partnerships") for m in apps.get_app_config(label).get_models()
]
ENTRIES = "stem-coalition-entries"
REPORT = "ingenious-synthesis-report"
# How many lines the plain-text copies of the two source documents have; no locator can go beyond.
LINES = {ENTRIES: 350, REPORT: 2270}
LOCATOR = re.compile(r"lines? \d+(–\d+)?([;,] \d+(–\d+)?)*")


# --- Every row ------------------------------------------------------------------------------------


# What the database and `seed` write for themselves is entered in no form.
ENTERED = [model for model in MODELS if model not in (SeededRow, Version)]


@pytest.mark.parametrize("model", ENTERED, ids=lambda model: model.__name__)
def test_every_row_is_valid(model: type[models.Model]) -> None:
    """Its constraints the database has held while it was filled."""
    for row in model._default_manager.all():
        row.full_clean(validate_unique=False, validate_constraints=False)


def test_no_text_has_spaces_at_its_ends_or_soft_hyphens() -> None:
    for row in read_rows(FIXTURES):
        for name, value in row.fields.items():
            if isinstance(value, str):
                assert value == value.strip(), (row.file, row.line, name)
                assert "\u00ad" not in value, (row.file, row.line, name)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_slug_and_no_text_is_longer_than_its_field(model: type[models.Model]) -> None:
    limits = {
        field.name: field.max_length
        for field in model._meta.concrete_fields
        if field.max_length and isinstance(field, models.CharField)
    }
    for row in model._default_manager.values(*limits) if limits else ():
        for name, limit in limits.items():
            assert len(row[name]) <= limit, (name, row[name])


def test_every_row_of_the_files_is_in_the_database_and_no_other() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FIXTURES.rglob("*.yaml")]
    written = Counter(name for text in texts for name in re.findall(r"(?m)^- model: (\S+)$", text))
    stored = {model._meta.label_lower: model._default_manager.count() for model in MODELS}
    # What the catalogue writes itself.
    for kept in ("seededrow", "change", "revision", "edit", "version"):
        del stored[f"programmes.{kept}"]
    assert written["programmes.programme"] == 205
    assert {name: number for name, number in stored.items() if number} == written


def test_every_programme_of_the_fixtures_is_published() -> None:
    assert Programme.objects.published().count() == Programme.objects.count() == 205


def test_an_other_name_has_the_slug_of_no_other_organisation() -> None:
    taken = set(Organisation.objects.values_list("slug", flat=True))
    for name in OrganisationName.objects.filter(slug__in=taken).select_related("organisation"):
        assert name.organisation.slug == name.slug, name


# --- Sources --------------------------------------------------------------------------------------


def test_every_programme_has_a_source_for_the_whole_entry() -> None:
    rows = Citation.objects.filter(field="entry", source__isnull=False)
    assert rows.values("programme").distinct().count() == 205


@pytest.mark.parametrize(
    "model",
    [
        Reach, Funding, Evaluation, Lineage, Partnership, Document, OrganisationSource,
        CriterionAssessment, Guide, Obstacle, Criterion, InitiativeKind, CareerFactor, Sector,
    ],
    ids=lambda model: model.__name__,
)  # fmt: skip
def test_every_figure_and_fact_names_its_source(model: type[models.Model]) -> None:
    assert not model._default_manager.filter(source=None).exists()


@pytest.mark.parametrize("name", Claim.checked_links)
def test_a_claim_and_the_figure_that_it_names_are_of_one_programme_and_source(name: str) -> None:
    claims = Claim.objects.exclude(**{name: None}).select_related(name, "discrepancy")
    assert claims
    for claim in claims:
        figure = getattr(claim, name)
        assert figure.programme_id == claim.discrepancy.programme_id
        assert figure.source_id == claim.source_id


def test_every_claim_and_all_but_two_statements_have_a_source() -> None:
    assert not Claim.objects.filter(source=None).exists()
    assert Statement.objects.filter(source=None).count() == 2


def test_every_inferred_fact_but_career_factors_names_its_evidence() -> None:
    rows = Citation.objects.filter(basis="inferred", source=None, evidence="")
    assert set(rows.values_list("field", flat=True)) <= {"factors"}


def list_located_models() -> list[type[models.Model]]:
    return [m for m in MODELS if {"source", "locator"} <= {f.name for f in m._meta.fields}]


@pytest.mark.parametrize("model", list_located_models(), ids=lambda model: model.__name__)
def test_locators_are_line_numbers_that_the_document_has_in_ascending_order(
    model: type[models.Model],
) -> None:
    for row in model._default_manager.exclude(locator="").select_related("source"):
        assert LOCATOR.fullmatch(row.locator), row.locator
        assert row.source.slug in LINES, "only these two documents have lines"
        numbers = [int(number) for number in re.findall(r"\d+", row.locator)]
        assert all(1 <= number <= LINES[row.source.slug] for number in numbers), row.locator
        for first, last in re.findall(r"(\d+)–(\d+)", row.locator):
            assert int(first) < int(last), row.locator


@pytest.mark.parametrize("model", list_located_models(), ids=lambda model: model.__name__)
def test_facts_from_the_two_documents_say_where_they_stand(model: type[models.Model]) -> None:
    rows = model._default_manager.filter(source__slug__in=LINES, locator="")
    if model is Citation:
        # An evidence names the lines that it is read from.
        rows = rows.exclude(field="entry").filter(evidence="")
    assert not rows.exists(), list(rows)


def test_locators_of_guide_items_are_line_numbers() -> None:
    for item in GuideItem.objects.exclude(locator="").select_related("guide__source"):
        assert LOCATOR.fullmatch(item.locator), (item.guide.slug, item.slug, item.locator)


def test_a_source_has_an_address_unless_its_link_state_says_absent() -> None:
    for source in Source.objects.all():
        assert bool(source.url) == (source.link_state != Source.LinkState.ABSENT), source.slug


# --- Codes ----------------------------------------------------------------------------------------


def test_country_codes_are_iso_codes_also_for_greece_kosovo_and_the_united_kingdom() -> None:
    names = dict(Country.objects.values_list("code", "name"))
    assert (names["GR"], names["GB"], names["XK"]) == ("Greece", "United Kingdom", "Kosovo")
    assert {"EL", "UK", "EU"}.isdisjoint(names)
    assert names["NO"] == "Norway", "YAML must not read the code NO as false"
    assert Country.objects.filter(in_eu=True).count() == 27
    assert Country.objects.filter(in_eea=True).count() == 30
    assert not Country.objects.filter(in_eu=True, in_eea=False).exists()


def test_levels_are_the_isced_levels_0_to_8() -> None:
    assert list(EducationLevel.objects.values_list("code", flat=True)) == [*range(9)]


def test_every_currency_code_in_use_is_known() -> None:
    known = {"EUR", "GBP", "DKK", "NOK", "SEK", "PLN", "CHF", "USD", "CZK", "HUF", "TRY", "BGN"}
    used = {row.currency for row in Funding.objects.exclude(currency="")}
    used |= {row.currency for row in Statement.objects.exclude(currency="")}
    assert "EUR" in used
    known |= {"RON", "ISK", "RSD", "MKD", "ALL", "BAM", "UAH", "AMD", "GEL", "MDL"}
    assert used <= known | {"HRK", "LTL"}, "the last two were replaced by the euro"


def test_languages_are_codes_of_two_or_three_letters() -> None:
    for model in (ProgrammeName, OrganisationName, Source, Document):
        for language in model._default_manager.values_list("language", flat=True):  # type: ignore[attr-defined]
            assert re.fullmatch(r"([a-z]{2,3})?", language), language


def test_the_shares_of_obstacles_add_up_to_101_percent_as_in_the_report() -> None:
    assert sum(Obstacle.objects.values_list("share", flat=True)) == 101


def test_the_criteria_cover_all_three_groups() -> None:
    groups = list(Criterion.objects.values_list("group", flat=True))
    assert {group: groups.count(group) for group in groups}.keys() == set(Criterion.Group.values)


# --- The figures of the eight entries -------------------------------------------------------------

# Programme; qualifier, value, unit, years or kind of period, line in the document of entries.
FIGURES = [
    ("jet-net-nl", "over", 100, "companies", "snapshot", "line 286"),
    ("jet-net-nl", "over", 90, "companies", "snapshot", "line 294"),
    ("jet-net-nl", "about", 100, "companies", "snapshot", "line 323"),
    ("jet-net-nl", "over", 2000, "companies", "snapshot", "line 344"),
    ("jet-net-nl", "exact", 92, "companies", "2016", ""),
    ("jet-net-nl", "exact", 180, "schools", "snapshot", "line 294"),
    ("jet-net-nl", "about", 40, "percent", "snapshot", "line 286"),
    ("jet-net-nl", "about", 40, "percent", "snapshot", "line 344"),
    ("jet-net-nl", "about", 60000, "students", "annual", "line 323"),
    ("centres-of-expertise-nl", "over", 4500, "companies", "2016", "line 152"),
    ("centres-of-expertise-nl", "exact", 83, "institutions", "2016", "line 152"),
    ("centres-of-expertise-nl", "over", 50000, "students", "2016", "line 152"),
    ("centres-of-expertise-nl", "exact", 4000, "teachers", "2016", "line 152"),
    ("centres-of-expertise-nl", "over", 150, "partnerships", "2016", "line 129"),
    ("centres-of-expertise-nl", "exact", 35, "companies", "", "line 140"),
    ("centres-of-expertise-nl", "over", 65, "percent", "", "line 156"),
    ("start-finland", "exact", 400, "learning-communities", "2016-2017", "line 202"),
    ("start-finland", "exact", 350, "learning-communities", "2016-2017", "line 202"),
    ("start-finland", "exact", 36, "countries", "2016-2017", "line 202"),
    ("start-finland", "exact", 500, "learning-communities", "2016-2017", "line 198"),
    ("start-finland", "about", 10000, "participants", "2016-2017", "line 198"),
    ("start-finland", "about", 1000, "participants", "2016-2017", "line 198"),
    ("start-finland", "about", 400, "participants", "2016-2017", "line 198"),
    ("start-finland", "exact", 13, "centres", "snapshot", "line 176"),
    ("vo-ho-netwerken", "exact", 361, "schools", "snapshot", "line 272"),
    ("vo-ho-netwerken", "exact", 22, "higher-education-institutions", "snapshot", "line 272"),
    ("vo-ho-netwerken", "exact", 12, "higher-education-institutions", "snapshot", "line 272"),
    ("vo-ho-netwerken", "over", 35000, "students", "annual", "line 272"),
    ("vo-ho-netwerken", "over", 3800, "teachers", "annual", "line 272"),
    ("vo-ho-netwerken", "exact", 10, "regional-networks", "snapshot", "line 259"),
    ("vo-ho-netwerken", "exact", 60, "percent", "snapshot", "line 272"),
    ("stem-teacher-academy", "exact", 19, "regional-networks", "2014-2017", "line 239"),
    ("stem-teacher-academy", "exact", 227, "companies", "2014-2017", "line 239"),
    ("stem-teacher-academy", "exact", 814, "teachers", "2014-2017", "line 239"),
    ("stem-teacher-academy", "exact", 8, "institutions", "2014-2017", "line 235"),
    ("stem-teacher-academy", "nearly", 100, "percent", "2014-2017", "line 235"),
    ("techniekpact", "over", 60, "signatory-organisations", "2013", "line 80"),
    ("techniekpact", "exact", 12, "objectives", "2016-2020", "line 92"),
    ("techniekpact", "over", 60, "partner-organisations", "snapshot", "line 113"),
    ("stem-at-home", "exact", 4, "languages", "snapshot", "line 31"),
    ("cutting-edge-science-classroom", "about", 300, "students", "snapshot", "line 64"),
    ("cutting-edge-science-classroom", "exact", 4, "lecturers", "snapshot", "line 64"),
]

# Programme; kind of payer, qualifier, amount in euros, basis, period, line in the document.
MONEY: list[tuple[str, str, str, int, str, str, str]] = [
    ("jet-net-nl", "mixed", "exact", 1_600_000, "annual", "", "line 327"),
    ("jet-net-nl", "private", "over", 6_000_000, "annual", "", "line 327"),
    ("centres-of-expertise-nl", "mixed", "exact", 125_000_000, "total", "2016", "line 156"),
    ("centres-of-expertise-nl", "public", "exact", 45_500_000, "annual", "2016", "line 156"),
    ("centres-of-expertise-nl", "private", "over", 60_000_000, "annual", "", "line 160"),
]


@pytest.mark.parametrize(
    ("slug", "qualifier", "value", "unit", "when", "locator"), FIGURES, ids=str
)
def test_a_reach_figure_of_the_eight_entries_equals_that_of_the_source(
    slug: str, qualifier: str, value: int, unit: str, when: str, locator: str
) -> None:
    rows = Reach.objects.filter(
        programme__slug=slug, qualifier=qualifier, value=value, unit__slug=unit, locator=locator
    )
    assert rows.exists()
    assert {row.source.slug == ENTRIES for row in rows} == {bool(locator)}
    assert any(when in (row.period, row.period_type) for row in rows)


@pytest.mark.parametrize(
    ("slug", "kind", "qualifier", "amount", "basis", "period", "locator"), MONEY, ids=str
)
def test_an_amount_of_the_eight_entries_equals_that_of_the_source(
    slug: str, kind: str, qualifier: str, amount: int, basis: str, period: str, locator: str
) -> None:
    row = Funding.objects.get(programme__slug=slug, amount=amount, locator=locator)
    assert (row.source_type, row.qualifier, row.currency) == (kind, qualifier, "EUR")
    assert (row.basis, row.period) == (basis, period)
    assert row.source.slug == ENTRIES


def test_the_eight_entries_have_no_other_figures_from_that_document() -> None:
    own = Reach.objects.filter(
        source__slug=ENTRIES, programme__slug__in={row[0] for row in FIGURES}
    )
    assert own.count() == len([row for row in FIGURES if row[-1]])


def test_all_five_different_counts_of_jet_nets_companies_are_on_record() -> None:
    rows = Reach.objects.filter(programme__slug="jet-net-nl", unit__slug="companies")
    counts = sorted((row.qualifier, int(row.value)) for row in rows)
    assert {("about", 100), ("exact", 92), ("over", 90), ("over", 100), ("over", 2000)} <= {*counts}
    point = Discrepancy.objects.get(programme__slug="jet-net-nl", about="Number of companies")
    assert point.claims.count() == 5
    assert not point.claims.filter(is_shown=True).exists(), "none is preferred"


def test_the_study_of_the_vo_ho_networks_has_its_percentage_and_an_unknown_commissioner() -> None:
    row = Evaluation.objects.get(programme__slug="vo-ho-netwerken", position=1)
    assert (row.design, row.independence, row.year) == ("not-known", "not-known", 2017)
    assert "59.5%" in row.finding
    assert "2008 to 2010" in row.finding
    assert (row.source.slug, row.locator) == (ENTRIES, "line 268")


def test_the_centres_were_reviewed_by_a_committee_in_2016() -> None:
    row = Evaluation.objects.get(programme__slug="centres-of-expertise-nl", position=1)
    assert (row.independence, row.year, row.locator) == ("not-known", 2016, "line 148")


def test_crest_has_the_trial_without_effect_and_the_comparison_with_a_gain() -> None:
    trial = Evaluation.objects.get(programme__slug="crest-awards", design="randomised-trial")
    assert (trial.independence, trial.result, trial.year) == ("independent", "no-effect", 2019)
    match = Evaluation.objects.get(programme__slug="crest-awards", design="matched-comparison")
    assert (match.independence, match.result, match.year) == ("commissioned", "positive", 2016)


def test_an_independent_evaluation_was_not_done_or_ordered_by_who_runs_the_programme() -> None:
    for row in Evaluation.objects.filter(independence="independent"):
        runs = row.programme.partnerships.filter(role="coordinator")
        names = {partnership.organisation.name.lower() for partnership in runs}
        said = f"{row.evaluator} {row.commissioner}".lower()
        assert not [name for name in names if name in said], row.programme.slug


def test_no_evaluation_tells_how_its_source_was_read() -> None:
    words = re.compile(
        r"excerpt|stored|padlock|was found|\bline \d|not in the source", re.IGNORECASE
    )
    for row in Evaluation.objects.all():
        assert not words.search(f"{row.finding} {row.note} {row.sample}"), row.programme.slug


def test_both_stated_end_years_of_the_teacher_academy_are_claims() -> None:
    programme = Programme.objects.get(slug="stem-teacher-academy")
    assert (programme.year_start, programme.year_end) == (2014, 2017)
    claims = Claim.objects.filter(discrepancy__programme=programme, discrepancy__field="year_end")
    shown = {row.statement: row.is_shown for row in claims}
    assert any("2019" in text and not used for text, used in shown.items())
    assert any("2017" in text and used for text, used in shown.items())


def test_the_stated_and_the_computed_share_of_the_centres_are_claims() -> None:
    claims = Claim.objects.filter(discrepancy__programme__slug="centres-of-expertise-nl")
    texts = " ".join(claims.values_list("statement", flat=True))
    assert "65%" in texts
    assert "63.6%" in texts
    worked_out = (Decimal("125") - Decimal("45.5")) / Decimal("125") * 100
    assert worked_out == Decimal("63.6")


def test_stem_at_home_has_its_impact_declared_not_available() -> None:
    programme = load_facts(Programme.objects.get(slug="stem-at-home"))
    assert programme.impact == ""
    assert Entry(programme).basis("impact") == "declared-not-available"
    row = Citation.objects.get(programme=programme, field="impact")
    assert (row.source.slug, row.locator) == (ENTRIES, "lines 25–27")  # type: ignore[union-attr]


def test_the_lineage_of_jet_net_has_years() -> None:
    rows = Lineage.objects.filter(
        models.Q(from_programme__slug="jet-net-nl") | models.Q(to_programme__slug="jet-net-nl")
    )
    told = {
        (getattr(row.subject, "slug", ""), row.relation, getattr(row.target, "slug", "")): row.year
        for row in rows
    }
    assert 2012 in {year for ends, year in told.items() if "tektanken" in ends}
    assert 2020 in {year for ends, year in told.items() if "basque-jet-net-pilot" in ends}


# --- No persons are named -------------------------------------------------------------------------

# Names of people who took part in the report's meetings: two words of each name, folded, as the
# first 16 digits of their SHA-256. The catalogue names organisations and functions, never people.
PERSONS = frozenset(
    """
    015c52137d9b8ff1 017394b35c9c7643 04f6ba17304ac700 060b567e8c3faf81 0b516178c9290a97
    11fdddaa9df302f2 156ffee8325abd81 15c5e1fae6d71e3d 186078de80a13ba4 186d1baecc2574eb
    1c693cf8d32688f8 1edad04cb7a88d34 244c2d4a58743f31 271027ec697e78fa 282e8424291d43e1
    297d11fc02f7cc7a 2b7af0abe7ba1bf9 34da44316be86003 351239dd2d37bf2b 3e796f701657f684
    3ee0eccf31b8b54e 4692ee9fbf368720 47b4329e51d02f8e 48f9072c8613a53c 4bd5a3ba84bee32f
    51ae272ff372604a 520a272814d765ba 553985e57397643e 55e7af05a4d39f38 5b463162e5e28f06
    6527bc8bce93df0d 6552a042a7e7b42c 67aea15a3b2cfcc4 6d50d4a198ea5041 6f888caf77f7acaa
    71b7a7dcbdcf514d 74d867a76bbf17db 77fed5c92b9167a0 7b067a65c290d910 80f0e229de296a2a
    88321d0a1d8b094c 91978a4a7e7c6b08 9507c1f46edba0bc 958f6107fc3b848a 98de1a8b93fce1cd
    9a8816aceb48791d 9af33f08c4cf7cee 9db5332b9809fe34 9eb1c00ea52072f4 9fc3e57ab7d50bff
    a191d0e71ab395d0 a518b1f75c344ee8 aa6ec6efe4a8c39d aa8a83806259122a abb7f7aeb002fcba
    b28bd31853423e75 b5c3800cd4fae0a6 b89dfa7736191887 b8d79a87dc11a0d8 b9d7b3912ca0f7e5
    be272f4ec92c9022 bfa2069d7feaa5cc c456a5deae850013 c535b74705ccdd51 c5c4fd401464994a
    c79c1b19b540a606 c7a21cfe18d36440 cd899de1f3f96e2c cdccab38aa7ccba1 cdd71b76cc6ceaf9
    d6d4bd6018634a8c da4794bdba5df6e8 daa10873159ee849 dcf0f604bcb01d95 dd121a4cd77826ef
    dd83d413117cdf8a dfc4d65d0aeec38e e0ee4ed30aa4a294 e5a75a67b69e6b17 e61837fce4662abd
    ecd6ac1c7920ecf2 ede97c213162969d eea880975faba341 f074d8b7a21b016c f5738be554455d77
    f72826bb501a5d40
    """.split()  # noqa: SIM905
)


@cache
def list_texts() -> list[tuple[str, str]]:
    """Return every text of fixtures, templates and documentation, each with its file and line."""
    found: list[tuple[str, str]] = []
    for row in read_rows(FIXTURES):
        place = f"{row.file.name}, line {row.line}"
        found += [(f"{place}: {name}", str(value)) for name, value in row.fields.items()]
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "docs").rglob("*.md")]
    pages += [*ROOT.glob("*.md")]
    return found + [(page.name, page.read_text(encoding="utf-8")) for page in pages]


def find_persons(*texts: str) -> set[str]:
    """Return the pairs of words (adjacent or with one word between) that are a person's name."""
    pairs: set[tuple[str, str]] = set()
    for text in texts:
        found = split_words(text)
        pairs |= {*pairwise(found), *zip(found, found[2:], strict=False)}
    digests = {hashlib.sha256(" ".join(pair).encode()).hexdigest()[:16]: pair for pair in pairs}
    return {" ".join(digests[digest]) for digest in PERSONS & digests.keys()}


def test_no_text_names_a_person_of_the_reports_meetings() -> None:
    assert len(PERSONS) == 86
    assert find_persons(*(text for _place, text in list_texts())) == set()


def test_find_persons_finds_a_name_in_any_spelling_and_with_a_middle_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digest = hashlib.sha256(b"jane doe").hexdigest()[:16]
    monkeypatch.setitem(globals(), "PERSONS", frozenset({digest}))
    for text in ("Jane Doe", "by JANE  Doé,", "Jane M. Doe"):
        assert find_persons("Nobody here", text) == {"jane doe"}
    assert find_persons("Jane and old John Doe", "Doe Jane") == set()
    assert find_persons("Jane", "Doe") == set()


def test_no_text_but_that_of_contacts_has_an_email_address() -> None:
    for place, text in list_texts():
        if not place.endswith(" email"):
            assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", text), place


def test_email_addresses_of_contacts_are_of_offices() -> None:
    # “jane.doe@” and “j.doe@” are addresses of a person; an office has none or names itself.
    offices = {"esplora.programmes", "krkine.nagrade"}
    for address in Contact.objects.exclude(email="").values_list("email", flat=True):
        name = address.partition("@")[0]
        assert "." not in name or name in offices, address


def test_publishers_and_evaluators_have_no_personal_titles() -> None:
    fields: list[Any] = [*Source.objects.values_list("publisher", flat=True)]
    fields += Evaluation.objects.values_list("evaluator", flat=True)
    assert not [text for text in fields if re.search(r"\b(Dr|Prof|Mr|Mrs|Ms)\b", text)]
