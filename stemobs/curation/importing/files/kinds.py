"""Tells by its content what kind of file was sent; refuses what is neither text nor workbook."""

import json
import lzma
import re
import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from stemobs.curation.importing.shapes import FileRefused

# What the standard library raises for archives that are broken, or packed in a way that it lacks
# (NotImplementedError).
BROKEN = (
    BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, OverflowError,
)  # fmt: skip
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # Office before 2007, and whatever Office encrypts
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# How other files begin, and what people call them.
BEGINNINGS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM6": "BMP",
    b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"{\\rtf": "RTF", b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR", b"SQLite format 3\x00": "SQLite", b"PAR1": "Parquet",
    b"RIFF": "RIFF", b"\x7fELF": "ELF", b"MZ\x90": "EXE", b"%!PS": "PostScript",
}  # fmt: skip
MARKUP = re.compile(
    rb"\s*<(!doctype|html|head|body|table|meta|style|svg|\?xml|\w+:\w+ xmlns)", re.I
)
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
# What stands in archives that are documents of other programs.
OTHER_PARTS = {
    "xl/workbook.bin": ".xlsb", "index/document.iwa": "Numbers", "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
}  # fmt: skip
MACROS = re.compile(r"(?i)(^|/)(vbaproject\.bin$|macrosheets/)")


def is_workbook(name: str, content: bytes) -> bool:
    """Return whether a file is a workbook, else it is a text; refuse it if it is neither."""
    if not content.strip():
        raise FileRefused("empty", _("This file is empty."))
    if content.startswith(OLE):
        refuse_old(name, content)
    if content.startswith((ZIP, EMPTY_ZIP)):
        refuse_other_archive(content)
        return True
    refuse_other_beginning(content)
    if name.lower().endswith((".xlsx", ".xlsm")):
        told = _("It says %(ending)s, and it is not one.")
        raise FileRefused("not-a-workbook", told % {"ending": name[-5:].lower()})
    return False


def refuse_old(name: str, content: bytes) -> None:
    """Refuse a workbook of the time before 2007, or one that only a password opens."""
    if ENCRYPTED in content or name.lower().endswith(".xlsx"):
        told = _("A password protects this file. Save it without one, and send it again.")
        raise FileRefused("encrypted", told)
    told = _("“.xls” is the format before 2007. Save it as .xlsx.")
    raise FileRefused("old-workbook", told)


def refuse_other_beginning(content: bytes) -> None:
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            refuse_format(kind)
    bare = content[:4000].removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe")
    if found := MARKUP.match(bare):
        word = found[1].lower()
        refuse_format("SVG" if b"<svg" in bare else "XML" if b"xml" in word else "HTML")
    if bare.lstrip()[:1] in (b"{", b"[") and is_json(content):
        refuse_format("JSON")


def is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def refuse_format(kind: str) -> None:
    told = _("This is a file of the kind %(kind)s. Save the table as .xlsx or .csv.")
    raise FileRefused("other-format", told % {"kind": kind})


def refuse_other_archive(content: bytes) -> None:
    """Refuse an archive that is no workbook, or that brings a program with it."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except BROKEN as error:
        raise make_not_a_workbook() from error
    if OPEN_DOCUMENT in content[:200]:
        refuse_format(".ods" if b"spreadsheet" in content[:200] else "OpenDocument")
    for part, kind in OTHER_PARTS.items():
        if part in names:
            refuse_format(kind)
    if any(MACROS.search(name) for name in names):
        told = _("This workbook has macros, which are programs. Save it as .xlsx, without them.")
        raise FileRefused("macros", told)
    if "[content_types].xml" not in names:
        raise make_not_a_workbook()


def make_not_a_workbook() -> FileRefused:
    told = _("This is not a workbook that we can read. Open it, save it as .xlsx, and try again.")
    return FileRefused("not-a-workbook", told)
