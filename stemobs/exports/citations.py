"""Citations of an entry, a selection, a comparison or an insight: in words, BibTeX, RIS, CSL-JSON.

A citation names the state of the catalogue: the day of the last change and the revision. It leaves
out the day of access, which readers add themselves: caches keep a citation as long as the revision
stays the same, so a day of access in it would be wrong from the next day on.
"""

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Programme
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.states.moments import Moment
from stemobs.entries.history.states import RecordState
from stemobs.exports.delimited import MEDIA_TYPE as CSV
from stemobs.exports.linked.nodes import CONTENT_TYPE as JSON_LD
from stemobs.exports.workbook import CONTENT_TYPE as XLSX
from stemobs.insights.shapes import Insight
from stemobs.publisher import LANGUAGE, NAME
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.text import join_in_one_line

# The catalogue is both author and publisher, because no person signs an entry.
PUBLISHER = NAME
LINKSET = "linkset.json"  # the ending of the file with all links of a page that can be cited
JSON = "application/json"
# The media types of files of a selection that its page leads to, by their ending (files.py).
PROGRAMME_FILES = {"csv": CSV, "xlsx": XLSX, "jsonld": JSON_LD}
# The titles under which pages about one thing are cited, by the name of their URL pattern, and
# where the API has the thing.
THINGS: Mapping[str, tuple[Any, str]] = {
    "organisation": (gettext_lazy("{name} (organisation)"), "api-organisations-detail"),
    "platform": (gettext_lazy("{name} (STEM platform)"), "api-platforms-detail"),
    "strategy": (gettext_lazy("{name} (strategy)"), "api-strategies-detail"),
    "guide": (gettext_lazy("{name} (guide)"), "api-guides-detail"),
    "country": (gettext_lazy("{name} (country)"), "api-countries-detail"),
}
# The same of pages that are about no single thing, with the data they show.
PAGES: Mapping[str, tuple[Any, str]] = {
    "home": (gettext_lazy("School–industry programmes in Europe"), "api-programmes-list"),
    "countries": (gettext_lazy("STEM programmes by country"), "api-countries-list"),
    "platforms": (gettext_lazy("STEM platforms"), "api-platforms-list"),
    "strategies": (gettext_lazy("STEM strategies"), "api-strategies-list"),
    "evidence": (
        gettext_lazy("What was found: evaluations of STEM programmes"),
        "api-programmes-list",
    ),
    "insights": (gettext_lazy("What the catalogue shows"), "api-programmes-list"),
    "about-data": (gettext_lazy("Data and API"), "api-root"),
    "guides": (gettext_lazy("Guides to partnerships of schools and industry"), ""),
    "plan": (gettext_lazy("Plan a partnership"), ""),
    "obstacles": (gettext_lazy("Obstacle finder"), ""),
    "outcomes": (gettext_lazy("Estonia and Portugal side by side"), ""),
    "worksheet": (gettext_lazy("Worksheet: take an idea elsewhere"), ""),
    "start": (gettext_lazy("First steps to a partnership"), ""),
    "start-teacher": (gettext_lazy("A teacher’s first step"), ""),
    "start-school-head": (gettext_lazy("A school head’s first step"), ""),
    "start-company": (gettext_lazy("A company’s first step"), ""),
    "start-policy-maker": (gettext_lazy("A policy maker’s first step"), ""),
    "about": (gettext_lazy("About the catalogue"), ""),
}


@dataclass(frozen=True)
class Reference:
    """The facts of one citation: title, address, and the state of the catalogue that is cited.

    `key` identifies the citation in reference managers; `changed_on` is the day of the last change.
    """

    key: str
    title: str
    url: str  # where the state that is cited is shown
    changed_on: datetime.date
    revision: int
    is_entry: bool = False  # whether one programme is cited
    is_data: bool = True  # whether a set of data is cited, rather than a page to read
    origin: str = ""  # who published the numbers, where they are not the catalogue's own
    files: "tuple[CitationFile, ...]" = ()  # for reference managers
    data: "tuple[DataLink, ...]" = ()  # the same as data, and what describes it
    linkset: str = ""  # the address of the file with all these links
    page: str = ""  # the address of the page, if that is not where the state is shown

    @property
    def author(self) -> str:
        return f"{PUBLISHER} ({self.changed_on.year})."

    @property
    def sentence(self) -> str:
        """Return the title with a full stop, unless it already ends like a sentence."""
        return self.title if self.title.endswith((".", "!", "?", "…")) else f"{self.title}."

    @property
    def state(self) -> str:
        """Return the day of the last change and the revision, in words.

        The day is that of the entry, which may be older than the catalogue's, or of the catalogue.
        """
        told = (
            _("Version of {day}, catalogue revision {revision}.")
            if self.is_entry
            else _("State of {day}, revision {revision}.")
        )
        return told.format(day=date_format(self.changed_on, "j F Y"), revision=self.revision)

    @property
    def plain(self) -> str:
        """Return the citation as text for people; pages show the same parts in the same order."""
        parts = (self.author, self.sentence, self.state, self.origin, self.url)
        return " ".join(filter(None, parts))


# --- What is cited --------------------------------------------------------------------------------


def cite_programme(programme: Programme, moment: Moment) -> Reference:
    """Cite a programme by the address of its present state, which shows it for good.

    A draft has no states.
    """
    name, slug = "programme", programme.slug
    page = programme.get_absolute_url()
    shown = reverse("programme-state", args=[slug, moment.number]) if programme.is_public else page
    return Reference(
        key=make_key(name, slug, moment),
        title=join_in_one_line(programme.name),
        url=build_absolute_url(shown),
        page=build_absolute_url(page),
        changed_on=localdate(programme.changed_at),
        revision=moment.number,
        is_entry=True,
        is_data=False,
        files=list_files(f"{name}-citation", slug),
        data=(
            DataLink("describedby", reverse("programme-jsonld", args=[slug]), JSON_LD),
            DataLink("alternate", reverse("api-programmes-detail", args=[slug]), JSON),
        ),
        linkset=reverse(f"{name}-citation", args=[slug, LINKSET]),
    )


def cite_state(state: RecordState) -> Reference:
    """Cite a programme as it was, as its page was cited then, but by its present address."""
    reference = cite_programme(state.programme, state.moment)
    shown = reverse("programme-state", args=[state.record.slug, state.moment.number])
    return replace(reference, url=build_absolute_url(shown))


def cite_thing(name: str, thing: Any, moment: Moment) -> Reference:
    """Cite the page of an organisation, platform, strategy, guide or country.

    `name` is that of its URL pattern. The page tells of many rows, so its state is the catalogue's.
    """
    words, api = THINGS[name]
    code = getattr(thing, "code", "")
    key = code or thing.slug
    return cite_page(
        name,
        "",
        words.format(name=join_in_one_line(str(thing))),
        moment,
        args=(key.lower(),),
        is_data=False,
        data=(DataLink("alternate", reverse(api, args=[key]), JSON),),
    )


def cite_fixed_page(name: str, moment: Moment) -> Reference:
    """Cite a page that is about no single thing; `name` is that of its URL pattern."""
    title, api = PAGES[name]
    data = (DataLink("item", reverse(api), JSON),) if api else ()
    return cite_page(name, "", str(title), moment, is_data=bool(api), data=data)


def cite_selection(selection: ProgrammeFilter) -> Reference:
    """Cite a selection of programmes as one set of data, by their number and the chosen filters."""
    number, chosen = len(selection.matched), join_in_one_line(selection.in_words)
    title = ngettext("{number} STEM programme", "{number} STEM programmes", number)
    return cite_page(
        "programmes",
        selection.chosen_query,
        title.format(number=number) + (f" ({chosen})" if chosen else ""),
        selection.catalogue.moment,
        data=list_data("programmes", selection.chosen_query, PROGRAMME_FILES),
    )


def cite_organisations(selection: OrganisationFilter) -> Reference:
    """Cite a selection of organisations as one set of data."""
    number, chosen = len(selection.matched), join_in_one_line(selection.in_words)
    title = ngettext("{number} organisation", "{number} organisations", number)
    query = selection.chosen_query
    return cite_page(
        "organisations",
        query,
        title.format(number=number) + (f" ({chosen})" if chosen else ""),
        selection.catalogue.moment,
        data=list_data("api-organisations", query, {"list": JSON}),
    )


def cite_comparison(programmes: Iterable[Programme], query: str, moment: Moment) -> Reference:
    names = get_text_list([join_in_one_line(programme.name) for programme in programmes], _("and"))
    title = _("Comparison of {programmes}").format(programmes=names)
    data = list_data("compare", query, {"csv": CSV})
    return cite_page("compare", query, title, moment, data=data)


def cite_insight(insight: Insight, moment: Moment) -> Reference:
    """Cite an insight by its finding."""
    title, origin = join_in_one_line(insight.finding), join_in_one_line(insight.origin)
    query = insight.variant.removeprefix("?")
    files = {"csv": CSV, "svg": "image/svg+xml"} if insight.table else {"svg": "image/svg+xml"}
    return cite_page(
        "insight",
        query,
        title,
        moment,
        args=(insight.slug,),
        origin=origin,
        data=list_data("insight", query, files, insight.slug),
    )


def cite_page(
    name: str, query: str, title: str, moment: Moment, *, args: tuple[str, ...] = (), **more: Any
) -> Reference:
    """Cite what a page shows for a query string, in the current state of the catalogue.

    `name` and `args` are those of the page's URL pattern; `more` are further fields of Reference.
    """
    digest = hashlib.sha256(query.encode()).hexdigest()[:8] if query else "all"
    query = f"?{query}" if query else ""
    return Reference(
        key=make_key(".".join([name, *args]), digest, moment),
        title=title,
        url=build_absolute_url(f"{reverse(name, args=args)}{query}"),
        changed_on=localdate(moment.changed_at),
        revision=moment.number,
        files=list_files(f"{name}-citation", *args, query=query),
        linkset=f"{reverse(f'{name}-citation', args=[*args, LINKSET])}{query}",
        **more,
    )


def list_data(
    name: str, query: str, kinds: Mapping[str, str], *args: str
) -> "tuple[DataLink, ...]":
    """Return links to files with the data of a page: media types by the ending of URL patterns."""
    query = f"?{query}" if query else ""
    return tuple(
        DataLink("item", f"{reverse(f'{name}-{ending}', args=args)}{query}", kind)
        for ending, kind in kinds.items()
    )


def list_files(name: str, *args: str, query: str = "") -> "tuple[CitationFile, ...]":
    """Return the files of a citation in each format; `name` is their URL pattern."""
    return tuple(
        CitationFile(
            form.name,
            f"{reverse(name, args=[*args, ending])}{query}",
            form.content_type.partition(";")[0],
        )
        for ending, form in FORMATS.items()
    )


def make_key(kind: str, name: str, moment: Moment) -> str:
    """Return a key that no other citation has; slugs have no dots, so its parts stay apart."""
    return f"stemobs.{kind}.{name}.r{moment.number}"


# --- BibTeX ---------------------------------------------------------------------------------------

# Braces become commands such as \textbraceleft, because BibTeX counts even those after a backslash.
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
        "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    }
)  # fmt: skip
# LaTeX joins two of these signs in a row into one character, as it makes a dash of two hyphens.
LIGATURE = re.compile(r"(?<=[-'`,?!])(?=[-'`,])")


def escape_latex(text: str) -> str:
    """Return a text with LaTeX's special signs escaped; letters beyond ASCII stay as they are."""
    return LIGATURE.sub("{}", text.translate(LATEX))


def write_bibtex(one: Reference) -> str:
    """Return a BibTeX entry of the type @misc, which every style of BibTeX and biblatex knows.

    It has only fields that biblatex knows for @misc. Its date is a year and a month, because biber
    warns of a year beside a date, and BibTeX's own styles know no date; the note has the day.
    """
    name, title = escape_latex(PUBLISHER), escape_latex(one.title)
    fields = {
        # A second pair of braces keeps BibTeX from splitting the name and from lowering capitals.
        "author": f"{{{name}}}",
        "title": f"{{{title}}}",
        "organization": name,
        "year": str(one.changed_on.year),
        "month": str(one.changed_on.month),
        "version": str(one.revision),
        "note": escape_latex(write_note(one)),
        # BibTeX and biblatex take addresses verbatim; special signs in them are percent-encoded.
        "url": one.url,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{one.key},\n{lines}}}\n"


def write_note(one: Reference) -> str:
    return " ".join(filter(None, [one.state, one.origin]))


# --- RIS ------------------------------------------------------------------------------------------


def write_ris(one: Reference) -> str:
    """Return an RIS record, of the type web page (ELEC) or data (DATA)."""
    lines = list_ris_lines(one)
    return "".join(f"{tag}  - {join_in_one_line(value)}\r\n" for tag, value in lines)


def list_ris_lines(one: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "DATA" if one.is_data else "ELEC"
    yield "ID", one.key
    yield "AU", PUBLISHER
    yield "TI", one.title
    # A web page is named with its site, a set of data with its publisher: the same name once.
    yield "PB" if one.is_data else "T2", PUBLISHER
    yield "PY", str(one.changed_on.year)
    yield "DA", one.changed_on.strftime("%Y/%m/%d")
    yield "ET", str(one.revision)
    yield "N1", write_note(one)
    yield "LA", LANGUAGE
    yield "UR", one.url
    yield "ER", ""


# --- CSL-JSON -------------------------------------------------------------------------------------


# Programs that write citations take these for markup, and CSL-JSON has no way to escape them. With
# a word joiner after the sign, which nobody sees, they stay text.
MARKUP = re.compile(r"<(?=/?(?:i|b|sc|sup|sub|span)\b)", re.IGNORECASE)
WORD_JOINER = "\u2060"


def escape_markup(text: str) -> str:
    return MARKUP.sub(f"<{WORD_JOINER}", text)


def write_csl_json(one: Reference) -> str:
    """Return a CSL-JSON list with one item."""
    return json.dumps([make_csl_item(one)], ensure_ascii=False, indent=2) + "\n"


def make_csl_item(one: Reference) -> dict[str, Any]:
    day = one.changed_on
    return {
        "id": one.key,
        "type": "dataset" if one.is_data else "webpage",
        "author": [{"literal": PUBLISHER}],
        "title": escape_markup(one.title),
        # A web page is named with its site, a set of data with its publisher: the same name once.
        "publisher" if one.is_data else "container-title": PUBLISHER,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": str(one.revision),
        "note": escape_markup(write_note(one)),
        "language": LANGUAGE,
        "URL": one.url,
    }


class CitationFile(NamedTuple):
    """A file for reference managers beside a page: the format's name, address and media type."""

    name: str
    address: str
    media_type: str


class DataLink(NamedTuple):
    """A link from a page to its data: the relation, the address and the media type."""

    relation: str
    address: str
    media_type: str


class CitationFormat(NamedTuple):
    """A file format for reference managers: name, media type, and the function that writes it."""

    name: str
    content_type: str
    write: Callable[[Reference], str]


# The formats by the ending of a file's address.
FORMATS: Mapping[str, CitationFormat] = {
    "bib": CitationFormat("BibTeX", "application/x-bibtex; charset=utf-8", write_bibtex),
    "ris": CitationFormat("RIS", "application/x-research-info-systems; charset=utf-8", write_ris),
    "csl.json": CitationFormat(
        "CSL-JSON", "application/vnd.citationstyles.csl+json", write_csl_json
    ),
}
