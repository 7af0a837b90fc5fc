"""Turns the lines in a form that was sent into rows of it, as if they had been filled in."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from partnerships.models import Organisation
from programmes.models import Source, Unit
from stemobs.admin.record.organisations import (
    KnownOrganisations,
    ask_who_it_is,
    build_organisation,
    find_by_name,
    put_kind_of_money,
    put_organisation,
)
from stemobs.admin.record.sources import (
    PREFIX,
    KnownSources,
    build_source,
    count_rows,
    is_new,
    list_named,
)
from stemobs.curation.reading.figures import read_figure
from stemobs.curation.reading.lines import FieldQuestion, LineRead
from stemobs.curation.reading.partners import read_partner
from stemobs.curation.reading.places import (
    find_host,
    find_longer_address,
    guess_title,
    is_address,
    read_source,
    read_source_line,
    reduce_address,
)
from stemobs.curation.reading.sums import read_sum
from stemobs.curation.reading.units import Units
from stemobs.text import fold

READ, ADD = "_read", "_add"  # the buttons that save nothing
SHOW = "_show"  # stands in a form that is shown as it was kept, and saved by nobody
LINES = "_lines-"  # begins the names of the fields with lines; the prefix of the rows follows
TAKE = "-_take"  # ends the names of the answers to questions
LEAVE = "-"  # the answer that the source does not say
MOST_LINES = 100  # that are read at once
FIGURES = ("reach", "funding")
OF_RECORD = {"field": "entry", "basis": "stated"}  # a source of the record as a whole
# The prefixes of rows that take the address of a source beside the choice of one.
ADDRESSED = (
    "taking_part", "contacts", "reach", "partnerships", "funding", "evaluations", "assessments",
    "documents", "lineage",
)  # fmt: skip
READ_IN_ORDER = ("citations", "reach", "partnerships", "funding")  # the prefixes of their rows


class FormRead:
    """What was read of a form: its rows with the lines among them, and what is asked about them."""

    def __init__(self, request: HttpRequest) -> None:
        self.data: QueryDict = request.POST.copy()
        self.is_only_read = is_only_read(self.data)
        self.asked: dict[tuple[str, str], dict[str, FieldQuestion]] = {}
        self.found: Counter[str] = Counter()
        self.known = KnownSources()
        self.made_sources: dict[str, Source] = {}
        self.made_organisations: dict[str, Organisation] = {}
        user: Any = request.user
        self.may_add_source = user.has_perm("programmes.add_source")
        self.may_add_organisation = user.has_perm("partnerships.add_organisation")

    def run(self) -> None:
        """Read everything that was typed as lines, in place of which stand rows afterwards."""
        self.take_answers()
        self.add_blank_row()
        lines = {prefix: self.take_lines(prefix) for prefix in READ_IN_ORDER}
        self.read_sources(lines[PREFIX])
        self.read_addresses()
        facts = {
            prefix: [READERS[prefix](self, line) for line in lines[prefix]]
            for prefix in READ_IN_ORDER[1:]
        }
        again = {
            prefix: [READERS[prefix](self, line) for line in self.list_open_lines(prefix)]
            for prefix in READ_IN_ORDER[1:]
        }
        self.find_organisations(facts, again)
        self.find_sources(facts)
        self.ask_again_for_sources(again)
        for prefix, read in facts.items():
            for line in read:
                self.add_row(prefix, line)
        for prefix, read in (*facts.items(), *again.items()):
            self.asked |= {(prefix, line.written): line.asked for line in read if line.asked}

    # What was sent

    def take_answers(self) -> None:
        """Put the answers to questions into the fields that they are about."""
        for key in [key for key in self.data if key.endswith(TAKE)]:
            answer, name = str(self.data[key]), key.removesuffix(TAKE)
            del self.data[key]
            row, _dash, column = name.rpartition("-")
            if answer == LEAVE:
                self.data.pop(f"{row}-written", None)
            elif column == "source" and is_new(answer):
                self.data[f"{row}-address"] = answer
            else:
                self.data[name] = answer

    def add_blank_row(self) -> None:
        prefix = self.data.get(ADD, "")
        if prefix and self.count_rows(prefix) is not None:
            row = self.count_rows(prefix)
            self.set_count(prefix, row + 1)
            self.data[f"{prefix}-{row}-id"] = ""  # so that it is a row that was sent

    def count_rows(self, prefix: str) -> Any:
        return count_rows(self.data, prefix)

    def set_count(self, prefix: str, number: int) -> None:
        self.data[f"{prefix}-TOTAL_FORMS"] = str(number)

    def take_lines(self, prefix: str) -> list[str]:
        """Take the lines out of what was sent; those that are too many at once stay in it."""
        key = f"{LINES}{prefix}"
        lines = [line.strip() for line in self.data.get(key, "").splitlines() if line.strip()]
        if self.count_rows(prefix) is None:
            return []
        self.data[key] = "\n".join(lines[MOST_LINES:])
        return lines[:MOST_LINES]

    def list_open_lines(self, prefix: str) -> Iterator[str]:
        """Yield the lines of rows about which something was asked before."""
        for row in range(self.count_rows(prefix) or 0):
            if written := self.data.get(f"{prefix}-{row}-written"):
                yield written

    # What is read

    @cached_property
    def units(self) -> Units:
        units = Unit.objects.offered().values_list("pk", "slug", "name")
        return Units((str(pk), slug, name) for pk, slug, name in units)

    def read_sources(self, lines: list[str]) -> None:
        read = [read_source_line(line) for line in lines]
        self.known.read(address for address, _title in read)
        for line, (address, title) in zip(lines, read, strict=True):
            asking = ask_for_address(line)
            if not asking.asked:
                self.name_source(address, title)
                continue
            if address:
                asking.values["publisher"] = self.known.guess_publisher(address)
            self.add_row(PREFIX, asking)
        for line in self.list_open_lines(PREFIX):
            self.asked[PREFIX, line] = ask_for_address(line).asked

    def name_source(self, address: str, title: str = "") -> str:
        """Add a source to those of the record, unless it is among them; return how it is named."""
        known = self.known.find(address)
        if known:
            named = str(known.pk)
        else:
            same = (one for one in list_named(self.data) if is_new(one))
            reduced = reduce_address(address)
            named = next((one for one in same if reduce_address(one) == reduced), address)
        if named in list_named(self.data):
            return named
        row = LineRead("", dict(OF_RECORD))
        if known:
            row.values["source"] = named
        else:
            row.values |= {
                "address": address,
                "title": title or guess_title(address) or find_host(address),
                "publisher": self.known.guess_publisher(address),
            }
        self.add_row(PREFIX, row)
        return named

    def read_addresses(self) -> None:
        """Let rows have the sources whose addresses were typed into them, whatever was chosen."""
        rows = (
            f"{prefix}-{row}-"
            for prefix in ADDRESSED
            for row in range(self.count_rows(prefix) or 0)
        )
        read = {row: read_source(self.data.get(f"{row}address", "")).name for row in rows}
        typed = {row: address for row, address in read.items() if is_address(address)}
        self.known.read(typed.values())
        for row, address in typed.items():
            named = self.name_source(address)
            self.data[f"{row}source"] = "" if is_new(named) else named
            self.data[f"{row}address"] = named if is_new(named) else ""

    def find_organisations(self, *read: dict[str, list[LineRead]]) -> None:
        """Give lines the organisations that they name; ask about those that are not known."""
        partners = [line for one in read for line in one["partnerships"]]
        payments = [line for one in read for line in one["funding"]]
        named = [line.values.get("organisation", "") for line in (*partners, *payments)]
        known = KnownOrganisations(named)
        new = self.list_new_organisations()
        for line in partners:
            put_organisation(line, known)
            if name := line.values.get("new_name"):
                new.setdefault(fold(name), "")
                ask_who_it_is(line, known, self.may_add_organisation)
        for line in payments:
            kind = put_organisation(line, known)
            name = fold(line.values.get("new_name", ""))
            if name and name not in new:
                ask_who_it_is(line, known)
            put_kind_of_money(line, kind or new.get(name, ""))

    def list_new_organisations(self) -> dict[str, str]:
        """Return the types of the organisations that the form adds, by their folded names."""
        rows = range(self.count_rows("partnerships") or 0)
        return {
            fold(name): self.data.get(f"partnerships-{row}-new_type", "")
            for row in rows
            if (name := self.data.get(f"partnerships-{row}-new_name"))
        }

    # Which source says it

    def find_sources(self, facts: dict[str, list[LineRead]]) -> None:
        """Give every line the source that it names; one that names none takes the last named."""
        lines = [line for read in facts.values() for line in read]
        self.known.read(line.source for line in lines if is_address(line.source))
        for prefix, read in facts.items():
            last = self.find_last_named(prefix)
            for line in read:
                last = self.put_source(line, last)

    def find_last_named(self, prefix: str) -> str:
        """Return the source of the last row that was added and not saved yet."""
        for row in reversed(range(self.count_rows(prefix) or 0)):
            if not self.data.get(f"{prefix}-{row}-id"):
                name = f"{prefix}-{row}-"
                if named := self.data.get(f"{name}source") or self.data.get(f"{name}address"):
                    return named
        return ""

    def ask_again_for_sources(self, again: dict[str, list[LineRead]]) -> None:
        """Ask about the sources of rows that were read before, in case that they have none."""
        named = list_named(self.data)
        for line in (line for read in again.values() for line in read):
            self.ask_for_source(line, named)

    def put_source(self, line: LineRead, last: str) -> str:
        named = list_named(self.data)
        source = last
        if is_address(line.source):
            source = self.name_source(line.source)
        elif line.source:
            place = int(line.source) if line.source.isdecimal() else 0
            source = named[place - 1] if 0 < place <= len(named) else ""
        elif not last and len(named) == 1:
            (source,) = named
        if source:
            line.values["address" if is_new(source) else "source"] = source
        else:
            self.ask_for_source(line, named)
        return source or last

    def ask_for_source(self, line: LineRead, named: list[str]) -> None:
        if line.source:
            told = _("There is no source [%(number)s] here.") % {"number": line.source}
        else:
            told = _("Every fact needs a source. The first line names it, such as [1].")
        line.ask("source", told, [*self.number_sources(named)])

    def number_sources(self, named: list[str]) -> Iterator[tuple[str, str]]:
        """Yield the sources of the record, with their numbers and titles."""
        known = Source.objects.in_bulk([int(one) for one in named if one.isdecimal()])
        for number, one in enumerate(named, 1):
            title = known[int(one)] if one.isdecimal() and int(one) in known else one
            yield one, f"S{number} {title}"

    # What becomes of it

    def add_row(self, prefix: str, line: LineRead) -> None:
        """Add a row with what was read; one about which something is asked keeps its line."""
        row = self.count_rows(prefix)
        if row is None:
            return
        self.set_count(prefix, row + 1)
        self.found[prefix] += 1
        # Words that were given in quotes, without their years, are not to be read anew.
        is_kept = line.asked or (line.values.get("period") and not line.values.get("year_from"))
        values = {**line.values, "written": line.written if is_kept else ""}
        if prefix in FIGURES and "qualifier" not in line.asked:
            values.setdefault("qualifier", "exact")
        for name, value in values.items():
            self.data[f"{prefix}-{row}-{name}"] = value

    # What a form makes when it is saved

    def forget_made(self) -> None:
        """Forget what was made, because it was taken back with all else that was saved."""
        self.made_sources.clear()
        self.made_organisations.clear()

    def will_know(self, name: str) -> bool:
        """Whether an organisation is stored when the form is: now, or by another of its rows."""
        return fold(name) in self.list_new_organisations() or find_by_name(name) is not None

    def find_source(self, address: str) -> Source | None:
        """Return the source of an address: one that was just made, or one that is stored."""
        if made := self.made_sources.get(reduce_address(address)):
            return made
        if not self.known.find(address):
            self.known.read([address])
        return self.known.find(address)

    def make_source(self, address: str, title: str = "", publisher: str = "") -> Source:
        """Return the source of an address; one that is new is saved first."""
        source = self.find_source(address)
        if source is None:
            source = self.describe_source(address, title, publisher)
            source.save()
            self.made_sources[reduce_address(address)] = source
        return source

    def describe_source(self, address: str, title: str = "", publisher: str = "") -> Source:
        """Return a source that is new, not saved; what is not told of it is guessed."""
        return build_source(address, title, publisher or self.known.guess_publisher(address))

    def make_organisation(self, name: str, kind: str) -> Organisation | None:
        """Return the organisation of a name; one that is new is saved, if its type is known."""
        small = fold(name)
        if small not in self.made_organisations:
            made = find_by_name(name)
            if made is None and kind:
                made = build_organisation(name, kind)
                made.save()
            if made is None:
                return None
            self.made_organisations[small] = made
        return self.made_organisations[small]


def is_only_read(data: QueryDict) -> bool:
    """Whether a form was sent only to be read and shown again, not to be saved."""
    return not {READ, ADD, SHOW}.isdisjoint(data)


def ask_for_address(line: str) -> LineRead:
    """Return what is asked about a line of sources: its address, or how far that goes."""
    asking = LineRead(line, dict(OF_RECORD))
    address, _title = read_source_line(line)
    longer, title = find_longer_address(line)
    if not address:
        asking.ask("source", _("We need its address. Or choose the source here."))
    elif longer:
        asking.values["title"] = title or guess_title(longer)
        told = _("An address has no spaces. Which of these is it?")
        asking.ask("address", told, [(longer, longer), (address, address)])
    return asking


READERS: dict[str, Callable[[FormRead, str], LineRead]] = {
    "reach": lambda reading, line: read_figure(line, reading.units),
    "partnerships": lambda _reading, line: read_partner(line),
    "funding": lambda _reading, line: read_sum(line),
}
