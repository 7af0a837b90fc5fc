"""What the page of a merger knows: both sides, what was chosen, and what is in the way."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from partnerships.models import Organisation
from programmes.columns.texts import clean_line
from programmes.models import Programme, ProposedMerger, Source
from stemobs.admin.moves.telling import tell_differences
from stemobs.admin.record.pictures import ShownPicture, show_picture_of
from stemobs.admin.rights.drawn import (
    count_changes,
    count_changes_of,
    read_drawn,
    write_counted,
)
from stemobs.admin.saving import build_admin_url
from stemobs.curation.mergers.comparing import TwoCompared
from stemobs.curation.mergers.inward import (
    count_namings,
    find_records,
    read_inward,
    tell_inward,
)
from stemobs.curation.mergers.making import Merger
from stemobs.curation.mergers.programmes import TwoRecords
from stemobs.curation.mergers.reading import read_records
from stemobs.curation.mergers.rules import (
    explain_refusal_to_merge,
    explain_refusal_to_unite,
    find_drafted,
    find_hindrances,
    find_hindrances_to_unite,
    find_task,
)
from stemobs.curation.mergers.shared.comparing import TwoShared, read_shared
from stemobs.curation.mergers.shared.uniting import SharedMerger
from stemobs.entries.history.differences import FACTS

STAY, REASON, ALONE = "stay", "reason", "reason_alone"  # fields of the page
MOST_NAMED = 4  # of the records that name a row


class RecordGone(LookupError):
    """One of two rows that were to be merged is not there, or not any more."""


@dataclass
class MergerSide:
    """One of the two, as the page tells of it."""

    title: str
    record: Any
    told: str
    inward: Sequence[str]  # what leads to it
    hindrances: Sequence[str]  # what keeps the other one from being merged into it
    is_chosen: bool

    @property
    def address(self) -> str:
        return build_admin_url(self.record)


class MergerPage(ABC):
    """Two rows that somebody may merge, as they are now, with what was sent of the choices."""

    model: ClassVar[Any]
    comparing: ClassVar[type[TwoCompared]]
    merging: ClassVar[Any]
    consequences: ClassVar[Sequence[Any]] = ()  # what becomes of all that is not compared

    def __init__(
        self, request: HttpRequest, pks: Sequence[int], proposed: ProposedMerger | None = None
    ) -> None:
        """What was changed is counted before the rows are read.

        So what changes in between is asked about rather than overlooked. What somebody proposes
        comes with their choices.
        """
        self.request = request
        self.proposed = proposed
        self.counted = self.count(pks)
        records = self.read(pks).values()
        if len(records) != len(pks):
            raise RecordGone
        self.left, self.right = sorted(records, key=lambda one: (not one.is_public, one.pk))
        self.comparison = self.comparing(self.left, self.right, self.sent)

    # What each kind does its own way

    def count(self, pks: Sequence[int]) -> dict[str, int]:
        """Return how often both have been changed, by their ids."""
        return count_changes_of(self.model, pks)

    def read(self, pks: Sequence[int]) -> Mapping[int, Any]:
        """Return both with what is compared of them, by id."""
        return read_shared(self.model, pks)

    @cached_property
    def refusal(self) -> str:
        return explain_refusal_to_unite(self.request.user, self.records)

    def list_hindrances(self, stays: Any) -> list[str]:
        return find_hindrances_to_unite(self.get_other(stays), stays)

    @abstractmethod
    def describe(self, record: Any) -> str:
        """Return in words what one of the two is."""

    def read_inward(self) -> Mapping[int, Sequence[str]]:
        """Return what leads to each of the two, in words."""
        pks = [one.pk for one in self.records]
        named, records = count_namings(self.model, pks), find_records(self.model, pks)
        first = [pk for pk in pks for pk in sorted(records[pk])[:MOST_NAMED]]
        known = Programme.objects.in_bulk(first)
        return {
            pk: [
                *(f"{label}: {number}" for label, number in named[pk].items()),
                *link_records(known, records[pk]),
            ]
            for pk in pks
        }

    # What was sent

    @property
    def sent(self) -> Mapping[str, str]:
        return self.proposed.choices if self.proposed else self.request.POST

    @property
    def is_changed(self) -> bool:
        """Whether one of the two was changed after the page was shown."""
        return read_drawn(self.request) != self.counted

    @property
    def is_changed_since_proposed(self) -> bool:
        return self.proposed is not None and self.proposed.seen != self.counted

    @property
    def seen(self) -> str:
        return write_counted(self.counted)

    @property
    def records(self) -> tuple[Any, Any]:
        return self.left, self.right

    @cached_property
    def stays(self) -> Any:
        """The one that stays, as it was chosen; the left one is proposed."""
        is_sent = self.proposed or self.request.method == "POST"
        sent = self.sent.get(STAY) if is_sent else str(self.left.pk)
        return next((one for one in self.records if str(one.pk) == sent), None)

    @property
    def reason(self) -> str:
        return clean_line(self.sent.get(REASON, ""))

    @property
    def reason_alone(self) -> str:
        return clean_line(self.request.POST.get(ALONE, ""))

    def get_other(self, record: Any) -> Any:
        return self.right if record is self.left else self.left

    # What is told

    @cached_property
    def sides(self) -> list[MergerSide]:
        inward = self.read_inward()
        return [
            MergerSide(
                title,
                record,
                self.describe(record),
                inward[record.pk],
                self.list_hindrances(record),
                record is self.stays,
            )
            for title, record in zip((_("Left"), _("Right")), self.records, strict=True)
        ]

    @cached_property
    def differences(self) -> Sequence[Any]:
        """Return what becomes of differences between sources that name both."""
        return [*tell_differences(self.left, self.right)]

    @property
    def can_be_merged(self) -> bool:
        return any(not one.hindrances for one in self.sides)

    @cached_property
    def task(self) -> Any:
        return find_task(self.left, self.right)


class MergerOfProgrammes(MergerPage):
    """Two programmes, of which the facts are compared."""

    model = Programme
    differences = ()  # which are compared
    comparing = TwoRecords
    merging = Merger
    consequences = (
        gettext_lazy("What the one that goes is called becomes other names of the one that stays."),
        gettext_lazy(
            "Its address leads to the one that stays from now on. So do older addresses that led "
            "there."
        ),
        gettext_lazy(
            "What names it names the one that stays: records, guides, platforms, stories, "
            "suggestions."
        ),
        gettext_lazy(
            "A fact that both have keeps both sources. Figures that were retracted, and a picture "
            "that was not chosen, stay behind."
        ),
    )

    def count(self, pks: Sequence[int]) -> dict[str, int]:
        return count_changes(Programme(pk=pk) for pk in pks)

    def read(self, pks: Sequence[int]) -> Mapping[int, Any]:
        return read_records(pks)

    @cached_property
    def refusal(self) -> str:
        return explain_refusal_to_merge(self.request.user, self.records)

    def list_hindrances(self, stays: Any) -> list[str]:
        return find_hindrances(self.get_other(stays), stays, self.drafted)

    @cached_property
    def drafted(self) -> set[int]:
        return find_drafted(self.records)

    def describe(self, record: Any) -> str:
        return describe_record(record)

    @cached_property
    def pictures(self) -> Sequence[ShownPicture]:
        return [show_picture_of(one, "") for one in self.records]

    def read_inward(self) -> Mapping[int, Sequence[str]]:
        inward = read_inward(one.pk for one in self.records)
        return {pk: tell_inward(told) for pk, told in inward.items()}


class MergerOfOrganisations(MergerPage):
    """Two organisations, which take part in records."""

    model = Organisation
    comparing = TwoShared
    merging = SharedMerger
    consequences = (
        gettext_lazy(
            "The name of the one that goes, and its other names, become other names of the one "
            "that stays."
        ),
        gettext_lazy(
            "Its address leads to the one that stays from now on. So do older addresses that led "
            "there."
        ),
        gettext_lazy(
            "Everything that names it names the one that stays: roles, money, platforms, "
            "strategies, guides, parts, drafts and imports."
        ),
        gettext_lazy(
            "Where both have the same role in a record, or pay the same, it stands there once, "
            "with both sources."
        ),
    )

    def describe(self, record: Any) -> str:
        return join_told([record.get_type_display(), record.country, *tell_shown(record)])


class MergerOfSources(MergerPage):
    """Two sources, on which facts rest."""

    model = Source
    comparing = TwoShared
    merging = SharedMerger
    consequences = (
        gettext_lazy(
            "Everything that rests on the one that goes rests on the one that stays: facts, "
            "documents, differences between sources, organisations, drafts."
        ),
        gettext_lazy(
            "What a record says twice then, word for word and from the same place, stands there "
            "once."
        ),
        gettext_lazy("Facts that were checked against it count as checked against the other."),
        gettext_lazy("Its address in the API leads to the one that stays from now on."),
    )

    def describe(self, record: Any) -> str:
        return join_told([record.get_kind_display(), record.url, *tell_shown(record)])


PAGES: Mapping[Any, type[MergerPage]] = {
    one.model: one for one in (MergerOfProgrammes, MergerOfOrganisations, MergerOfSources)
}


def link_records(known: Mapping[int, Any], ids: Iterable[int]) -> list[SafeString]:
    """Return how many records name a row, with links to the first; [] if none does."""
    first = [known[pk] for pk in sorted(ids)[:MOST_NAMED] if pk in known]
    number = len([*ids])
    if not first:
        return []
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((build_admin_url(one), one) for one in first)
    )
    told = ngettext("in %(number)d record: {}{}", "in %(number)d records: {}{}", number)
    return [format_html(told % {"number": number}, links, ", …" if number > len(first) else "")]


def tell_shown(record: Any) -> list[str]:
    return [record.slug, _("shown to readers") if record.is_public else _("not shown yet")]


def join_told(parts: Iterable[Any]) -> str:
    return " · ".join(str(one) for one in parts if one)


def describe_record(record: Programme) -> str:
    """Return in words where a record is, in which state, and how much it says."""
    facts = sum(len(getattr(record, kind).all()) for kind in FACTS if kind != "lineage")
    sources = {one.source_id for one in record.citations.all()} - {None}
    added = date_format(localtime(record.created_at), "j F Y")
    return join_told(
        [
            ", ".join(map(str, record.countries.all())),
            record.get_state_display(),
            _("added on %(day)s") % {"day": added},
            ngettext("%(number)d fact", "%(number)d facts", facts) % {"number": facts},
            ngettext("%(number)d source", "%(number)d sources", len(sources))
            % {"number": len(sources)},
        ]
    )
