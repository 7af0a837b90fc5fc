"""What is compared of two programmes: their fields, lists of terms, and facts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from programmes.models import Field, Programme
from stemobs.curation.mergers.comparing import (
    Keeping,
    MergerLine,
    MergerQuestion,
    OfferedAnswer,
    TwoCompared,
    make_mark,
    word_along,
    word_follows,
    word_same,
)
from stemobs.curation.mergers.matching import RULES, FactPair, list_rows, match_rows
from stemobs.entries.history.wording import name_field

# The fields that are compared, those together that mean one thing.
GROUPS: Sequence[tuple[str, ...]] = (
    ("website",), ("summary",), ("record_type",), ("description",), ("objectives",),
    ("activities",), ("scope",), ("region",), ("countries_note",), ("age_min", "age_max"),
    ("languages",), ("is_vocational",), ("site_levels",), ("year_start", "year_start_detail"),
    ("year_end", "year_end_detail"), ("status", "status_as_of"), ("duration",), ("reach_text",),
    ("impact",), ("funding_text",), ("evaluation_note",), ("key_statement",),
    ("highlighted_summary",), ("highlighted_impact",), ("note",),
)  # fmt: skip
# Those that stay as the record has them that stays. The name of the other one becomes another name,
# and notes for curators are joined.
OF_THE_ONE_THAT_STAYS = {
    "id", "slug", "name", "short_name", "icon",
    "is_highlighted", "confidence", "verified_on", "checked_facts", "curators_note", "state",
    "withdrawn_reason", "merged_into", "created_at", "changed_at",
}  # fmt: skip
# A picture with what is said of it: they go together.
PICTURE = ("logo", "logo_alt", "logo_credit", "logo_licence")
# Texts in our own words: two of them do not contradict each other.
IN_OUR_WORDS = {
    "summary", "description", "objectives", "activities", "reach_text", "impact", "funding_text",
    "evaluation_note", "key_statement", "highlighted_summary", "highlighted_impact", "note",
}  # fmt: skip
# The part of a record under which the sources of a field stand, where that has another name.
CITED_AS = {"age_min": Field.AGES}
LISTS = [one.name for one in Programme._meta.many_to_many]


class TwoRecords(TwoCompared):
    """Two programmes beside each other."""

    groups = GROUPS
    in_our_words = IN_OUR_WORDS

    def __init__(self, left: Programme, right: Programme, sent: Mapping[str, str]) -> None:
        self.items: dict[str, dict[int, MergerQuestion]] = {}  # of lists, by the ids of terms
        self.picture: MergerQuestion | None = None
        super().__init__(left, right, sent)

    def compare(self) -> Iterator[MergerLine]:
        yield from self.compare_pictures()
        yield from self.compare_fields()
        yield from self.compare_lists()
        yield from self.compare_facts()

    def find_choice(self, citation: Any) -> MergerQuestion | None:
        """Return the question about the field that a citation is a source of, if one is asked."""
        asked = ((CITED_AS.get(names[0], names[0]), one) for names, one in self.fields.items())
        return next((one for name, one in asked if name == citation.field), None)

    # The picture, of which a record has one

    def compare_pictures(self) -> Iterator[MergerLine]:
        """Yield a line for the pictures; where both have one, nothing is chosen beforehand."""
        left, right = (self.left.logo.name, self.right.logo.name)
        if not (left or right):
            return
        line = MergerLine(_("Picture"), left, right, kind=PICTURE[0])
        if left and right:
            told = [
                [str(getattr(one, name)) for name in PICTURE] for one in (self.left, self.right)
            ]
            self.picture = self.ask(PICTURE[0], line.label, told, both=False)
            line.questions.append(self.picture)
        else:
            line.told = word_along(bool(right))
        yield line

    def takes_picture_of(self, goes: Programme) -> bool:
        """Whether the picture of the one that goes is chosen, or the other one has none."""
        if self.picture:
            return self.picture.chosen == str(goes.pk)
        return bool(goes.logo)

    # Lists, which are asked item by item

    def compare_lists(self) -> Iterator[MergerLine]:
        for name in LISTS:
            left, right = ([*getattr(one, name).all()] for one in (self.left, self.right))
            if not (left or right):
                continue
            label = name_field(Programme._meta.get_field(name))
            line = MergerLine(label, ", ".join(map(str, left)), ", ".join(map(str, right)))
            if set(left) == set(right):
                line.told = word_same()
            elif not (left and right):
                line.told = word_along(bool(right))
            else:
                self.items[name] = {
                    term.pk: self.ask_about_item(name, label, term)
                    for term in [*left, *right]
                    if term not in left or term not in right
                }
                line.questions += self.items[name].values()
            yield line

    def ask_about_item(self, name: str, label: str, term: Any) -> MergerQuestion:
        asked = _("%(list)s, %(item)s") % {"list": label, "item": term}
        answers = [
            OfferedAnswer(Keeping.KEEP, _("Keep")),
            OfferedAnswer(Keeping.LEAVE, _("Leave out")),
        ]
        question = MergerQuestion(f"{name}-{term.pk}", asked, answers, make_mark(term.pk))
        question.item = str(term)
        return self.take(question)

    # Facts

    def compare_facts(self) -> Iterator[MergerLine]:
        for kind, rule in RULES.items():
            left, right = (list_rows(one, kind, but=other) for one, other in self.both_ways)
            for pair in match_rows(left, right, rule.about):
                yield self.compare_rows(kind, rule, pair)

    @property
    def both_ways(self) -> Sequence[tuple[Programme, Programme]]:
        return ((self.left, self.right), (self.right, self.left))

    def tell_alone(self, kind: str, pair: FactPair) -> str:
        if kind == "citations" and self.find_choice(pair.left or pair.right):
            return word_follows()
        return super().tell_alone(kind, pair)
