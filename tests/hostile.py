"""Database rows that are hard to dump exactly: odd texts, extreme numbers, nulls, all relations."""

from datetime import UTC, datetime

from partnerships.models import Criterion, Organisation
from programmes.models import (
    Audience,
    Country,
    EducationLevel,
    Programme,
    SeededRow,
    Source,
    Unit,
)
from stemobs.dumps.restore import clear_catalogue
from tests.builders import (
    kind,
    level,
    make_citation,
    make_claim,
    make_discrepancy,
    make_evaluation,
    make_former_slug,
    make_funding,
    make_guide,
    make_guide_item,
    make_lineage,
    make_name,
    make_organisation,
    make_organisation_name,
    make_partnership,
    make_platform,
    make_programme,
    make_reach,
    make_source,
    make_statement,
    make_story,
    make_strategy,
)

TEXTS = (
    "é e\u0301 ﬁ ß İ ı 漢字 \U0001f469\u200d\U0001f52c \U0010ffff",
    "\ufeffbegins, ends\u200b\u2028 \u2029 \u202eright to left\u202c",
    "\x01\x08\x0b\x0c\x1b\x1f\x7f\x85\xa0",
    "\r\n\r\t\n",
    "\\ \" ' \\n \\u0000 %s %% {} ${x} {{ x }} <!-- </script> ]]> &amp;",
    "=1+1; DROP TABLE programmes_programme; --",
    "  ",
    "x" * 200_000,
)


def make_small_catalogue() -> Programme:
    """Replace the catalogue by a few rows, for fast dumps and restores; return its programme."""
    clear_catalogue(replace=True)
    for code, name in (("NL", "Netherlands"), ("BE", "Belgium")):
        Country.objects.create(code=code, name=name)
    EducationLevel.objects.create(code=3, name="Upper", short_name="Upper")
    Unit.objects.create(slug="students", name="students")
    Criterion.objects.create(slug="girls", name="Girls", group="general")
    whole = make_organisation(slug="whole", website="https://example.org/")
    make_organisation(slug="part", parent=whole)
    one = make_programme(slug="one", verified_on="2026-01-31", year_start=2001)
    one.countries.set(Country.objects.filter(code="NL"))
    two = make_programme(slug="two")
    two.state, two.merged_into = Programme.State.WITHDRAWN, one
    two.save()
    make_reach(one, "10.50", position=1)
    make_lineage(slug="line", from_programme=one, to_text="Something")
    return one


def make_hostile_rows() -> None:
    """Make a programme in every state, each with facts that have odd values."""
    entries = [
        make_programme(
            slug=f"hostile-{number}",
            name=f"{text[:180]}.",
            summary=text + ".",
            note=text,
            curators_note=text,
            state=state,
            withdrawn_reason=text[:300] if text.strip() else "Why",
        )
        for number, text in enumerate(TEXTS)
        for state in [["published", "published", "draft", "review"][number % 4]]
    ]
    first, second, hidden = entries[:3]
    make_facts(first)
    make_facts(hidden)
    make_ties(first, second, hidden)
    # Written with update(), because saving would set these columns to the current time.
    odd_moments = datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, 1, tzinfo=UTC)
    for entry, moment in zip(entries, odd_moments, strict=False):
        Programme.objects.filter(pk=entry.pk).update(changed_at=moment, created_at=moment)
    gone = make_programme(slug="hostile-gone")
    gone.state, gone.merged_into = Programme.State.WITHDRAWN, first
    gone.save()
    make_former_slug(gone, "hostile-gone-before")
    SeededRow.objects.create(
        model="programmes.programme",
        key='["ü", null]',
        object_id=0,
        fixture_digest="0",
        row_digest="0",
    )


def make_facts(programme: Programme) -> None:
    source = make_source(url=f"https://example.org/{programme.pk}?q=%C3%A9&x=#\u00e9")
    for number, text in enumerate(TEXTS[:6]):
        make_citation(programme, field="levels", evidence=text, source=source)
        make_name(programme, f"{text}{number}")
    for value in ("0", "0.01", "9999999999999.99", "1"):
        make_reach(programme, value, source=source)
    make_reach(programme, "1", value_max="9999999999999.99", qualifier="range", year_from=1800)
    make_reach(programme, "5", unit=Unit.objects.last(), year_from=32767, year_to=32767)
    make_funding(programme, amount="0.10", currency="EUR", organisation=make_organisation())
    money = make_funding(programme)
    make_evaluation(programme, finding=TEXTS[0], year=None)
    point = make_discrepancy(programme, note=TEXTS[3])
    make_claim(point, statement=TEXTS[4][:300], funding=money)
    make_story(programme, title=TEXTS[0][:120], text=TEXTS[3] + ".", steps=TEXTS[7])
    programme.countries.set(Country.objects.all())
    programme.also_reaches.set(Country.objects.order_by("-pk")[:3])
    programme.levels.set([level(3), level(0)])
    programme.kinds.set([kind("internships")])
    programme.audiences.set(Audience.objects.all())


def make_ties(first: Programme, second: Programme, hidden: Programme) -> None:
    """Make rows that refer to each other, also to rows with higher ids."""
    part, whole, heir = (make_organisation() for _number in range(3))
    Organisation.objects.filter(pk=part.pk).update(parent=whole, successor=heir)
    make_organisation_name(part, name=TEXTS[0][:200])
    make_partnership(first, part, since=1950, until=None)
    strategy = make_strategy(programme=hidden, note=TEXTS[2])
    platform = make_platform(organisation=whole)
    platform.programmes.set([first, hidden])
    platform.strategies.add(strategy)
    make_statement(platform=platform, value="0.05", source=Source.objects.first())
    make_lineage(from_programme=first, to_programme=second, year=2012)
    make_lineage(from_programme=second, to_programme=hidden)
    make_lineage(from_strategy=strategy, to_platform=platform)
    item = make_guide_item(make_guide(), [second, first, hidden], text=TEXTS[1])
    item.organisations.set([heir, part])
