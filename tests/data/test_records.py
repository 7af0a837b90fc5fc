"""What the records of the catalogue promise: words to read, a way in, a page, a source for each."""

import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from partnerships.models import Organisation
from programmes.models import Citation, Country, Evaluation, Field, Programme, TakingPart
from stemobs.curation.checks.checks import find_faults
from stemobs.dumps.fixtures.rows import read_rows

pytestmark = [pytest.mark.django_db, pytest.mark.data]

ROOT = Path(__file__).parent.parent.parent
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
# Words of whoever looked for a fact; a reader wants the fact, or that it is not known.
FINDERS_WORDS = re.compile(r"\b(was found|seen in|excerpts?|copies|no open call)\b", re.IGNORECASE)
# The columns of a programme that its citations name otherwise.
CITED = {
    Field.COUNTRIES: "countries", Field.LEVELS: "levels", Field.KINDS: "kinds",
    Field.FACTORS: "factors", Field.AUDIENCES: "audiences", Field.YEAR_END: "year_end",
    Field.DURATION: "duration", Field.DESCRIPTION: "description",
    Field.LANGUAGES: "languages", Field.OBJECTIVES: "objectives",
}  # fmt: skip


@cache
def read_descriptions() -> dict[str, str]:
    """Return the descriptions by slug, read from the files and not from the database."""
    rows = read_rows(ROOT / "fixtures")
    programmes = [row.fields for row in rows if row.model is Programme]
    return {fields["slug"]: fields.get("description", "") for fields in programmes}


class TestWords:
    """What a record says happens in the programme."""

    def test_every_record_has_a_description_of_60_to_150_words(self) -> None:
        lengths = {slug: len(text.split()) for slug, text in read_descriptions().items()}
        assert {slug: n for slug, n in lengths.items() if not 60 <= n <= 150} == {}

    def test_sentences_of_descriptions_are_short(self) -> None:
        for slug, text in read_descriptions().items():
            lengths = [len(sentence.split()) for sentence in SENTENCE_END.split(text)]
            assert max(lengths) <= 30, slug
            assert 2 * sum(length <= 20 for length in lengths) >= len(lengths), slug


class TestWaysIn:
    """How people join, and where they begin."""

    def test_schools_and_companies_find_a_way_in_for_most_records(self) -> None:
        rows = TakingPart.objects.values_list("audience", "programme").distinct()
        numbers = Counter(audience for audience, _programme in rows)
        assert numbers["schools"] >= 171
        assert numbers["companies"] >= 130

    def test_every_way_in_names_a_source_and_none_has_the_words_of_a_finder(self) -> None:
        for row in TakingPart.objects.select_related("programme"):
            assert row.source_id, row.programme
            told = " ".join([row.how, row.who_may_join, row.cost, row.time, row.when])
            assert not FINDERS_WORDS.search(told), (row.programme, told)

    def test_no_way_in_is_open_where_the_programme_has_ended(self) -> None:
        rows = TakingPart.objects.filter(is_open=True, programme__status="completed")
        assert not rows.exists(), list(rows)

    def test_a_record_has_a_website_or_the_documentation_says_why_not(self) -> None:
        table = (ROOT / "docs" / "websites.md").read_text(encoding="utf-8")
        listed = re.findall(r"^\| (?!Record|---)(.+?) \| \S.* \|$", table, re.MULTILINE)
        without = Programme.objects.filter(website="").values_list("name", flat=True)
        assert sorted(listed) == sorted(without)

    def test_organisations_have_websites(self) -> None:
        assert Organisation.objects.exclude(website="").count() >= 160


class TestSources:
    """Every value has a source of its own or says that it is our reading."""

    @pytest.mark.parametrize("field", list(CITED), ids=str)
    def test_every_value_is_cited_or_called_our_reading(self, field: Field) -> None:
        name = CITED[field]
        cited = set(Citation.objects.filter(field=field).values_list("programme", flat=True))
        for programme in Programme.objects.prefetch_related(
            "countries", "levels", "kinds", "factors", "audiences"
        ):
            value = getattr(programme, name)
            filled = bool(value.all()) if hasattr(value, "all") else value not in (None, "")
            assert not filled or programme.pk in cited, programme

    def test_what_is_stated_names_its_source_and_what_is_inferred_its_reason(self) -> None:
        stated = Citation.objects.filter(basis="stated", source=None)
        assert not stated.exists(), list(stated)
        inferred = Citation.objects.filter(basis="inferred", evidence="")
        assert not inferred.exists(), list(inferred)


class TestCoverage:
    """Where in Europe there is something to read."""

    def test_every_country_of_the_union_has_two_records_of_its_own(self) -> None:
        rows = [one.countries.all() for one in Programme.objects.prefetch_related("countries")]
        own = Counter(chain.from_iterable(few for few in rows if len(few) < 3))
        lacking = [one for one in Country.objects.filter(in_eu=True) if own[one] < 2]
        assert lacking == []

    def test_only_independent_studies_of_the_programme_itself_make_it_independently_evaluated(
        self,
    ) -> None:
        told = {
            one.pk
            for one in Programme.objects.published().with_evidence()
            if one.evidence == "independent"
        }
        rows = Evaluation.objects.filter(object="programme", independence="independent")
        assert told == set(rows.values_list("programme", flat=True))
        assert told


class TestChecks:
    """What the checks before publishing find in records that are published: no error."""

    # Where a figure rose more than tenfold, as the sources say.
    LEAPS = {"galp-future-up": 1, "jet-net-nl": 2, "mint-ec": 1, "scifest-ireland": 1}

    def test_every_record_passes_and_what_is_odd_is_known(self) -> None:
        faults = [
            (one.slug, fault) for one in Programme.objects.all() for fault in find_faults(one)
        ]
        assert [f"{slug}: {fault}" for slug, fault in faults if fault.is_error] == []
        # Awards, networks and agreements are no intervention of any kind.
        assert Counter(fault.field for _slug, fault in faults) == {"kinds": 21, "value": 5}
        leaps = Counter(slug for slug, fault in faults if fault.field == "value")
        assert leaps == self.LEAPS
