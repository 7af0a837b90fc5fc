"""First steps for teachers, school heads, companies and policy makers: from a few questions to a
page to open, an office to ask, a checklist, and programmes that fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform, Organisation, Partnership
from programmes.models import Country, Programme, TakingPart, where_published
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.programmes import VOCATIONAL
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.signals.levels import STAGES
from stemobs.entries.starting.fitting import Seeker, find_fitting
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights import maps
from stemobs.pages.citable import render_citable
from stemobs.selection.facets import COUNTRY, normalise_country_code
from stemobs.selection.parameters import OptionField, Problem, list_unknown, make_problem

AUDIENCE = TakingPart.Audience
MOST_NEAR = 5  # from how many neighbouring countries programmes are offered
MOST_OFFICES = 3
LEVELS: Mapping[str, Any] = {
    **{stage.value: stage.name for stage in STAGES},
    VOCATIONAL: _("Vocational, at any level"),
}
CODES = {stage.value: stage.codes for stage in STAGES}


@dataclass(frozen=True)
class Allowance:
    """How much time a company has in a year: the words, what they mean, the hours (None: any)."""

    words: Any
    meaning: Any
    hours: float | None


TIMES: Mapping[str, Allowance] = {
    "hours": Allowance(_("An hour or two"), _("one person, once"), 2),
    "day": Allowance(_("A day"), _("one or two people, once a year"), 8),
    "days": Allowance(_("Some days a year"), _("up to a week, spread over the year"), 40),
    "more": Allowance(_("More"), _("a pupil or a class, for a term or longer"), None),
}


@dataclass(frozen=True)
class Starter:
    """Somebody who wants to begin: the page's address and words, and whose way in counts."""

    slug: str
    title: Any
    lede: Any
    here: Any  # the short name in the breadcrumbs and in the list of all
    line: Any  # what the list of all says of it
    audiences: tuple[str, ...]
    asks_time: bool = False
    by_evidence: bool = False
    level_words: Any = field(default=_("Which level do you teach?"))

    @property
    def name(self) -> str:
        """The name of the URL pattern."""
        return f"start-{self.slug}"

    @property
    def checklist(self) -> str:
        """The template of the checklist."""
        return f"pages/start/check_{self.slug.replace('-', '_')}.html"


STARTERS = {
    starter.slug: starter
    for starter in (
        Starter(
            "teacher", _("A teacher’s first step"),
            _("Say where you are and whom you teach. You get up to three programmes to join, an "
              "office to ask, and a checklist for your first hour with a company."),
            _("A teacher"),
            _("Find a programme that your class can join, and prepare the first visit."),
            (AUDIENCE.TEACHERS, AUDIENCE.SCHOOLS),
        ),
        Starter(
            "school-head", _("A school head’s first step"),
            _("Say where your school is. You get up to three programmes that schools join, an "
              "office to ask, and a checklist for you and your staff."),
            _("A school head"),
            _("Choose one programme for the school, and give it time and a name."),
            (AUDIENCE.SCHOOLS, AUDIENCE.TEACHERS),
            level_words=_("Which level is your school?"),
        ),
        Starter(
            "company", _("A company’s first step"),
            _("A firm of ten people is large enough. Say how much time you have in a year. You "
              "get up to three ways to take part, an office to ask, and a checklist."),
            _("A company"), _("See what is realistic in an hour, a day or some days a year."),
            (AUDIENCE.COMPANIES,),
            asks_time=True, level_words=_("Which pupils would you like to meet?"),
        ),
        Starter(
            "policy-maker", _("A policy maker’s first step"),
            _("Say which country you work for. You get programmes there with the strongest "
              "evidence, the bodies to talk to, and a checklist from a European study."),
            _("A policy maker"),
            _("See what runs, what was evaluated, and whom to bring to one table."),
            (AUDIENCE.SCHOOLS, AUDIENCE.COMPANIES),
            by_evidence=True, level_words=_("Which level is it about?"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """What the reader chose in the form; "" for what they left open."""

    country: str
    level: str
    time: str

    @property
    def query(self) -> str:
        """The choices as the query string of the page's address."""
        pairs = {"country": self.country, "level": self.level, "time": self.time}
        return urlencode({name: value for name, value in pairs.items() if value})


@require_safe
def show_start(request: HttpRequest) -> HttpResponse:
    """Show the four first-step guides to choose from."""
    context = {"starters": STARTERS.values(), "problems": list_unknown(request.GET.items(), ())}
    reference = cite_fixed_page("start", get_request_catalogue(request).moment)
    return render_citable(request, "pages/start/start.html", context, reference)


@require_safe
@drop_empty_parameters
def show_first_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the questions of a guide; with a country also its answer: programmes, office, checklist.

    The choices are in the query of the address; the site stores none of them.
    """
    starter, catalogue = STARTERS[slug], get_request_catalogue(request)
    countries = list_countries(catalogue)
    chosen, problems = read_choices(request.GET, starter, countries)
    context = {
        "starter": starter,
        "others": [one for one in STARTERS.values() if one != starter],
        "countries": countries,
        "levels": LEVELS,
        "times": TIMES if starter.asks_time else {},
        "chosen": chosen,
        "problems": problems,
        "lacks_country": bool(chosen.query) and not chosen.country,
        **(find_answer(starter, chosen, catalogue) if chosen.country else {}),
    }
    reference = cite_fixed_page(starter.name, catalogue.moment)
    return render_citable(request, "pages/start/guide.html", context, reference)


def list_countries(catalogue: Catalogue) -> dict[str, str]:
    """Return the names of all countries by code, in the order of names."""
    labels = COUNTRY.labels(catalogue)
    return {code: name for code, name in labels.items() if code != NONE}


def read_choices(
    data: QueryDict, starter: Starter, countries: Mapping[str, str]
) -> tuple[Choices, list[Problem]]:
    """Return what was chosen and what is wrong in the query; a field left empty is not wrong."""
    options: dict[str, Mapping[str, Any]] = {
        "country": {code.lower(): name for code, name in countries.items()},
        "level": LEVELS,
        "time": TIMES if starter.asks_time else {},
    }
    known = [name for name, some in options.items() if some]
    problems = list_unknown(data.items(), known)
    chosen = dict.fromkeys(options, "")
    for name in known:
        given = [value for value in data.getlist(name) if value.strip()]
        if name == "country":
            given = [normalise_country_code(value.strip()) for value in given]
        try:
            chosen[name] = OptionField(options=options[name]).clean(given) or ""
        except ValidationError as error:
            problems += [make_problem(name, one) for one in error.error_list]
    return Choices(chosen["country"].upper(), chosen["level"], chosen["time"]), problems


def find_answer(starter: Starter, chosen: Choices, catalogue: Catalogue) -> dict[str, Any]:
    """Return the part of the context that answers the reader's choices."""
    allowance = TIMES.get(chosen.time)
    seeker = Seeker(
        audiences=starter.audiences,
        country=chosen.country,
        levels=CODES.get(chosen.level, frozenset()),
        is_vocational=chosen.level == VOCATIONAL,
        hours=allowance.hours if allowance else None,
        by_evidence=starter.by_evidence,
    )
    country = Country.objects.get(code=chosen.country)
    fit = find_fitting(seeker, find_near(chosen.country, catalogue))
    return {
        "country": country,
        "level": LEVELS.get(chosen.level, ""),
        "allowance": allowance,
        "fit": fit,
        "missing": not fit.here,
        "none_timed": bool(fit.here) and all(offer.hours is None for offer in fit.here),
        "all_for_money": bool(fit.here) and all(offer.asks_for_money for offer in fit.here),
        **find_offices(country),
    }


def find_near(code: str, catalogue: Catalogue) -> list[str]:
    """Return the codes of the nearest countries with programmes, the nearest first."""
    index = catalogue.programmes
    return maps.find_nearest(code, index.count_values("country", index.everything), MOST_NEAR)


def find_offices(country: Country) -> dict[str, Any]:
    """Return whom to ask about a country: its national platforms that are active, then others.

    The others are organisations with their seat there that coordinate most running programmes.
    """
    platforms = (
        country.platforms.acting()
        .filter(level=NationalPlatform.Level.NATIONAL, status=Programme.Status.ACTIVE)
        .select_related("organisation")
    )
    running = Q(
        where_published("partnerships__programme__"),
        partnerships__role=Partnership.Role.COORDINATOR,
        partnerships__programme__status=Programme.Status.ACTIVE,
        partnerships__programme__countries=country,
    )
    numbers = Count("partnerships__programme", filter=running, distinct=True)
    seated = Organisation.objects.filter(country=country).annotate(running=numbers)
    found = list(platforms[:MOST_OFFICES])
    leading = [platform.organisation for platform in found if platform.organisation]
    others = seated.filter(running__gt=0).exclude(pk__in=[one.pk for one in leading])
    coordinators = list(others.order_by("-running", "name")[:MOST_OFFICES])
    return {
        "platforms": found,
        "coordinators": coordinators,
        "office": next(iter([*leading, *coordinators]), None),
    }
