"""Letters that were spoilt before a file came here: “Ã©” for “é”, “M?odzież” for “Młodzież”."""

import re

# What the first byte of a letter in UTF-8 looks like to somebody who reads it in another encoding.
MISREAD = {
    "cp1252": "ÂÃÄÅÎÏÐÑâ",
    "cp1250": "ÂĂÄĹÎĎĐŃâ",
    "cp850": "├┼─",
    "cp852": "├┼─",
    "mac_roman": "√≈ƒ",
}
LATIN = ("cp1254", "cp1257", "iso-8859-1", "iso-8859-2", "iso-8859-13", "iso-8859-15")
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{2}")
GARBLED = re.compile(rf"â€[^\x00-\x7f]|[{''.join(MISREAD.values())}][^\x00-\x7f]")
LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")  # a letter that no encoding had, in a word


def is_garbled(text: str, encoding: str = "") -> bool:
    """Return whether a text holds UTF-8 that was read as something else, here or elsewhere."""
    if "\ufffd" in text or any(is_misread(found[0]) for found in GARBLED.finditer(text)):
        return True
    pairs = BEYOND_ASCII.findall(text) if encoding in LATIN else []
    return any(is_one_letter(pair, encoding) for pair in pairs)


def is_misread(letters: str) -> bool:
    """Return whether some letters are one letter of UTF-8, if their bytes are read as that."""
    return any(
        letters[0] in first and is_one_letter(letters, encoding)
        for encoding, first in MISREAD.items()
    )


def is_one_letter(letters: str, encoding: str) -> bool:
    try:
        return len(letters.encode(encoding).decode()) == 1
    except UnicodeError:
        return False


def is_spoilt(text: str) -> bool:
    """Return whether letters of a name or a sentence are spoilt, or were lost."""
    return (not text.isascii() and is_garbled(text)) or bool(LOST.search(text))


def mend(text: str) -> str:
    """Return what a text was before it was read in a wrong encoding; "" if nobody can tell."""
    for encoding in MISREAD:
        try:
            mended = text.encode(encoding).decode()
        except UnicodeError:
            continue
        if not is_garbled(mended):
            return mended
    return ""
