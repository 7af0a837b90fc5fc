"""What checks of records have found, and nobody has written into the record yet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partnerships.models import Lineage
from programmes.models import Claim, Edit, Programme, RecordCheck, Source, Version
from stemobs.curation.tasks.matters import Matter, Sight

OTHER_PARTS: dict[str, Any] = {"claims": Claim, "lineage": Lineage}
GONE = RecordCheck.Answer.GONE


class LeftWork(NamedTuple):
    """An answer that leaves something to do: about which fact and source, in which check."""

    programme: int
    part: str
    row: int
    source: int
    answer: dict[str, Any]
    check: int
    at: datetime

    def list_rows(self) -> Iterator[tuple[str, int]]:
        """Yield the rows of which one is written when somebody does something about it."""
        yield find_label(self.part), self.row
        yield Source._meta.label_lower, self.source
        if self.part == "citations":  # what it is about stands in the record itself
            yield Programme._meta.label_lower, self.programme


def find_left(sight: Sight) -> Iterator[Matter]:
    """Yield the sources that are gone, and the facts that a source says otherwise in words.

    They are found until the fact, or its source, was written since, or a later check answers
    otherwise.
    """
    left = [one for one in list_left(sight) if one.programme in sight.records]
    written = read_written(left)
    waiting = [one for one in left if not was_written(one, written)]
    titles = dict(
        Source.objects.filter(pk__in={one.source for one in waiting}).values_list("pk", "title")
        if waiting
        else ()
    )
    gone: defaultdict[tuple[int, int], list[LeftWork]] = defaultdict(list)
    for one in waiting:
        if one.answer["answer"] == GONE:
            gone[one.programme, one.source].append(one)
        else:
            yield make_matter(sight, [one], word_changed(one, titles), f"-{one.part}-{one.row}")
    for some in gone.values():
        yield make_matter(sight, some, word_gone(some, titles))


def list_left(sight: Sight) -> Iterator[LeftWork]:
    """Yield what the latest answer about each fact and source leaves to do."""
    finished = RecordCheck.objects.exclude(finished_at=None)
    if sight.programme is not None:
        finished = finished.filter(programme=sight.programme)
    about = finished.filter(leaves_work=True).order_by().values("programme")
    latest: dict[tuple[int, str], LeftWork] = {}
    rows: Any = finished.filter(programme__in=about).order_by("finished_at", "pk")
    columns = ("pk", "programme", "answers", "finished_at")
    for pk, programme, answers, at in rows.values_list(*columns):
        for key, answer in answers.items():
            part, row, source = key.split("-")
            one = LeftWork(programme, part, int(row), int(source), answer, pk, at)
            latest[programme, key] = one
    return (one for one in latest.values() if one.answer.get("left"))


def read_written(left: Iterable[LeftWork]) -> dict[tuple[str, int], datetime]:
    """Return when rows were last written, since the first of these checks; a check writes none."""
    rows = {row for one in left for row in one.list_rows()}
    if not rows:
        return {}
    since = min(one.at for one in left)
    versions = Version.objects.filter(
        object_id__in={pk for _label, pk in rows},
        model__in={label for label, _pk in rows},
        edit__made_at__gt=since,
    ).exclude(edit__kind=Edit.Kind.CHECK)
    told = versions.order_by().values_list("model", "object_id", "edit__made_at")
    return {(label, pk): at for label, pk, at in sorted(told, key=lambda one: one[2])}


def was_written(one: LeftWork, written: dict[tuple[str, int], datetime]) -> bool:
    return any(row in written and written[row] > one.at for row in one.list_rows())


def find_label(part: str) -> str:
    """Return the label of the model of a part of a record."""
    model: Any = OTHER_PARTS.get(part) or Programme._meta.get_field(part).related_model
    return str(model._meta.label_lower)


def make_matter(sight: Sight, some: list[LeftWork], told: str, more: str = "") -> Matter:
    one = some[0]
    return Matter(
        key=f"{one.programme}-{one.source}{more}",
        told=told,
        evidence=tuple(sorted(each.check for each in some)),
        programme=one.programme,
        about=f"{Source._meta.label_lower} {one.source}",
        weight=sight.weigh(one.programme),
    )


def word_gone(some: list[LeftWork], titles: dict[int, str]) -> str:
    told = ngettext(
        "Gone: “%(source)s”. %(number)d fact rests on it: %(fact)s",
        "Gone: “%(source)s”. %(number)d facts rest on it, such as: %(fact)s",
        len(some),
    )
    words = {"source": titles.get(some[0].source, ""), "fact": some[0].answer["left"]}
    return told % {**words, "number": len(some)}


def word_changed(one: LeftWork, titles: dict[int, str]) -> str:
    says = ", ".join(filter(None, [one.answer["says"], one.answer["place"]]))
    told = _("“%(source)s” says now: %(says)s. The record says: %(fact)s")
    return told % {
        "source": titles.get(one.source, ""),
        "says": says.rstrip("."),
        "fact": one.answer["left"],
    }
