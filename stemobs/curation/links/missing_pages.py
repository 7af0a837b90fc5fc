"""Whether a page says that it is not there, although its status says that it is (a “soft 404”).

Only a whole heading, or a whole part of a title, counts: “Page not found | Some Museum”, but not
“Why the page was not found: a lesson on DNS”. So a page is rather taken for good.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

MOST_HEADINGS = 3
LONGEST_HEADING = 1_000  # bytes
PARTS = re.compile(r"\s[-–—|·•:»«/]+\s|[|»«]")
TAG = re.compile(r"<[^<>]*>")
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]{1,40})", re.I)
# What may stand beside the words, and says the same if it stands alone with 404.
BESIDE = {"error", "fehler", "erreur", "errore", "fout", "fel", "fejl", "błąd", "chyba", "hiba"}
BESIDE |= {"oops", "sorry", "ooops", "http", "page", "seite", "pagina", "página"}
NUMBER = "404"

SAYINGS = frozenset(
    saying.strip()
    for line in """
    not found, page not found, file not found, content not found, document not found
    the page was not found, this page was not found, page cannot be found, page can t be found
    the page cannot be found, this page cannot be found, this page can t be found
    this page could not be found, the page could not be found, we can t find that page
    we couldn t find that page, page does not exist, this page does not exist
    this page doesn t exist, the page does not exist, the page you are looking for does not exist
    the page you requested could not be found, the requested page could not be found
    page no longer exists, this page no longer exists, page no longer available
    this page is no longer available
    nicht gefunden, seite nicht gefunden, die seite wurde nicht gefunden
    diese seite wurde nicht gefunden, seite existiert nicht, die seite existiert nicht
    diese seite existiert nicht, diese seite existiert nicht mehr, seite nicht vorhanden
    die angeforderte seite wurde nicht gefunden, die seite konnte nicht gefunden werden
    page introuvable, page non trouvée, page inexistante, cette page n existe pas
    cette page n existe plus, la page n existe pas, la page demandée est introuvable
    la page demandée n existe pas, la page que vous recherchez n existe pas
    página no encontrada, no encontrado, la página no existe, esta página no existe
    no se ha encontrado la página, no se encontró la página, pàgina no trobada
    pagina non trovata, la pagina non esiste, questa pagina non esiste, pagina inesistente
    página não encontrada, a página não existe, esta página não existe
    pagina niet gevonden, deze pagina bestaat niet, deze pagina bestaat niet meer
    de pagina bestaat niet, niet gevonden, de pagina is niet gevonden
    sidan hittades inte, sidan kunde inte hittas, sidan finns inte, sidan kan inte hittas
    siden blev ikke fundet, siden findes ikke, siden kunne ikke findes, side ikke fundet
    siden ble ikke funnet, siden finnes ikke, fant ikke siden, side ikke funnet
    sivua ei löytynyt, sivua ei löydy, síða fannst ekki, síðan fannst ekki
    nie znaleziono strony, strona nie została znaleziona, strona nie istnieje
    nie znaleziono, stránka nenalezena, stránka nebyla nalezena, stránka neexistuje
    stránka nenájdená, stránka sa nenašla, stran ni najdena, strani ni mogoče najti
    stran ne obstaja, stranica nije pronađena, stranica ne postoji
    az oldal nem található, oldal nem található, a keresett oldal nem található
    pagina nu a fost găsită, pagina nu există, pagină negăsită
    lehekülge ei leitud, lehte ei leitud, lapa nav atrasta, puslapis nerastas
    страницата не е намерена, страница не найдена, сторінку не знайдено
    η σελίδα δεν βρέθηκε, sayfa bulunamadı, faqja nuk u gjet, il paġna ma nstabitx
    """.splitlines()
    for saying in line.split(",")
    if saying.strip()
)


def says_gone(page: bytes, charset: str = "") -> bool:
    """Whether the title or a heading of a page says that there is no such page.

    Without a charset the page is read as it says itself, else as UTF-8.
    """
    headings = list_headings(page, charset)
    return any(is_saying(part) for told in headings for part in (told, *PARTS.split(told)))


def is_saying(text: str) -> bool:
    words = re.findall(r"\w+", text.casefold())
    if " ".join(words) in SAYINGS:
        return True
    rest = [word for word in words if word != NUMBER]
    has_number = len(rest) < len(words)
    while rest and rest[0] in BESIDE:
        if " ".join(rest) in SAYINGS:
            return True
        rest = rest[1:]
    while rest and rest[-1] in BESIDE:
        rest = rest[:-1]
    return " ".join(rest) in SAYINGS if rest else has_number


def list_headings(page: bytes, charset: str) -> Iterator[str]:
    """Yield the text of the title, and of the first headings."""
    lower = page.lower()
    if not charset and (found := CHARSET.search(lower[:2048])):
        charset = found[1].decode()
    for name, most in ((b"title", 1), (b"h1", MOST_HEADINGS)):
        for begin, end in find_elements(lower, name, most):
            yield read_text(page[begin:end], charset or "utf-8")


def find_elements(page: bytes, name: bytes, most: int) -> Iterator[tuple[int, int]]:
    """Yield where the contents of elements begin and end; in one pass, whatever the page is."""
    end = 0
    for _number in range(most):
        start = page.find(b"<" + name, end)
        begin = page.find(b">", start) + 1
        end = page.find(b"</" + name, begin)
        if start < 0 or not begin or end < 0:
            return
        yield begin, min(end, begin + LONGEST_HEADING)


def read_text(content: bytes, charset: str) -> str:
    try:
        text = content.decode(charset, "replace")
    except (LookupError, ValueError):  # a charset that is none, or of no text
        text = content.decode("utf-8", "replace")
    plain = html.unescape(TAG.sub(" ", text))
    return unicodedata.normalize("NFC", " ".join(plain.split()))
