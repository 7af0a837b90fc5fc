"""Downloads of a whole selection: as XLSX, CSV, JSON lines or JSON-LD, sent while rows are read.

Which programmes a file holds, and their order, is fixed when the download begins. The facts of each
programme are those in the database at the moment its row is read.
"""

import errno
import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import Error
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from stemobs.addresses import build_absolute_url
from stemobs.databases.faults import describe_fault
from stemobs.encoding import to_json
from stemobs.exports import csvw, delimited, workbook
from stemobs.exports.citations import cite_selection
from stemobs.exports.evaluations import EVALUATIONS
from stemobs.exports.linked.nodes import CONTENT_TYPE, CONTEXT, Node, build_thing_url, make_node
from stemobs.exports.linked.pages import describe_publisher
from stemobs.exports.linked.programmes import describe_programme_row
from stemobs.exports.linked.terms import Names, list_term_names
from stemobs.exports.tables import FIGURES, PROGRAMMES, Table
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS, LICENCE_NAME, NAME
from stemobs.selection.parameters import OptionFilter
from stemobs.selection.programmes import SORTS, ProgrammeFilter, WholeFilter

log = logging.getLogger(__name__)

# Excel reads a CSV file that is opened by double-click as UTF-8 only if it begins with this mark.
BYTE_ORDER_MARK = "\ufeff"
Chunks = Iterable[bytes]


# Reasons for refusing parameters of the API's lists that do not fit the format of the answer.
CSV_ONLY = {"bom": _("is for format=csv only")}
LIST_ONLY = dict.fromkeys(
    ("page", "page_size", "cursor", "fields", "facets"),
    _("is not for files, which hold everything that was selected"),
)


class ListFilter(ProgrammeFilter):
    """The parameters of a list in pages; it refuses parameters that only files have."""

    elsewhere = CSV_ONLY
    puts_ended_last = False


class FileFilter(WholeFilter):
    """The parameters of a file, which holds the whole selection; those about pages are refused."""

    elsewhere = {**CSV_ONLY, **LIST_ONLY}

    @property
    def has_bom(self) -> bool:
        return self.values.get("bom") == "1"


class CsvFilter(FileFilter):
    """The parameters of a CSV file, among them `bom=1`, which asks for a byte order mark."""

    bom = OptionFilter(label=_("Byte order mark"), options={"0": _("No"), "1": _("Yes")})

    base_order = (*FileFilter.base_order, "bom")


@dataclass(frozen=True)
class Export:
    """A file to be written: its columns, and the selection of programmes whose rows it holds."""

    table: Table
    selection: ProgrammeFilter
    bom: bool

    @property
    def facts(self) -> workbook.Facts:
        """Return names and values for the sheet about the file: address, state, licence …"""
        selection, moment = self.selection, self.selection.catalogue.moment
        return [
            (_("What"), self.title),
            (_("Address"), self.address),
            (_("Chosen"), selection.in_words or _("Everything")),
            (_("Order"), SORTS[selection.order]),
            (_("Programmes"), len(selection.matches)),
            (_("State of"), moment.changed_at),
            (_("Revision"), moment.number),
            (_("Licence"), f"{LICENCE_NAME}, {LICENCE_ADDRESS}"),
            (_("To cite"), self.citation),
        ]

    @property
    def properties(self) -> dict[str, Any]:
        """Return the document properties of a workbook.

        Its date of creation is the date of the catalogue's state, not that of the download.
        """
        made = self.selection.catalogue.moment.changed_at.replace(tzinfo=None)
        return {"title": self.title, "author": NAME, "comments": self.address, "created": made}

    @property
    def title(self) -> str:
        return f"{NAME}: {self.table.name}"

    @property
    def address(self) -> str:
        """Return the address of the page with the same search, without view and page number."""
        query = self.selection.query("view", "page", "page_size", "bom")
        return f"{build_absolute_url(reverse('programmes'))}{query and f'?{query}'}"

    @property
    def citation(self) -> str:
        return cite_selection(self.selection).plain

    @property
    def name(self) -> str:
        """Return the file's name, which ends with the day of the catalogue's last change.

        The day of the download is not used: two files with the same name then have the same state.
        """
        day = self.selection.catalogue.moment.changed_at.date()
        return f"stem-{self.table.slug}-{day}"


def write_csv(export: Export) -> Chunks:
    return write_csv_chunks(export.table, export.selection.matches[:], export.bom)


def write_csv_chunks(table: Table, ids: list[int], bom: bool) -> Iterator[bytes]:
    yield (BYTE_ORDER_MARK * bom + "".join(delimited.write_csv_lines([table.header]))).encode()
    for rows in table.latest_lots(ids):
        yield "".join(delimited.write_csv_lines(map(table.list_cells, rows))).encode()


def write_ndjson(export: Export) -> Chunks:
    return write_ndjson_chunks(export.table, export.selection.matches[:])


def write_xlsx(export: Export) -> IO[bytes]:
    """Return the workbook in an unnamed temporary file, which is deleted when it is closed."""
    with ExitStack() as until_written:
        file = until_written.enter_context(TemporaryFile())
        table, ids = export.table, export.selection.matches[:]
        catalogue = export.selection.catalogue
        lots, codebook = table.read_lots(catalogue, ids), table.describe_columns(catalogue)
        workbook.write_workbook(file, table, lots, codebook, export.facts, export.properties)
        file.seek(0)
        until_written.pop_all()
        return file


def write_ndjson_chunks(table: Table, ids: list[int]) -> Iterator[bytes]:
    for rows in table.latest_lots(ids):
        yield b"".join(to_json(row) + b"\n" for row in rows)


def write_jsonld(export: Export) -> Chunks:
    selection, moment = export.selection, export.selection.catalogue.moment
    about = make_node(
        "Dataset",
        build_thing_url(export.address),
        name=export.title,
        description=export.citation,
        url=export.address,
        inLanguage=LANGUAGE,
        license=LICENCE_ADDRESS,
        creator=describe_publisher(),
        dateModified=moment.changed_at,
        version=str(moment.number),
    )
    return write_jsonld_chunks(
        export.table, selection.matches[:], about, list_term_names(selection.catalogue)
    )


def write_jsonld_chunks(table: Table, ids: list[int], about: Node, names: Names) -> Iterator[bytes]:
    """Yield a JSON-LD document: the node `about` the file, then a node for each programme."""
    yield b'{"@context":%b,"@graph":[\n%b' % (to_json(CONTEXT), to_json(about))
    for rows in table.latest_lots(ids):
        yield b"".join(b",\n" + to_json(describe_programme_row(row, names)) for row in rows)
    yield b"\n]}\n"


@dataclass(frozen=True)
class FileFormat:
    """A file format: ending, media type, name, purpose, and the function that writes it."""

    ending: str
    content_type: str
    write: Callable[[Export], Chunks]
    name: Any
    purpose: Any
    first_chunks: int = 2  # the head of a file, if it has one, and its first rows

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0]


FORMATS = {
    one.ending: one
    for one in (
        FileFormat(
            "xlsx", workbook.CONTENT_TYPE, write_xlsx, _("Excel"),
            _("Reading, sorting and counting; the codebook and the licence come along."),
        ),
        FileFormat(
            "csv", delimited.CONTENT_TYPE, write_csv, _("CSV"),
            _("Statistics programs, databases, and any other spreadsheet."),
        ),
        FileFormat(
            "ndjson", "application/x-ndjson", write_ndjson, _("JSON lines"),
            _("Programs that read one programme after the other, with every figure in parts."),
            first_chunks=1,
        ),
        FileFormat(
            "jsonld", CONTENT_TYPE, write_jsonld, _("JSON-LD"),
            _("Linking to other data: the programmes in the terms of schema.org."),
        ),
    )
}  # fmt: skip
FIGURE_FORMATS = {name: FORMATS[name] for name in ("csv", "xlsx", "ndjson")}


def respond_with_programmes(
    selection: ProgrammeFilter, ending: str, *, bom: bool = False, head: bool = False
) -> HttpResponseBase:
    """Return the programmes of a selection as a download; with `head` only the headers."""
    return respond_with_file(Export(PROGRAMMES, selection, bom), FORMATS[ending], head)


def respond_with_figures(
    selection: ProgrammeFilter, ending: str, *, bom: bool = False, head: bool = False
) -> HttpResponseBase:
    """Return the reach and funding statements of a selection as a download."""
    return respond_with_file(Export(FIGURES, selection, bom), FIGURE_FORMATS[ending], head)


def respond_with_evaluations(
    selection: ProgrammeFilter, ending: str, *, bom: bool = False, head: bool = False
) -> HttpResponseBase:
    """Return the evaluations of a selection's programmes as a download."""
    return respond_with_file(Export(EVALUATIONS, selection, bom), FIGURE_FORMATS[ending], head)


def start_chunks(chunks: Chunks, first: int) -> Chunks:
    """Make the beginning of a file with its first rows, so that an error there is still an answer.

    A workbook is a whole file already, and is sent as such.
    """
    if not isinstance(chunks, Generator):
        return chunks
    beginning = list(islice(chunks, first))
    return cut_off_at_faults(chain(beginning, chunks))


def cut_off_at_faults(chunks: Chunks) -> Iterator[bytes]:
    """Break the connection if the database fails midway, so that no half of a file looks whole."""
    try:
        yield from chunks
    except Error as error:
        log.warning("A file was cut off: %s", describe_fault(error))
        # To the server it is as if the client had gone: it ends the connection without more words.
        raise ConnectionResetError(errno.ECONNRESET, "The file was cut off.") from error


def respond_with_file(export: Export, how: FileFormat, head: bool) -> HttpResponseBase:
    chunks = () if head else start_chunks(how.write(export), how.first_chunks)
    # FileResponse sets Content-Length for a real file; the length of a stream is not known before.
    response = FileResponse(chunks, content_type=how.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{export.name}.{how.ending}"
    )
    if how.ending == "csv":
        query = find_file_query(export.selection)
        response.headers["Link"] = csvw.link_to_metadata(reverse(f"{export.table.slug}-csv"), query)
    return response


def find_file_query(selection: ProgrammeFilter) -> str:
    """Return the query of a CSV file without what does not change its rows."""
    return selection.query("view", "page", "page_size", "bom")


def respond_with_metadata(url: str, table: Table) -> HttpResponse:
    """Return the description of the CSV file at an address (CSV on the Web)."""
    described = csvw.describe_file(url, table.name, csvw.describe_table(table))
    return HttpResponse(described, content_type=csvw.CONTENT_TYPE)
