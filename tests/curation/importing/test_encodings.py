"""Tests of finding an encoding: by marks, by the words that letters make, and asked in doubt."""

import codecs

import pytest

from stemobs.curation.importing.files.encodings import decode_text
from stemobs.curation.importing.shapes import FileRefused

pytestmark = pytest.mark.once

CZECH = "Název;Země\nPřírodověda do škol;Česko\nZajímavá věda pro žáky;x\nTřídní učitelé;x\n"
POLISH = "Nazwa;Kraj\nWspółpraca szkół;x\nDziewczęta na żywo w Łodzi;x\nGdańsk się uczy;x\n"
HUNGARIAN = "Név;Ország\nTanulók és középiskolák;Magyarország\nFőváros ösztöndíja nőknek;x\n"
SLOVENE = "Ime;Država\nUčenci in šole;Slovenija\nŽenske v tehniki, več;x\n"
ROMANIAN = "Nume;Ţara\nŞcoala de ştiinţe;România\nElevi şi învăţători;România\n"
FRENCH = "Nom;Année\nÉlèves et collèges;à Besançon\nFête de la science;être prêt\nŒuvre;Noël\n"
GERMAN = "Name;Größe\nSchüler für Köln;groß\nMädchen an Hochschulen;über\n"
SPANISH = "Nombre;Año\nNiñas y la educación;España\nLa mañana de los niños;Málaga\n"
DANISH = "Navn;År\nBørn på København;Særlig\nPiger i tech, også små;Århus\n"
FINNISH = "Nimi;Määrä\nTyttöjen päivä;Jyväskylä\nKoululaisten työpajat;Hämeenlinna\n"
TURKISH = "Ad;Ülke\nÖğrenciler için güneş;Türkiye\nKızlar bilişimde çalışıyor;İzmir\n"
LATVIAN = "Nosaukums;Valsts\nSkolēni un pētnieki;Rīga\nMeitenes tehnoloģijās;šogad\n"
LITHUANIAN = "Pavadinimas;Šalis\nMokinių ir įmonių sutartis;x\nMergaitės;čia, žinių\n"
GREEK = "Όνομα;Χώρα\nΜαθητές και σχολεία;Ελλάδα\nΓυναίκες στην επιστήμη;Αθήνα\n"
BULGARIAN = "Име;Държава\nУченици и училища;България\nМомичета в науката;София\n"
UKRAINIAN = "Назва;Країна\nУчні та школи;Україна\nДівчата в науці;Київ\n"
ICELANDIC = "Nafn;Land\nSkólar og börn fá það;Ísland\nStúlkur í tækni, þær eru;Ísland\n"
ESTONIAN = "Nimi;Riik\nKoolid ja õpilased;Eesti\nTüdrukud päeval, töö;Võru\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CZECH, "cp1250"), (CZECH, "iso-8859-2"), (CZECH, "cp852"),
        (POLISH, "cp1250"), (POLISH, "iso-8859-2"), (POLISH, "cp852"), (POLISH, "mac-latin2"),
        (HUNGARIAN, "cp1250"), (HUNGARIAN, "cp852"),
        (SLOVENE, "cp1250"), (SLOVENE, "iso-8859-2"),
        (ROMANIAN, "cp1250"), (ROMANIAN, "cp852"),
        (FRENCH, "cp1252"), (FRENCH, "mac-roman"), (FRENCH.replace("Œuvre", "Art"), "cp850"),
        (GERMAN, "cp1252"), (GERMAN, "cp850"), (GERMAN, "mac-roman"),
        (SPANISH, "cp1252"), (SPANISH, "cp850"), (SPANISH, "mac-roman"),
        (DANISH, "cp1252"), (DANISH, "cp850"), (DANISH, "mac-roman"),
        (FINNISH, "cp1252"), (ICELANDIC, "cp1252"), (ESTONIAN, "cp1252"),
        (TURKISH, "cp1254"),
        (LATVIAN, "cp1257"), (LITHUANIAN, "cp1257"),
        (GREEK, "cp1253"), (GREEK, "iso-8859-7"), (GREEK, "cp737"),
        (BULGARIAN, "cp1251"), (BULGARIAN, "iso-8859-5"), (BULGARIAN, "cp866"),
        (UKRAINIAN, "cp1251"), (UKRAINIAN, "koi8-u"), (UKRAINIAN, "mac-cyrillic"),
    ],
)  # fmt: skip
def test_an_encoding_is_found_by_the_words_that_it_makes(text: str, encoding: str) -> None:
    found = decode_text(text.encode(encoding))
    assert found.text == text
    assert found.encodings == ()


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("text", [CZECH, GREEK, BULGARIAN])
def test_unicode_is_found_with_its_mark_and_without(mark: bytes, encoding: str, text: str) -> None:
    found = decode_text(mark + text.encode(encoding))
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize("text", [GERMAN, "Name;Land\nA;B\n"])
def test_encodings_that_give_the_same_text_are_no_question(text: str) -> None:
    found = decode_text(text.encode("iso-8859-1"))
    assert found.encoding in ("cp1252", "utf-8")
    assert found.encodings == ()


@pytest.mark.parametrize(
    ("text", "encoding", "other"),
    [
        ("Name;Ort\nA;Per\xf9\n", "cp1252", "cp1250"),
        ("Name;Ort\nA;Forl\xec\n", "cp1252", "cp1250"),
    ],
)
def test_what_cannot_be_decided_is_asked(text: str, encoding: str, other: str) -> None:
    found = decode_text(text.encode("latin-1"))
    assert {encoding, other} <= {found.encoding, *found.encodings}
    assert any(" / " in words for words in found.marked)


def test_euro_signs_tell_two_encodings_apart() -> None:
    text = "Name;Sum\nÉcole;100 €\nCollège;200 €\n"
    found = decode_text(text.encode("iso-8859-15"))
    assert (found.text, found.encoding) == (text, "iso-8859-15")


@pytest.mark.parametrize("name", ["cp1252", "windows-1252", "CP1252", "latin-1", "utf-8-sig"])
def test_a_chosen_encoding_wins(name: str) -> None:
    found = decode_text("Größe".encode("utf-8-sig" if "utf" in name else "cp1252"), name)
    assert found.text == "Größe"
    assert found.encodings == ()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("Größe".encode("cp1252"), "utf-8"),
        (b"abc", "utf-16"),
        (b"abc", "rot13"),
        (b"abc", "base64"),
        (b"abc", "idna"),
        (b"abc", "no-such\x00name"),
        (b"\x81", "cp1252"),
    ],
)
def test_a_chosen_encoding_that_cannot_be_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(FileRefused) as caught:
        decode_text(content, name)
    assert caught.value.code == "encoding"


def test_utf8_with_a_damaged_letter_keeps_the_other_lines() -> None:
    content = CZECH.encode() + b"Kone\xe8n\xec;x\n"
    found = decode_text(content)
    assert found.encoding == "utf-8"
    assert found.text.startswith(CZECH)
    assert "\udce8" in found.text
