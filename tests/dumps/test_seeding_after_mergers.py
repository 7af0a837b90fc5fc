"""Fixtures that name what curators have merged: read as what stays, once, and said so."""

from pathlib import Path
from typing import Any

import pytest

from partnerships.models import Guide, Lineage, Organisation, Partnership
from programmes.models import Citation, Programme, SeededRow, Source
from stemobs.catalogue.editing import edit
from stemobs.curation.mergers.making import Merger
from stemobs.curation.mergers.programmes import TwoRecords
from stemobs.curation.mergers.reading import read_records
from stemobs.curation.mergers.shared.comparing import TwoShared
from stemobs.curation.mergers.shared.uniting import SharedMerger
from stemobs.dumps.seed import Outcome, seed_catalogue

pytestmark = pytest.mark.django_db
FIRST = """
- model: partnerships.organisation
  fields: {slug: goes, name: Goes, type: company}
- model: partnerships.organisation
  fields: {slug: stays, name: Stays, type: company}
- model: programmes.source
  fields: {slug: old-page, title: Page}
- model: programmes.source
  fields: {slug: new-page, title: Page}
- model: programmes.programme
  fields: {slug: twin, name: Twin, summary: A., record_type: programme, scope: national}
- model: programmes.programme
  fields: {slug: other, name: Other, summary: A., record_type: programme, scope: national}
- model: partnerships.guide
  fields: {slug: made, title: Made, group: practice, summary: A.}
"""
SECOND = """
- model: programmes.programme
  fields: {slug: late, name: Late, summary: A., record_type: programme, scope: national}
- model: partnerships.partnership
  fields: {programme: [late], position: 1, organisation: [goes], role: partner}
- model: partnerships.partnership
  fields: {programme: [late], position: 2, organisation: [stays], role: partner}
- model: programmes.citation
  fields: {programme: [late], position: 1, field: reach, basis: stated, source: [new-page]}
- model: programmes.citation
  fields: {programme: [late], position: 2, field: reach, basis: stated, source: [old-page]}
- model: programmes.evaluation
  fields:
    {programme: [late], position: 1, finding: So., further_sources: [[old-page], [new-page]]}
- model: partnerships.lineage
  fields: {slug: late-twin, from_programme: [late], relation: part-of, to_programme: [twin]}
- model: partnerships.lineage
  fields: {slug: late-other, from_programme: [late], relation: part-of, to_programme: [other]}
- model: partnerships.lineage
  fields: {slug: other-twin, from_programme: [other], relation: derived-from, to_programme: [twin]}
- model: partnerships.guideitem
  fields:
    guide: [made]
    slug: do
    position: 1
    heading: Do
    text: This.
    programmes: [[twin], [other]]
    organisations: [[goes], [stays]]
- model: partnerships.organisation
  fields: {slug: part, name: Part, type: company, parent: [goes]}
"""


def seed(folder: Path, *texts: str) -> Outcome:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return seed_catalogue(folder)


def merge_all() -> None:
    """Merge two organisations, two sources and two records, which fixtures have brought."""
    with edit("curator", None, "The same."):
        for model, goes, stays in (
            (Organisation, "goes", "stays"),
            (Source, "old-page", "new-page"),
        ):
            one, other = (model.objects.get(slug=slug) for slug in (goes, stays))
            SharedMerger(TwoShared(other, one, {}), other.pk).make("The same.")
        pks: Any = [Programme.objects.get(slug=slug).pk for slug in ("other", "twin")]
        both = read_records(pks)
        Merger(TwoRecords(*(both[pk] for pk in pks), {}), pks[0]).make("The same.")


def test_what_a_fixture_says_of_both_is_loaded_once_and_what_went_does_not_come_back(
    tmp_path: Path,
) -> None:
    seed(tmp_path, FIRST)
    merge_all()
    outcome = seed(tmp_path, FIRST, SECOND)
    roles = Partnership.objects.filter(programme__slug="late")
    assert [*roles.values_list("position", "organisation__slug")] == [(1, "stays")]
    cited = Citation.objects.filter(programme__slug="late")
    assert [*cited.values_list("position", "source__slug")] == [(1, "new-page")]
    late = Programme.objects.get(slug="late")
    assert [*late.evaluations.get().further_sources.values_list("slug", flat=True)] == ["new-page"]
    relations = Lineage.objects.filter(slug__in=("late-twin", "late-other", "other-twin"))
    assert [*relations.values_list("slug", "to_programme__slug")] == [("late-twin", "other")]
    item = Guide.objects.get(slug="made").items.get()
    assert [one.slug for one in item.programmes.all()] == ["other"]
    assert [one.slug for one in item.organisations.all()] == ["stays"]
    assert Organisation.objects.get(slug="part").parent.slug == "stays"
    kept = {told.split(" (")[0].split(".")[1] for told in outcome.kept}
    assert kept == {
        'partnership ["late", 2]', 'citation ["late", 2]', 'lineage ["late-other"]',
        'lineage ["other-twin"]',
    }  # fmt: skip
    assert sum("another row says the same since a merger" in told for told in outcome.kept) == 3
    assert any("which was merged: This would go round" in told for told in outcome.kept)
    assert 'partnerships.partnership ["late", 1] (organisation goes)' in outcome.followed
    assert 'partnerships.lineage ["late-twin"] (programme twin)' in outcome.followed

    again = seed(tmp_path, FIRST, SECOND)
    assert (again.created, again.updated, len(again.kept)) == (0, 0, 4)
    changed = FIRST.replace("name: Goes", "name: Gone")
    assert 'partnerships.organisation ["goes"] (merged into another)' in (
        seed(tmp_path, changed, SECOND).kept
    )
    SeededRow.objects.all().delete()  # as after a public dump, which does not have them
    told = seed(tmp_path, FIRST, SECOND).kept
    assert 'programmes.source ["old-page"] (it was merged into another)' in told
    assert not Organisation.objects.filter(slug="goes").exists()
    assert not Source.objects.filter(slug="old-page").exists()
