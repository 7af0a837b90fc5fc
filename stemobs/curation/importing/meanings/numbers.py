"""Reads how much the cells of a column say: numbers, ranges, and how exact they are.

What is a decimal mark in one cell of a column is one in all.

“12.500” alone may be two numbers. A cell such as “1.234.567”, “12.500,50” or “3.5” in the same
column tells what the mark is; if none does, people are asked once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.tables import read_phrases, reduce, take_first
from stemobs.curation.importing.shapes import FileCell
from stemobs.curation.reading.numbers import LARGEST, write_number

SPACE_MARKS = " \u00a0\u202f\u2009\u2007'’"  # these are never decimal marks
# Digits with the marks of thousands and decimals, and a fraction behind or alone.
DIGITS = re.compile(
    rf"(?:[0-9]+(?:(?:[.,]|[{SPACE_MARKS}](?=[0-9]{{3}}(?![0-9])))[0-9]+)*)?[ ]?(?P<part>[½¼¾⅓⅔])"
    rf"|[0-9]+(?:(?:[.,]|[{SPACE_MARKS}](?=[0-9]{{3}}(?![0-9])))[0-9]+)*"
)
PARTS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "", "⅔": ""}
# Letters that look like a digit, in Latin and Cyrillic, within a word that has digits.
LETTERS = "OoIlіІОо"
LETTER = re.compile(
    rf"(?<![^\W\d_])(?=[{LETTERS}\d]*\d)(?=\d*[{LETTERS}])[{LETTERS}\d]{{2,}}(?!\w)"
)
ONCE = re.compile(r"[1-9][0-9]{0,2}(?P<mark>[.,])[0-9]{3}")  # two numbers, until somebody says
MOST_DIGITS = 40
PART = re.compile(f"([{''.join(PARTS)}])")
NOTE_SIGNS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡]+(?=\\s|\\Z)")
NEGATIVE = re.compile(r"[-−–—‒]\s*[0-9]|\(\s*[-−–]\s*[0-9]")
OPENED = " ,;:(["


@dataclass
class Marks:
    """What the marks of a column are, as its cells show: decimal marks and marks of thousands."""

    decimal: set[str] = field(default_factory=set)
    thousands: set[str] = field(default_factory=set)
    first: str = ""  # the first that may be either

    def tell(self, mark: str) -> str:
        """Return “decimal” or “thousands” for a mark; "" if the cells leave it open."""
        other = "," if mark == "." else "."
        if mark in self.decimal and mark in self.thousands:
            return ""
        if mark in self.decimal:
            return "" if other in self.decimal else "decimal"
        if mark in self.thousands:
            return "" if other in self.thousands else "thousands"
        if other in self.decimal and other not in self.thousands:
            return "thousands"
        if other in self.thousands and other not in self.decimal:
            return "decimal"
        return ""


def find_marks(cells: Iterable[FileCell]) -> Marks:
    """Return what the cells of a column show of their marks."""
    marks = Marks()
    for cell in cells:
        # How we show a number of a workbook says nothing of how its people write.
        for found in () if cell.value is not None else DIGITS.finditer(cell.text):
            note_marks(found[0].rstrip(" ½¼¾⅓⅔"), marks)
            unclear = ONCE.fullmatch(found[0])
            marks.first = marks.first or (unclear["mark"] if unclear else "")
    return marks


def note_marks(digits: str, marks: Marks) -> None:
    """Note what one number shows of the marks of its column."""
    used = [letter for letter in digits if letter in ".,"]
    if not used or ONCE.fullmatch(digits):
        return
    last, behind = used[-1], re.split(r"[.,]", digits)[-1]
    if len(set(used)) == 2 and used.count(last) == 1 and is_grouped(digits[: digits.rfind(last)]):
        marks.decimal.add(last)
        marks.thousands.add(used[0])
    elif len(set(used)) == 1 and len(used) > 1 and is_grouped(digits):
        marks.thousands.add(last)
    elif len(used) == 1 and (len(behind) <= 2 or not is_grouped(digits)):
        marks.decimal.add(last)


def is_grouped(digits: str) -> bool:
    """Whether digits stand in groups of three with one kind of mark between them, or in one."""
    mark = next((letter for letter in digits if not letter.isdigit()), "")
    groups = digits.split(mark) if mark else [digits]
    if not mark:
        return True
    return (
        all(group.isdecimal() for group in groups)
        and 1 <= len(groups[0]) <= 3
        and groups[0][0] != "0"
        and all(len(group) == 3 for group in groups[1:])
    )


def find_letter(text: str) -> re.Match[str] | None:
    """Return the number in a text that has a letter where a digit should be."""
    return LETTER.search(text)


def tell_letter(found: str) -> str:
    """Return what is wrong with a number that has a letter in it."""
    letter = next(one for one in found if one in LETTERS)
    told = _("“%(text)s” has the letter %(letter)s where a digit should be.")
    return told % {"text": found, "letter": letter}


def read_digits(hand: CellInHand, digits: str, marks: Marks) -> Decimal | None:
    """Return the number that digits with marks are; None if that is asked, or a fault."""
    part = next((one for one in digits if one in PARTS), "")
    bare = digits.rstrip(" ½¼¾⅓⅔")
    whole = read_bare(hand, bare, marks) if bare else Decimal(0)
    if whole is None or not part:
        return whole
    if not PARTS[part] or whole % 1:
        refuse_number(hand, digits)
        return None
    return whole + Decimal(PARTS[part])


def read_bare(hand: CellInHand, digits: str, marks: Marks) -> Decimal | None:
    """Return the number without a fraction behind it."""
    if found := ONCE.fullmatch(digits):
        kind = marks.tell(found["mark"]) or ask_for_mark(hand, digits, marks.first)
        if not kind:
            return None
        return Decimal(re.sub(r"[.,]", "" if kind == "thousands" else ".", digits))
    head, mark, tail = split_decimals(digits)
    is_whole = is_grouped(head) and (not mark or tail.isdecimal())
    if len(digits) > MOST_DIGITS or not is_whole:
        refuse_number(hand, digits)
        return None
    whole = re.sub(r"[^0-9]", "", head)
    return Decimal(f"{whole}.{tail}") if mark else Decimal(whole)


def split_decimals(digits: str) -> tuple[str, str, str]:
    """Return what is before the decimal mark, the mark and what is behind; "" if there is none."""
    used = [letter for letter in digits if not letter.isdigit()]
    is_decimal = used and used[-1] in ".," and used.count(used[-1]) == 1
    return digits.rpartition(used[-1]) if is_decimal else (digits, "", "")


def ask_for_mark(hand: CellInHand, digits: str, first: str) -> str:
    """Return whether a mark is one of thousands or of decimals, as people said for the column.

    A column that uses both marks in this way is asked about each.
    """
    mark = "." if "." in digits else ","
    key = f"numbers:{hand.column.place}" + ("" if mark == first else f":{mark}")
    large = Decimal(re.sub(r"[.,]", "", digits))
    small = Decimal(digits.replace(",", "."))
    told = _("Column “%(column)s”: is %(text)s the number %(large)s, or %(small)s?")
    told %= {
        "column": hand.column.name,
        "text": digits,
        "large": f"{large:,}",
        "small": write_number(small),
    }
    options = (("thousands", f"{large:,}"), ("decimal", write_number(small)))
    return hand.ask(key, told, options)


def refuse_number(hand: CellInHand, text: str) -> None:
    told = _("We cannot read “%(text)s” as a number. Write it as in 60000 or 12.5.")
    hand.refuse("no-number", told, text=text[:MOST_DIGITS])


def keep_in_bounds(hand: CellInHand, number: Decimal) -> Decimal | None:
    """Return a number that our columns can hold; refuse others."""
    if number >= LARGEST or number != round(number, 2):
        told = _("We keep numbers below a hundred million millions, with two decimals at most.")
        hand.refuse("number-too-large", told)
        return None
    return number


# --- Amounts --------------------------------------------------------------------------------------


@dataclass
class CellAmount:
    """How much a part of a cell says; `rest` is what follows it, as words are compared."""

    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: str = "exact"
    rest: str = ""
    has_size: bool = False  # a word such as “million” belongs to it

    @property
    def fields(self) -> tuple[str, str, str]:
        """The lower end, the upper end and the qualifier, as the fields of figures hold them."""
        return write_number(self.low), write_number(self.high), self.qualifier


def prepare(text: str) -> str:
    """Return a text in which amounts are looked for: folded, but ½ stays what it is."""
    bare = NOTE_SIGNS.sub("", re.sub(r"\s*[\r\n]+\s*", "; ", text.strip()))
    pieces = [one if PART.fullmatch(one) else reduce_inside(one) for one in PART.split(bare)]
    return spell("".join(pieces).strip())


def spell(text: str) -> str:
    """Return a prepared text whose number in words stands in digits: “ponad dwieście szkół”."""
    if text[:1].isdigit():
        return text
    _qualifier, rest = take_first(text, read_phrases("numbers", "qualifiers"))
    number, behind = take_first(rest, read_phrases("numbers", "spelled"))
    # “two thousand five hundred” is more than its first word.
    if not number or take_first(behind, read_phrases("numbers", "spelled"))[0]:
        return text
    return f"{text[: len(text) - len(rest)]}{number} {behind}".strip()


def reduce_inside(text: str) -> str:
    """Return a text folded, with the space at its ends: it belongs to the words around it."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() else ""
    return f"{before}{reduce(text)}{after}"


def begins_with_number(text: str) -> bool:
    """Whether a prepared text begins with a number, perhaps after a word such as “about”."""
    return bool(DIGITS.match(take_qualifier(text)[1]))


def take_qualifier(text: str) -> tuple[str, str]:
    """Return what the words at the start of a text say of how exact the number is, and the rest."""
    qualifier, rest = take_first(text, read_phrases("numbers", "qualifiers"))
    if qualifier and not DIGITS.match(rest):
        second, behind = take_first(rest, read_phrases("numbers", "qualifiers"))
        if second and DIGITS.match(behind):
            return join_qualifiers(qualifier, second), behind
    return (qualifier, rest) if DIGITS.match(rest) else ("", text)


def join_qualifiers(first: str, second: str) -> str:
    """Return what two words say together; a word for “exactly” adds nothing."""
    kept = [one for one in dict.fromkeys((first, second)) if one != "exact"]
    return " ".join(kept)


def read_amount(hand: CellInHand, text: str, marks: Marks) -> CellAmount | None:
    """Return the amount that a prepared text begins with; None if it has none, or a fault."""
    if letter := find_letter(hand.text):
        hand.refuse("letter-in-number", tell_letter(letter[0]))
        return None
    if NEGATIVE.match(text):
        hand.refuse("negative-number", _("A number below zero cannot be right here."))
        return None
    qualifier, rest = take_qualifier(text)
    if not DIGITS.match(rest):
        return None
    low, zeros, rest = take_number(hand, rest, marks)
    after, rest = take_first(rest, read_phrases("numbers", "after"))
    joined = take_joint(rest, qualifier)
    amount = CellAmount(low, rest=rest)
    if joined:
        high, more, amount.rest = take_number(hand, joined, marks)
        # “1 to 2 million” means millions at both ends.
        zeros = more if zeros is None and is_less(low, high) else zeros
        amount.high = scale(hand, high, more)
        qualifier = "range" if qualifier in ("", "exact") else f"{qualifier} range"
        after_high, amount.rest = take_first(amount.rest, read_phrases("numbers", "after"))
        after = after or after_high
    doubt, amount.rest = take_doubt(amount.rest)
    after = f"{after} {doubt}"
    amount.low, amount.has_size = scale(hand, low, zeros), zeros is not None
    if is_cut_short(amount) and not ask_about_short(hand, amount):
        return None
    if amount.low is None or (joined and amount.high is None):
        return None
    settle_qualifier(hand, amount, f"{qualifier} {after}")
    return amount if amount.low is not None else None


def take_doubt(rest: str) -> tuple[str, str]:
    """Take signs that alone follow a number and change it: “300?”, “300–”."""
    bare = rest.strip(OPENED + ")] .*")
    if bare and set(bare) <= {"?", "!"}:
        return "doubt", ""
    return ("from", "") if bare and set(bare) <= set("-–—‒−→>") else ("", rest)


def is_cut_short(amount: CellAmount) -> bool:
    """Whether the lower end of a range may lack its zeros: “5-600” for 500 to 600."""
    low, high = amount.low, amount.high
    if low is None or high is None or not 0 < low < 100 or low % 1:
        return False
    is_hundreds = high < 1000 and high % 100 == 0 and low * 100 < high
    return is_hundreds or (high < 100_000 and high % 1000 == 0 and low * 1000 < high)


def ask_about_short(hand: CellInHand, amount: CellAmount) -> bool:
    """Ask where a range begins whose lower end may lack its zeros; return whether it is settled."""
    low, high = amount.low or Decimal(), amount.high or Decimal()
    full = low * (100 if high < 1000 else 1000)
    told = _("Column “%(column)s”: does “%(text)s” begin at %(low)s, or at %(full)s?")
    texts = {"low": write_number(low), "full": write_number(full)}
    told %= {"column": hand.column.name, "text": f"{texts['low']}–{write_number(high)}", **texts}
    key = f"range:{hand.column.place}:{texts['low']}-{write_number(high)}"
    answer = hand.ask(key, told, [(one, one) for one in texts.values()])
    amount.low = Decimal(answer) if answer else low
    return bool(answer)


def is_less(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low < high


def take_number(
    hand: CellInHand, text: str, marks: Marks
) -> tuple[Decimal | None, str | None, str]:
    """Return the number that a text begins with, the zeros of “million” behind it, the rest."""
    found = DIGITS.match(text)
    if found is None:
        return None, None, text
    number = read_digits(hand, found[0], marks)
    zeros, rest = take_first(text[found.end() :].strip(), read_phrases("numbers", "sizes"))
    return number, zeros or None, rest


def take_joint(text: str, qualifier: str) -> str:
    """Return the number that a text goes on with as the upper end of a range; "" if none."""
    meaning, rest = take_first(text, read_phrases("numbers", "to"))
    if not meaning and "range" in qualifier:
        meaning, rest = take_first(text, read_phrases("places", "and"))
    return rest if meaning and DIGITS.match(rest) else ""


def scale(hand: CellInHand, number: Decimal | None, zeros: str | None) -> Decimal | None:
    """Return a number with its zeros; ask what “mil” means, in Spanish or in Czech."""
    if number is None:
        return None
    if zeros and "|" in zeros:
        told = _("Column “%(column)s”: does “mil” mean thousand, or million?")
        told %= {"column": hand.column.name}
        options = (("3", _("thousand")), ("6", _("million")))
        zeros = hand.ask(f"size:{hand.column.place}:mil", told, options)
        if not zeros:
            return None
    return keep_in_bounds(hand, number.scaleb(int(zeros or 0)))


def settle_qualifier(hand: CellInHand, amount: CellAmount, words: str) -> None:
    """Put how exact an amount is, asking once a column about words that we do not record."""
    said = [one for one in dict.fromkeys(words.split()) if one != "exact"]
    if said == ["range"] and amount.high is None:
        said = ["from"]
    if amount.low is not None and amount.high is not None and amount.high <= amount.low:
        told = _("The upper end of a range is above its lower end. Check both.")
        hand.refuse("range-upside-down", told)
    if not said:
        return
    known = said[0] if len(said) == 1 else ""
    asked = list_choices(known, said)
    if not asked:
        amount.qualifier = known
        return
    told = tell_choice(known) % {"column": hand.column.name}
    key = f"qualifier:{hand.column.place}:{known or '-'.join(sorted(said))}"
    amount.qualifier = hand.ask(key, told, asked)
    if not amount.qualifier:
        amount.low = None
    elif amount.qualifier == "plain":
        amount.qualifier = "exact"


def list_choices(known: str, said: list[str]) -> list[tuple[str, str]]:
    """Return the qualifiers that a word may stand for; none if it is clear."""
    names = {
        "about": _("about"), "over": _("over"), "nearly": _("nearly"),
        "at-least": _("at least"), "up-to": _("up to"), "range": _("from … to …"),
        "plain": _("exactly that"),
    }  # fmt: skip
    choices = {
        "under": ("nearly", "up-to"), "plus": ("over", "at-least"), "from": ("at-least",),
        "doubt": ("about", "plain"),
    }  # fmt: skip
    if known:
        return [(one, names[one]) for one in choices.get(known, ())]
    if "range" in said:
        return [("range", names["range"])]
    return [(one, names[one]) for one in said if one in names]


def tell_choice(known: str) -> str:
    """Return the question about a word that says how exact a number is."""
    if known == "under":
        return _("Column “%(column)s”: we have no word for “under”. Is it “nearly” or “up to”?")
    if known == "plus":
        return _("Column “%(column)s”: does “+” mean “over” or “at least”?")
    if known == "from":
        return _("Column “%(column)s”: “from” needs a second number. Or is it “at least”?")
    if known == "doubt":
        return _("Column “%(column)s”: a number has a question mark. How sure is it?")
    return _("Column “%(column)s”: two words say how exact a number is. Which one counts?")


def restore(text: str, rest: str) -> str:
    """Return the end of a text as it was written, of which `rest` is the folded form."""
    words = text.split()
    length = len(rest.split())
    end = " ".join(words[len(words) - length :]) if length else ""
    return (end if reduce(end) == rest.strip() else rest).strip(OPENED + ")]")


def is_typed(value: object) -> bool:
    """Whether a workbook itself says that a cell is a number."""
    return isinstance(value, Decimal) and not isinstance(value, bool)
