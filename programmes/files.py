"""A selection as a file: all of it, in its order, sent as it is read.

Which programmes a file holds, and in which order, is settled when it begins; each is told as it
is when its turn comes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from programmes import sheets
from programmes.filters import ProgrammeFilter
from programmes.parameters import OptionFilter
from programmes.rendering import to_json
from programmes.tables import FIGURES, PROGRAMMES, Table

# A spreadsheet that opens a file by double-click takes it for UTF-8 only with this before it.
BYTE_ORDER_MARK = "\ufeff"
Chunks = Iterable[bytes]


class FileFilter(ProgrammeFilter):
    """The selection as a file takes it: a file holds all of it and has no pages."""

    base_order = ProgrammeFilter.base_order[:-2]

    @property
    def has_bom(self) -> bool:
        return self.values.get("bom") == "1"


class CsvFilter(FileFilter):
    """With `bom=1` for a byte order mark."""

    bom = OptionFilter(label=_("Byte order mark"), options={"0": _("No"), "1": _("Yes")})

    base_order = (*FileFilter.base_order, "bom")


@dataclass(frozen=True)
class Export:
    """What a file is made of: the columns, and the selection whose rows it holds."""

    table: Table
    selection: ProgrammeFilter
    bom: bool

    @property
    def name(self) -> str:
        """Return the file's name, with the day of the state it shows.

        Not the day of the download: the same name says that nothing has changed.
        """
        day = self.selection.catalogue.moment.changed_at.date()
        return f"stem-{self.table.slug}-{day}"


def as_csv(export: Export) -> Chunks:
    return csv_chunks(export.table, export.selection.matches[:], export.bom)


def csv_chunks(table: Table, ids: list[int], bom: bool) -> Iterator[bytes]:
    yield (BYTE_ORDER_MARK * bom + "".join(sheets.csv_lines([table.header]))).encode()
    for rows in table.lots(ids):
        yield "".join(sheets.csv_lines(map(table.cells, rows))).encode()


def as_ndjson(export: Export) -> Chunks:
    return ndjson_chunks(export.table, export.selection.matches[:])


def ndjson_chunks(table: Table, ids: list[int]) -> Iterator[bytes]:
    for rows in table.lots(ids):
        yield b"".join(to_json(row) + b"\n" for row in rows)


@dataclass(frozen=True)
class Format:
    """A kind of file, and what writes it."""

    content_type: str
    extension: str
    write: Callable[[Export], Chunks]


FORMATS = {
    "csv": Format(sheets.CONTENT_TYPE, "csv", as_csv),
    "ndjson": Format("application/x-ndjson", "ndjson", as_ndjson),
}
FIGURE_FORMATS = {name: FORMATS[name] for name in ("csv", "ndjson")}


def file_of(
    selection: ProgrammeFilter, format: str, *, bom: bool = False, head: bool = False
) -> HttpResponseBase:
    """Return the programmes of a selection as a download; only its headers, if asked."""
    return written(Export(PROGRAMMES, selection, bom), FORMATS[format], head)


def figures_file(
    selection: ProgrammeFilter, format: str, *, bom: bool = False, head: bool = False
) -> HttpResponseBase:
    """Return the statements of reach and funding of a selection as a download."""
    return written(Export(FIGURES, selection, bom), FIGURE_FORMATS[format], head)


def written(export: Export, format: Format, head: bool) -> HttpResponseBase:
    chunks = () if head else format.write(export)
    response = StreamingHttpResponse(chunks, content_type=format.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{export.name}.{format.extension}"
    )
    return response
