"""Tells which lines of a table are no rows of it: totals, notes, and headings of sections."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from stemobs.curation.importing.files.cells import is_number, list_filled, read_roughly
from stemobs.curation.importing.shapes import FileLine
from stemobs.text import fold

# What lines that add up others are called in Europe, folded; and lines that take an average.
TOTALS = frozenset(
    word.strip()
    for word in """
    in %, %, in prozent, in per cent,
    total, totals, total general, grand total, subtotal, sub total, sum, all, in total,
    altogether, overall, totalt, i alt, ialt, sum totalt, summa, summa totalt, sammanlagt,
    yhteensa, kaikki yhteensa, kokku, kokku kokku, kopa, kopsumma, pavisam, is viso, viso, bendra
    suma, summe, gesamt, gesamtsumme, insgesamt, zwischensumme, teilsumme, endsumme,
    gesamtergebnis, totaal, eindtotaal, subtotaal, totale, totale generale, totale complessivo,
    subtotale, somma, totaux, sous-total, somme, ensemble, total geral, soma, suma, suma total,
    total xeral, razem, ogolem, suma koncowa, lacznie, suma czesciowa, celkem, celkovy soucet,
    soucet, mezisoucet, uhrnem, spolu, celkom, celkovy sucet, sucet, medzisucet, osszesen, osszeg,
    mindosszesen, reszosszeg, vegosszeg, skupaj, skupno, vsota, seznam skupaj, ukupno, sveukupno,
    zbroj, suma ukupno, totalul, total partial, gjithsej, totali, shuma, gjithsejt, toplam, genel
    toplam, ara toplam, heildartala, samtals, alls, iomlan, cyfanswm, guztira, somme totale, somma
    totali, συνολο, γενικο συνολο, αθροισμα, συνολικα, итого, всего, сума, общо, всичко, вкупно,
    укупно, свеукупно, разом, усього, всього, усяго, разам, average, mean, durchschnitt,
    mittelwert, moyenne, media, promedio, gemiddelde, srednia, prumer, priemer, atlag, povprecje,
    prosjek, medie, genomsnitt, gennemsnit, gjennomsnitt, keskiarvo, keskmine, vidurkis, videji,
    ortalama, μεσος ορος, средно, просек, среднее
    """.replace("\n", " ").split(",")
)
MOST_WORDS_OF_TOTAL = 4
SUM_SIGN = re.compile(r"[∑ΣØ](?!\w)")
# How notes and sources below a table begin, folded.
NOTE = re.compile(
    r"[*†‡§¹²³]|\(?\*?\d{1,2}\) |\[\d{1,2}\] |(?:"
    "stand|stand vom|quellen?|anmerkung(?:en)?|hinweise?|legende|fussnoten?|erlauterung(?:en)?|"
    "sources?|notes?|nota bene|nb|n\\.b\\.|as of|last updated?|updated|legend|remarks?|data|key|"
    "zdroje?|poznamk[ay]|pozn\\.|stav(?: k)?|vysvetlivky|aktualizovano|"
    "zrodl[oa]|zr\\.|uwag[ai]|stan na|stan na dzien|objasnienia|przypis|"
    "fuentes?|notas?|fecha|actualizado|fontes?|atualizado|"
    "fonti|fonte|note|aggiornato al|bron(?:nen)?|opmerking(?:en)?|peildatum|toelichting|"
    "kilder?|merknad(?:er)?|note?r|anmarkning(?:ar)?|kall(?:a|or)|lahteet|lahde|huom\\.?|huomautus|"
    "forras(?:ok)?|megjegyzes(?:ek)?|allapot|surs[ae]|observatii|izvori?|viri?|opombe?|napomene?|"
    "allikas|allikad|markus|avots|avoti|piezimes?|saltinis|saltiniai|pastabos?|kaynak|notlar?|"
    "πηγ(?:η|ες)|σημειωσ(?:η|εις)|источник|примечани[ея]|източни(?:к|ци)|бележк[аи]|извор|джерел[оа]|примітк[аи]"
    r")\s*(?:[:：]|\d|\bvom\b)"
)


def is_total(line: FileLine) -> bool:
    """Return whether a line says that it adds up others: “Razem”, “Total: 25”."""
    filled = list_filled(line)
    if not filled:
        return False
    label, *others = (line.cells[place] for place in filled)
    words = fold(SUM_SIGN.sub("", label.text.split("\n")[0])).strip(" :.=*")
    texts = [cell for cell in others if not is_number(cell)]
    if words in TOTALS or (not words and SUM_SIGN.match(label.text)):
        return len(texts) <= 1
    return not texts and begins_with_total(words, has_numbers=bool(others))


def begins_with_total(words: str, *, has_numbers: bool) -> bool:
    """Return whether a label says what is added up: “celkem žáků”, “Total 2025: 120”."""
    parts = re.split(r"[\s:]+", words)
    first = next((size for size in (3, 2, 1) if " ".join(parts[:size]) in TOTALS), 0)
    if not first:
        return False
    if has_numbers:
        return len(parts) <= MOST_WORDS_OF_TOTAL
    return len(parts) > first and all(part[:1].isdigit() for part in parts[first:])


def is_note(line: FileLine, width: int) -> bool:
    """Return whether a line is a note on the table: “* estimates”, “Source: …”."""
    filled = list_filled(line)
    if not filled or (width > 1 and len(filled) > max(1, width // 2)):
        return False
    return NOTE.match(fold(line.cells[filled[0]].text)) is not None


def find_end(lines: Sequence[FileLine]) -> int:
    """Return the place behind the last line with several cells; below it there are only notes."""
    ends = (
        place + 1
        for place in range(len(lines) - 1, -1, -1)
        if len(list_filled(lines[place])) > 1
        and not is_total(lines[place])
        and NOTE.match(fold(lines[place].cells[list_filled(lines[place])[0]].text)) is None
    )
    return next(ends, 0)


class ColumnSums:
    """Adds up the columns of a table, to know a line that does the same without saying so."""

    def __init__(self) -> None:
        self.all: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.part: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.rows = 0

    def add(self, line: FileLine) -> None:
        """Add the numbers of a row."""
        self.rows += 1
        for place in list_filled(line):
            number = read_roughly(line.cells[place])
            if number is not None and abs(number.adjusted()) < 30:
                self.all[place] += number
                self.part[place] += number

    def begin_part(self) -> None:
        """Begin to add anew what stands below a total or a heading."""
        self.part.clear()

    def are_in(self, line: FileLine) -> bool:
        """Return whether a line has no words, and its numbers are the sums of those above."""
        filled = list_filled(line)
        if self.rows < 2 or not filled or filled[0] == 0:
            return False
        numbers = [(place, read_roughly(line.cells[place])) for place in filled]
        return any(
            all(number is not None and number == sums.get(place) for place, number in numbers)
            for sums in (self.all, self.part)
        )
