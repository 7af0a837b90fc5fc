"""The programmes of the API: lists of any selection, and each entry by its slug."""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from programmes.models import Programme
from stemobs.addresses import NothingThere, build_location, keep_parameters
from stemobs.api.counts import count_crosstab
from stemobs.api.negotiation import RENDERERS, WrongSelection
from stemobs.api.resources import IndexedResource, ListPart, ListResource, read_words
from stemobs.api.serializers import ProgrammeRowSerializer, ProgrammeSerializer
from stemobs.entries.entry import Entry
from stemobs.entries.history.states import (
    AS_OF,
    Withheld,
    find_revision_on,
    read_day,
    read_state,
    word_missing_day,
    word_missing_state,
)
from stemobs.entries.loading import load_facts
from stemobs.entries.publication import Found, Gone, Merged
from stemobs.entries.slugs import Moved, resolve_slug
from stemobs.exports.files import (
    FORMATS,
    CsvFilter,
    FileFilter,
    ListFilter,
    respond_with_programmes,
)
from stemobs.exports.linked.nodes import make_jsonld_document
from stemobs.exports.linked.programmes import describe_entry
from stemobs.exports.linked.terms import list_term_names
from stemobs.exports.rows import read_rows
from stemobs.exports.signposts import write_state_links
from stemobs.selection.facets import FACETS, Facet
from stemobs.selection.parameters import Problem, find_empty, make_problem
from stemobs.selection.programmes import ProgrammeFilter, WholeFilter

GROUP_BY = "group_by"
MOST_DIMENSIONS = 2

Whole = TypeVar("Whole", bound=WholeFilter)


class EntryIsGone(APIException):
    """The 410 error for a withdrawn programme; its detail gives the reason."""

    status_code = 410


def read_as_of(given: Sequence[str]) -> datetime.date:
    try:
        return read_day(given)
    except ValidationError as error:
        raise WrongSelection([make_problem(AS_OF, error)]) from error


def tell_end(end: Merged | Gone) -> str:
    """Return the reason why a programme was withdrawn, or the programme it was merged into."""
    if isinstance(end, Merged):
        return _("Merged into {slug}.").format(slug=end.successor.slug)
    return end.reason


class WholeSelection(ListResource):
    """A list of a selection of programmes that is also to be had as a file of all its rows."""

    filterset_class = ListFilter
    write_file: Callable[..., HttpResponseBase]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.format == "json":
            return super().list(request, *args, **kwargs)
        selection = self.select_whole(CsvFilter if self.format == "csv" else FileFilter)
        is_head = request.method == "HEAD"
        return self.write_file(selection, self.format, bom=selection.has_bom, head=is_head)

    @property
    def format(self) -> str:
        """Return the name of the negotiated format, such as “csv”."""
        return str(self.request.accepted_renderer.format)

    def select_whole(self, of_form: type[Whole], *also: str) -> Whole:
        """Return the selection that the query asks for, without pages; raise WrongSelection."""
        also = (*also, *self.choosing)
        selection = of_form(self.request.query_params, self.catalogue, also=also)
        if selection.problems:
            raise WrongSelection(selection.problems)
        return selection


class ProgrammeResource(WholeSelection, IndexedResource):
    """Programmes: the whole selection, with the counts of facets where asked."""

    serializer_class = ProgrammeSerializer
    list_serializer_class = ProgrammeRowSerializer
    also = ("facets", *IndexedResource.also)
    forms = {
        "list": [RENDERERS[name] for name in ("json", *FORMATS)],
        "retrieve": [RENDERERS[name] for name in ("json", "jsonld")],
    }
    write_file = staticmethod(respond_with_programmes)

    @action(detail=False)
    def counts(self, request: Request) -> Response:
        """How many programmes of a selection have each value of one or two facets."""
        return Response(
            count_crosstab(self.select_whole(WholeFilter, GROUP_BY), self.read_dimensions(request))
        )

    def read_dimensions(self, request: Request) -> Sequence[Facet]:
        """Return the facets to count by; raise WrongSelection if they are not one or two."""
        words = ",".join(request.query_params.getlist(GROUP_BY)).lower().split(",")
        names = [word.strip() for word in words if word.strip()]
        allowed = tuple(FACETS)
        problems = [
            Problem(GROUP_BY, name, _("is not a facet"), allowed)
            for name in dict.fromkeys(names)
            if name not in FACETS
        ]
        if not names:
            problems.append(Problem(GROUP_BY, "", _("is required"), allowed))
        elif len(names) > MOST_DIMENSIONS or len({*names}) < len(names):
            reason = _("is not one facet, nor two different ones")
            problems.append(Problem(GROUP_BY, ",".join(names), reason, allowed))
        if problems:
            raise WrongSelection(problems)
        return [FACETS[name] for name in names]

    # --- One programme ----------------------------------------------------------------------------

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.published()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Answer with one programme, at a revision if the address names one.

        `as_of` leads to the state of a day.
        """
        asked = request.query_params
        if AS_OF in asked and "revision" not in kwargs and not self.ending:
            return self.redirect_to_state(read_as_of(asked.getlist(AS_OF)))
        response = super().retrieve(request, *args, **kwargs)
        if "revision" in kwargs:
            response.headers["Link"] = write_state_links(kwargs["slug"])
        return response

    def redirect_to_state(self, day: datetime.date) -> HttpResponse:
        programme = self.find_programme()
        revision = find_revision_on(programme, day)
        if revision is None:
            raise NothingThere(word_missing_day(day))
        given = self.request.META["QUERY_STRING"]
        query = keep_parameters(given, lambda name, _value: name != AS_OF)
        place = reverse("api-programmes-state", args=[programme.slug, revision])
        return redirect(build_location(self.request, place, query))

    def get_object(self) -> Programme:
        """Return the programme as it is, or as it was at the revision that the address names."""
        revision = self.kwargs.get("revision")
        if revision is None:
            return load_facts(self.find_programme())
        programme = self.find_programme()
        try:
            state = read_state(programme, revision)
        except Withheld as withheld:
            raise EntryIsGone(str(withheld)) from withheld
        if state is None:
            raise NothingThere(word_missing_state(revision))
        return state.programme

    def find_programme(self) -> Programme:
        """Return the published programme that has this slug now or had it before.

        Raise EntryIsGone for a withdrawn programme, NothingThere for a draft or an unknown slug.
        """
        slug = self.kwargs["slug"]
        place = resolve_slug(slug, Programme.objects.all())
        if isinstance(place, Moved):
            place = resolve_slug(place.programme.slug, Programme.objects.all())
        match place:
            case Found(programme):
                return programme
            case Merged() | Gone():
                raise EntryIsGone(tell_end(place))
        raise self.make_missing()

    def describe_row(self, row: Programme) -> Mapping[str, Any]:
        if self.format == "json":
            return super().describe_row(row)
        if self.fields:
            asked = ",".join(self.fields)
            raise WrongSelection([Problem("fields", asked, _("are for JSON only"))])
        return make_jsonld_document(describe_entry(Entry(row), list_term_names(self.catalogue)))

    # --- Lists ------------------------------------------------------------------------------------

    def find_problems(self, request: Request) -> Sequence[Problem]:
        reason = _("is not a facet")
        unknown = [
            Problem("facets", name, reason, ("all", *FACETS))
            for name in self.read_asked_facets(request)
            if name not in FACETS
        ]
        empty = find_empty("facets", request.query_params.getlist("facets"))
        return [*super().find_problems(request), *empty, *unknown]

    def read_asked_facets(self, request: Request) -> Sequence[str]:
        names = read_words(request, "facets")
        return [*FACETS] if "all" in names else names

    def read_rows(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        return read_rows(self.catalogue, ids)

    def build_answer(
        self, selection: Any, part: ListPart, addresses: Mapping[str, str]
    ) -> dict[str, Any]:
        answer = super().build_answer(selection, part, addresses)
        asked = self.read_asked_facets(self.request)
        if asked:
            answer["facets"] = {name: self.count_facet(selection, FACETS[name]) for name in asked}
        return answer

    def count_facet(self, selection: ProgrammeFilter, facet: Facet) -> Sequence[dict[str, Any]]:
        return [
            {"value": choice.value, "label": choice.label, "count": choice.count}
            for choice in selection.make_panel(facet).choices
        ]
