"""Tests of text folding, word splitting, search parsing and marking of found words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stemobs.text import (
    IN_FULL,
    Search,
    find_spans,
    fold,
    fold_letters,
    make_sort_key,
    parse_search,
    replace_words,
    space_words,
    split_words,
)
from tests import chance

STEADY = chance.steady(100)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Bèta", "beta"),
        ("BE\u0300TA", "beta"),
        ("Óbuda", "obuda"),
        ("Őszi", "oszi"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("ſtern", "stern"),
        ("Jenter og naturfag på Ørland", "jenter og naturfag pa orland"),
        ("Ǿ", "o"),
        ("Łódź", "lodz"),
        ("Ħal Għaxaq", "hal ghaxaq"),
        ("Đuro", "duro"),
        ("Ísafjörður", "isafjordur"),
        ("Þjóð", "thjod"),
        ("İstanbul", "istanbul"),
        ("ısı", "isi"),
        ("Æble", "aeble"),
        ("Œuvre", "oeuvre"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδός", "οδοσ"),
        ("Наука", "наука"),
        ("ﬁnance", "finance"),
        ("oﬃce", "office"),
        ("Ĳssel", "ijssel"),
        ("ＳＴＥＭ", "stem"),
        ("STEM™", "stemtm"),
        ("㎅", "kb"),
        ("𝐒𝐓𝐄𝐌", "stem"),
        ("H₂O", "h2o"),
        ("x²", "x2"),
        ("שָׁלוֹם", "שלום"),
        ("", ""),
    ],
)
def test_folding_removes_case_accents_and_compatibility_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@STEADY
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(exclude_categories=("Cs",), max_codepoint=0x24F)))
@STEADY
def test_small_and_capital_latin_letters_fold_to_the_same(text: str) -> None:
    assert fold(text.upper()) == fold(fold(text).upper())


@given(st.text(st.characters(max_codepoint=0x17F)))
@STEADY
def test_folding_a_whole_text_equals_folding_it_letter_by_letter(text: str) -> None:
    """ASCII letters are folded by faster code than other letters."""
    assert fold(text) == fold_letters(text.lower())
    assert fold(text) == "".join(fold(letter) for letter in text.lower())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jet-Net & TechNet", ["jet", "net", "technet"]),
        ("snake_case", ["snake", "case"]),
        ("O'Neill’s 5-10%", ["o", "neill", "s", "5", "10"]),
        ("  two\n\tlines ", ["two", "lines"]),
        ("STEM@Home", ["stem", "home"]),
        ("🚀🤖", []),
        ("!?…", []),
        ("روبوت تعليم", ["روبوت", "تعليم"]),
        ("רובוט", ["רובוט"]),
        ("科学", ["科学"]),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, found: list[str]) -> None:
    assert split_words(text) == found


@pytest.mark.parametrize("form", IN_FULL)
def test_every_beginning_of_an_everyday_form_finds_its_full_word(
    form: str,
) -> None:
    full = IN_FULL[form]
    assert split_words(form.upper()) == split_words(full) == [full]
    for length in range(1, len(form) + 1):
        assert find_spans(full, parse_search(form[:length])) == [(0, len(full))]


@given(st.text())
@STEADY
def test_words_are_folded_and_never_empty(text: str) -> None:
    assert all(word and fold(word) == word for word in split_words(text))


@given(st.text())
@STEADY
def test_splitting_joined_words_again_gives_the_same_words(text: str) -> None:
    assert split_words(" ".join(split_words(text))) == split_words(text)


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        ([], ""),
        ([""], ""),
        (["", "?!", "🚀"], ""),
        (["Jet-Net"], " jet net "),
        (["Guest lessons", "", "Bèta!"], " guest lessons \n beta "),
        (["two\nlines"], " two lines "),
    ],
)
def test_space_words_puts_spaces_around_words_and_each_text_on_a_line(
    texts: list[str], written: str
) -> None:
    assert space_words(texts) == written


@given(st.lists(st.text("ab -\n", max_size=6)), st.lists(st.sampled_from(["a", "b", "ab"])))
@STEADY
def test_consecutive_words_of_a_text_are_found_in_its_line_of_space_words(
    texts: list[str], row: list[str]
) -> None:
    within = any(
        split_words(text)[start : start + len(row)] == row
        for text in texts
        for start in range(len(split_words(text)))
    )
    assert (f" {' '.join(row)} " in space_words(texts)) == within or not row


@pytest.mark.parametrize(
    ("text", "plain", "phrases", "beginning"),
    [
        ("robot", (), (), "robot"),
        ("robot ", ("robot",), (), ""),
        ("robot!", ("robot",), (), ""),
        ("robot school", ("robot",), (), "school"),
        ("Bèta", (), (), "beta"),
        ("be\u0301", (), (), "be"),  # the accent is a combining character, as macOS writes it
        ("stem@home", ("stem",), (), "home"),
        ('"guest lessons"', (), (("guest", "lessons"),), ""),
        ('"guest lessons" robot', (), (("guest", "lessons"),), "robot"),
        ('robot "guest lessons"', ("robot",), (("guest", "lessons"),), ""),
        ('"a b" "c d"', (), (("a", "b"), ("c", "d")), ""),
        ('"guest lessons', (), (("guest", "lessons"),), ""),
        ('robot "guest lessons sch', ("robot",), (("guest", "lessons", "sch"),), ""),
        ("“guest lessons”", (), (("guest", "lessons"),), ""),
        ("“guest lessons", (), (("guest", "lessons"),), ""),
        ("„Gäste“ Schule", (), (("gaste",),), "schule"),
        ("„zwei Wörter“", (), (("zwei", "worter"),), ""),
        ("«deux mots»", (), (("deux", "mots"),), ""),
        ('"robot"', (), (("robot",),), ""),
        ('"robot', (), (("robot",),), ""),
        ('"Jet-Net"', (), (("jet", "net"),), ""),
        ("maths", (), (), "maths"),  # not replaced, because it may become “mathsweek”
        ("Maths math mathematics ", ("mathematics",), (), ""),
        ('"maths week"', (), (("mathematics", "week"),), ""),
        ('"maths"', (), (("mathematics",),), ""),
        ('""', (), (), ""),
        ('" "', (), (), ""),
        ('"', (), (), ""),
        ('""robot', (), (), "robot"),
        ("?!…", (), (), ""),
        ("🚀", (), (), ""),
        ("robot🚀", ("robot",), (), ""),
        ("רובוט לבית", ("רובוט",), (), "לבית"),
        ("", (), (), ""),
        ("   ", (), (), ""),
    ],
)
def test_a_search_is_parsed_into_words_phrases_and_a_beginning(
    text: str, plain: tuple[str, ...], phrases: tuple[tuple[str, ...], ...], beginning: str
) -> None:
    assert parse_search(text) == Search(plain, phrases, beginning)


@given(st.text(alphabet=st.sampled_from('ab ø\u0301"“”-!')))
@STEADY
def test_the_terms_of_a_search_are_the_words_that_were_typed(text: str) -> None:
    assert set(parse_search(text).terms) == set(split_words(text))


@example("\u32c0")  # a sign for January, which is a word only when it is folded
@given(st.text())
@STEADY
def test_a_search_is_empty_exactly_when_there_is_no_word(text: str) -> None:
    assert bool(parse_search(text)) == bool(split_words(text))


def test_a_search_of_ten_thousand_letters_is_one_beginning() -> None:
    assert parse_search("ø" * 10_000) == Search((), (), "o" * 10_000)


def test_a_search_of_quotation_marks_only_is_empty() -> None:
    assert not parse_search('"' * 10_000)


def test_terms_list_words_then_phrases_then_the_beginning() -> None:
    assert parse_search('a "b c" d').terms == ("a", "b", "c", "d")


# --- Marking and correcting -----------------------------------------------------------------------


def marked(text: str, q: str) -> str:
    """Return a text with brackets around the words that a search finds in it."""
    pieces, end = [], 0
    for start, stop in find_spans(text, parse_search(q)):
        pieces += [text[end:start], "[", text[start:stop], "]"]
        end = stop
    return "".join([*pieces, text[end:]])


@pytest.mark.parametrize(
    ("text", "q", "expected"),
    [
        ("Robots for schools", "robot", "[Robots] for schools"),
        ("Robots for schools", "robot ", "Robots for schools"),
        ("Robots for schools", "schools robot", "[Robots] for [schools]"),
        ("Bèta Techniek", "beta ", "[Bèta] Techniek"),
        ("Be\u0301ta", "béta ", "[Be\u0301ta]"),
        ("Øresund", "oresund", "[Øresund]"),
        ("Guest lessons, and a guest", '"guest lessons"', "[Guest lessons], and a guest"),
        ("lessons guest", '"guest lessons"', "lessons guest"),
        ("a b c", '"a b" "b c"', "[a b c]"),
        ("aaa", '"a a"', "aaa"),
        ("a a a", '"a a"', "[a a a]"),
        ("Jet-Net", "net", "Jet-[Net]"),
        ("½ way", '"1 2"', "[½] way"),
        ("Maths and mathematics", "mathematics", "[Maths] and [mathematics]"),
        ("Maths and mathematics", "maths", "[Maths] and [mathematics]"),
        ("Mathsweek, mathematical", "maths", "[Mathsweek], mathematical"),
        ("Mathsweek, mathematical", "maths ", "Mathsweek, mathematical"),
        ("The mathematics week", '"maths week"', "The [mathematics week]"),
        ("nothing here", "zebra", "nothing here"),
        ("רובוט לבית", "לבית", "רובוט [לבית]"),
        ("", "a", ""),
        ("everything", "", "everything"),
    ],
)
def test_searched_words_are_marked_in_a_text(text: str, q: str, expected: str) -> None:
    assert marked(text, q) == expected


@given(st.text(st.sampled_from("ab \u0301éß½-")), st.text(st.sampled_from('ab é"½')))
@STEADY
def test_spans_are_in_order_do_not_overlap_and_contain_words(text: str, q: str) -> None:
    ends = [end for span in find_spans(text, parse_search(q)) for end in span]
    assert ends == sorted(ends)
    for start, stop in find_spans(text, parse_search(q)):
        assert split_words(text[start:stop])


@given(st.text(st.sampled_from("abc é")), st.text(st.sampled_from("abc é")))
@STEADY
def test_a_text_has_spans_exactly_if_it_contains_a_word_of_the_search(text: str, q: str) -> None:
    search = parse_search(q)
    begins = tuple(filter(None, [search.beginning]))
    has_one = any(word in search.words or word.startswith(begins) for word in split_words(text))
    assert bool(find_spans(text, search)) == (has_one and bool(search))


def test_replace_words_ignores_case_and_accents_and_keeps_the_rest() -> None:
    assert replace_words('Jet-Net "robtics" Róbtics!', {"robtics": "robotics"}) == (
        'Jet-Net "robotics" robotics!'
    )


def test_replace_words_finds_an_everyday_form_by_itself_or_its_full_word() -> None:
    assert replace_words("Maths", {"maths": "paths"}) == "paths"
    assert replace_words("Maths week", {"mathematics": "mathematica"}) == "mathematica week"
    assert replace_words("Maths robtics", {"mathematics": None, "robtics": "robotics"}) == (
        "Maths robotics"
    )


# --- Characters that are not seen -----------------------------------------------------------------


@pytest.mark.parametrize(
    "mark",
    [
        "\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\ufeff", "\u202a",
        "\u2068", "\u061c", "\ufe0f", "\ufe00", "\u034f", "\u180e", "\u3164", "\U000e0101",
    ],
)  # fmt: skip
def test_characters_that_are_not_seen_play_no_part_in_words_and_order(mark: str) -> None:
    hidden = f"{mark}mathe{mark}matics{mark}"
    assert split_words(hidden) == ["mathematics"]
    assert parse_search(hidden) == parse_search("mathematics")
    assert parse_search(f'"{hidden} week"') == parse_search('"mathematics week"')
    assert make_sort_key(f"{mark}Zebra") == make_sort_key("zebra")
    assert marked(f"of {mark}mathe{mark}matics.", "mathematics").count("[") == 1
    assert not parse_search(mark)


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\u2028", "\t", "\x07"])
def test_all_kinds_of_spaces_and_control_characters_separate_words(space: str) -> None:
    assert split_words(f"jet{space}net") == ["jet", "net"]
    assert make_sort_key(f"{space}Jet{space}{space}Net") == "jet net"
