"""Looks through a workbook before any library opens it: sizes, names, and each part of XML.

A workbook is an archive of parts. What would fill the memory is refused here: an archive that
unpacks to far more than it weighs, entities, and sheets that are larger than we read. No part of
a workbook declares a document type, so that none gets to a parser that would expand entities.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from shutil import copyfileobj
from typing import NamedTuple, Protocol
from urllib.parse import unquote
from xml.parsers import expat
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.kinds import BROKEN, make_not_a_workbook, refuse_format
from stemobs.curation.importing.files.sheets import (
    YES,
    SheetCollector,
    SheetFacts,
    refuse_crowded,
)
from stemobs.curation.importing.shapes import FileRefused

MOST_ENTRIES = 1_000
MOST_UNPACKED = 60_000_000
MOST_TIMES = 400  # what a part may unpack to, of its own size; sheets reach a hundred
LARGE_PART = 5_000_000  # from which on that counts
MOST_DEPTH = 100
MOST_ELEMENTS = 50_000  # of a part, or of a row or a text in it
CELLS_A_ROW = 2  # what a row costs, also one that only has a height or a colour
CHUNK = 65_536
ENCRYPTED_FLAG = 0x1
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


class SheetNamed(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    state: str
    relation: str


class PartRelation(NamedTuple):
    """What a part of a workbook refers to: another part, or an address."""

    kind: str
    target: str
    is_outside: bool


class PartCollector(Protocol):
    """Takes in the elements of a part, and keeps what is worth knowing."""

    def start(self, name: str, values: dict[str, str]) -> None: ...
    def text(self, data: str) -> None: ...
    def end(self, name: str) -> None: ...


class PlainCollector:
    """Keeps what a small part lists: sheets, relations, formats of numbers, how many comments."""

    def __init__(self) -> None:
        self.sheets: list[SheetNamed] = []
        self.relations: dict[str, PartRelation] = {}
        self.formats: dict[str, str] = {}
        self.styles: list[str] = []  # of cells: the number of the format
        self.comments = 0
        self.from_1904 = False
        self.group = ""

    def start(self, name: str, values: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name in ("cellXfs", "cellStyleXfs"):
            self.group = name
        elif name == "xf" and self.group == "cellXfs":
            self.styles.append(values.get("numFmtId", "0"))
        elif name == "numFmt" and not self.group.startswith("cell"):
            self.formats[values.get("numFmtId", "")] = values.get("formatCode", "")
        elif name == "workbookPr":
            self.from_1904 = values.get("date1904") in YES
        elif name == "sheet":
            self.add_sheet(values)
        elif name == "Relationship":
            outside = values.get("TargetMode") == "External"
            relation = PartRelation(values.get("Type", ""), values.get("Target", ""), outside)
            self.relations[values.get("Id", "")] = relation
        self.comments += name == "comment"

    def add_sheet(self, values: dict[str, str]) -> None:
        relation = next((value for key, value in values.items() if key.endswith(" id")), "")
        state = values.get("state", "visible")
        self.sheets.append(SheetNamed(values.get("name", ""), state, relation))

    def text(self, data: str) -> None:
        """Take in text, of which nothing is kept."""

    def end(self, name: str) -> None:
        """Take in the end of an element."""
        if name == self.group:
            self.group = f"behind {name}"


@dataclass
class WorkbookParts:
    """What a workbook was found to consist of, by the names of its parts."""

    book: str = ""
    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    plain: dict[str, PlainCollector] = field(default_factory=dict)

    def list_sheets(self) -> Iterator[tuple[SheetNamed, str]]:
        """Yield the sheets in their order, each with the name of its part."""
        relations = self.find_relations(self.book)
        for sheet in self.plain[self.book].sheets:
            target = relations.get(sheet.relation)
            part = join_part(self.book, target.target) if target else ""
            if part in self.sheets:
                yield sheet, part

    def find_relations(self, part: str) -> dict[str, PartRelation]:
        folder, name = posixpath.split(part)
        found = self.plain.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        return found.relations if found else {}

    def find_parts(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts of a kind that a part refers to."""
        return [
            join_part(part, relation.target)
            for relation in self.find_relations(part).values()
            if relation.kind.endswith(f"/{kind}") and not relation.is_outside
        ]

    def count_comments(self, part: str) -> int:
        """Return how many comments a sheet has."""
        names = self.find_parts(part, "comments")
        return sum(self.plain[name].comments for name in names if name in self.plain)


def join_part(part: str, target: str) -> str:
    """Return the name of the part that another one refers to."""
    joined = posixpath.join("/", posixpath.dirname(part), unquote(target))
    return posixpath.normpath(joined).lstrip("/")


def inspect_workbook(content: bytes) -> WorkbookParts:
    """Return what a workbook consists of; refuse it if it is broken or would fill the memory."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return inspect_archive(archive)
    except BROKEN as error:
        raise make_not_a_workbook() from error


def inspect_archive(archive: ZipFile) -> WorkbookParts:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise make_bomb()
    parts, unpacked = WorkbookParts(), 0
    names: set[str] = set()
    for entry in entries:
        check_entry(entry, names)
        if not entry.is_dir():
            unpacked += inspect_part(archive, entry, parts, unpacked)
    if not parts.book:
        raise make_not_a_workbook()
    return parts


def check_entry(entry: ZipInfo, names: set[str]) -> None:
    """Refuse an entry whose name leads out of the archive, that is there twice, or encrypted."""
    name = entry.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        raise make_not_a_workbook()
    if name.lower() in names:
        raise make_not_a_workbook()
    names.add(name.lower())
    if entry.flag_bits & ENCRYPTED_FLAG:
        told = _("A password protects this file. Save it without one, and send it again.")
        raise FileRefused("encrypted", told)


def inspect_part(archive: ZipFile, entry: ZipInfo, parts: WorkbookParts, before: int) -> int:
    """Take in a part, piece by piece; return how many bytes it really has."""
    size = 0
    reader: PartReader | None = None
    with archive.open(entry) as source:
        while piece := source.read(CHUNK):
            if not size and is_markup(piece):
                reader = PartReader(parts, entry.filename)
            size += len(piece)
            refuse_bomb(entry, size, before + size)
            if reader:
                reader.feed(piece)
    if reader:
        reader.feed(b"", is_last=True)
    return size


def is_markup(piece: bytes) -> bool:
    bare = piece.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bare.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<"))


def refuse_bomb(entry: ZipInfo, size: int, unpacked: int) -> None:
    if unpacked > MOST_UNPACKED:
        raise make_bomb()
    if size > LARGE_PART and size > MOST_TIMES * max(entry.compress_size, 1):
        raise make_bomb()


def make_bomb() -> FileRefused:
    told = _("This file unpacks to far more than it weighs. We do not open it.")
    return FileRefused("bomb", told)


class PartReader:
    """Reads a part of XML as it comes, refuses what would fill the memory, and keeps the rest."""

    def __init__(self, parts: WorkbookParts, name: str) -> None:
        self.parts, self.name = parts, name
        self.depth = self.elements = self.rows = 0
        self.collector: PartCollector = PlainCollector()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = refuse_declaration
        self.parser.EntityDeclHandler = refuse_declaration
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Read one more piece; a part that is no XML is only let pass where it is a picture."""
        try:
            self.parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            if not self.name.lower().endswith((".vml", ".svg", ".html", ".htm")):
                raise make_not_a_workbook() from error

    def start(self, tag: str, values: dict[str, str]) -> None:
        """Take in the beginning of an element, after a look at how many there are."""
        space, _space, name = tag.rpartition(" ")
        self.depth += 1
        if self.depth == 1:
            self.choose_collector(space, name)
        self.count(name)
        self.collector.start(name, values)

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        self.depth -= 1
        self.collector.end(tag.rpartition(" ")[2])

    def choose_collector(self, space: str, name: str) -> None:
        """Choose by its first element what is kept of a part."""
        if space == STRICT:
            refuse_format("Strict Open XML")
        if name == "worksheet":
            sheet = SheetCollector()
            self.collector, self.parts.sheets[self.name] = sheet, sheet.facts
            self.parser.CharacterDataHandler = sheet.text
            return
        plain = PlainCollector()
        self.collector, self.parts.plain[self.name] = plain, plain
        if name == "workbook":
            if self.parts.book:
                raise make_not_a_workbook()
            self.parts.book = self.name

    def count(self, name: str) -> None:
        """Refuse elements that are nested too deep, or too many for what they are part of."""
        self.elements += 1
        if name in ("row", "si"):
            self.rows += 1
            self.elements = 0
            refuse_crowded(self.rows if name == "si" else self.rows * CELLS_A_ROW)
        if self.depth > MOST_DEPTH or self.elements > MOST_ELEMENTS:
            raise make_bomb()


def refuse_declaration(*_declared: object) -> None:
    raise make_bomb()


# --- Only what is read ----------------------------------------------------------------------------

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES_AROUND = (
    "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    '<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
)
QUOTED = re.compile(r'"[^"]*"')


def reduce_workbook(content: bytes, parts: WorkbookParts, sheet: str) -> bytes:
    """Return a workbook with one sheet of another, its texts, and its formats of numbers.

    What openpyxl refuses most often is none of these: fonts, fills, dates of the document, names.
    """
    target = BytesIO()
    with (
        ZipFile(BytesIO(content)) as source,
        ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name, written in write_parts(parts):
            new.writestr(name, written)
        copy_part(source, sheet, new, "xl/worksheets/sheet1.xml")
        strings = parts.find_parts(parts.book, "sharedStrings")
        if strings and strings[0] in source.namelist():
            copy_part(source, strings[0], new, "xl/sharedStrings.xml")
        else:
            new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SPACE}"/>')
    return target.getvalue()


def copy_part(source: ZipFile, name: str, target: ZipFile, new_name: str) -> None:
    with source.open(name) as part, target.open(new_name, "w") as copy:
        copyfileobj(part, copy)


def write_parts(parts: WorkbookParts) -> Iterator[tuple[str, str]]:
    """Yield the parts that hold a workbook of one sheet together."""
    epoch = int(parts.plain[parts.book].from_1904)
    places = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet",
              "styles": "styles", "sharedStrings": "sharedStrings"}  # fmt: skip
    kinds = "".join(
        f'<Override PartName="/xl/{place}.xml" ContentType="{KIND}.{kind}+xml"/>'
        for place, kind in places.items()
    )
    yield "[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types">{kinds}</Types>'
    yield (
        "xl/workbook.xml",
        (
            f'<workbook xmlns="{SPACE}" xmlns:r="{OFFICE}"><workbookPr date1904="{epoch}"/>'
            '<sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
    )
    yield "xl/styles.xml", write_styles(parts)


def write_styles(parts: WorkbookParts) -> str:
    """Return the part of styles with nothing but the formats of numbers."""
    names = parts.find_parts(parts.book, "styles")
    styles = parts.plain.get(names[0]) if names else None
    styles = styles or PlainCollector()
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(clear_format(code))}/>'
        for number, code in styles.formats.items()
        if number.isdecimal()
    )
    numbers = [int(number) if number.isdecimal() else 0 for number in styles.styles]
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in numbers or [0])
    return (
        f'<styleSheet xmlns="{SPACE}"><numFmts>{formats}</numFmts>{STYLES_AROUND}'
        f"<cellXfs>{cells}</cellXfs></styleSheet>"
    )


def clear_format(code: str) -> str:
    """Return a format whose words hold no mark that divides formats: openpyxl cuts there."""
    return QUOTED.sub(lambda word: word[0].replace(";", ","), code)
