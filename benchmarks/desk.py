"""Measures the admin within one process: lists, pickers, the form, publishing, history."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.servers import HOST
from benchmarks.shapes import Draw
from programmes.models import (
    Citation,
    Country,
    Edit,
    InitiativeKind,
    Programme,
    Reach,
    Source,
    Task,
    Version,
)
from stemobs.catalogue.editing import edit
from stemobs.catalogue.triggers.installing import (
    install_triggers,
    list_standing_tables,
    remove_triggers,
)
from stemobs.catalogue.triggers.postgresql import write_postgresql_triggers
from stemobs.catalogue.triggers.sqlite import write_sqlite_triggers
from stemobs.curation.tasks.watching import CHECKS, look
from stemobs.encoding import to_json

WRITE = {"sqlite": write_sqlite_triggers, "postgresql": write_postgresql_triggers}
LIST = "admin:programmes_programme_changelist"
TASKS = "admin:programmes_task_changelist"
FORM = "admin:programmes_programme_change"
PAIRS = 15  # of saves with and without history
OUR = "bench-curating"  # the name of the user and of the record that are made for this


# --- Asking ---------------------------------------------------------------------------------------


class FormReader(HTMLParser):
    """Reads what a browser would send of the form on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self.name = self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        match tag, told.get("type", ""):
            case "input", "checkbox" | "radio" if name and "checked" in told:
                self.data.setdefault(name, []).append(told.get("value", "on"))
            case "input", "hidden" | "text" | "number" | "url" | "email" if name:
                self.data[name] = told.get("value", "")
            case "select", _:
                self.name = name
            case "option", _ if "selected" in told and self.name:
                self.data.setdefault(self.name, []).append(told.get("value", ""))
            case "textarea", _:
                self.name, self.text = name, ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.data[self.name] = self.text.removeprefix("\n")
        if tag in ("textarea", "select"):
            self.name = ""


def read_form(html: str) -> dict[str, Any]:
    reader = FormReader()
    reader.feed(html)
    return {name: told for name, told in reader.data.items() if "__prefix__" not in name}


class Watch:
    """Measures how long something takes, and how much of that this process computes."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.cpu: list[float] = []

    @contextmanager
    def measure(self) -> Iterator[None]:
        start, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds.append(time.perf_counter() - start)
        self.cpu.append(time.process_time() - cpu)

    def tell(self) -> dict[str, list[float]]:
        return {"seconds": self.seconds, "cpu": self.cpu}


class Desk:
    """A curator at the admin, and how long it takes to answer."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.client = Client(headers={"host": HOST})
        users = get_user_model().objects
        user, _made = users.get_or_create(username=OUR, is_staff=True, is_superuser=True)
        self.client.force_login(user)

    def get(self, address: str) -> Any:
        answer = self.client.get(address, secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return answer

    def time(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """Return how long something takes by round, after a warm-up, and its queries."""
        ask()
        with CaptureQueriesContext(connection) as captured:
            ask()
        reads = [one for one in captured if one["sql"].startswith(("SELECT", "("))]
        watch = Watch()
        for _round in range(self.rounds):
            with watch.measure():
                ask()
        return {**watch.tell(), "queries": len(reads)}

    def time_address(self, name: str, **parameters: Any) -> dict[str, Any]:
        address = f"{reverse(name)}?{urlencode(parameters)}"
        return self.time(lambda: self.get(address))

    def time_picker(self, column: str, term: str) -> dict[str, Any]:
        app, model, field = column.split(".")
        asked = {"app_label": app, "model_name": model, "field_name": field, "term": term}
        return self.time_address("admin:autocomplete", **asked)


# --- What is asked --------------------------------------------------------------------------------


def time_lists(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    draw = Draw(1)
    word, country = draw.frequent_word(), draw.programme().countries.order_by("pk")[0]
    asked: dict[str, dict[str, Any]] = {
        "all": {},
        "a later page": {"p": 5},
        "a state": {"state__exact": "draft"},
        "a missing fact": {"missing": "reach"},
        "evidence": {"evidence": "monitored"},
        "not checked for a year": {"verified": "due"},
        "a level": {"levels__id__exact": 4},
        "a country": {"countries__id__exact": country.pk},
        "a frequent word": {"q": word},
        "two words": {"q": " ".join(draw.programme_with_words()[1])},
        "a rare word": {"q": draw.rare_word()},
        "a word and a filter": {"q": word, "missing": "reach"},
        "most missing first": {"o": "-4"},
    }
    for name, parameters in asked.items():
        yield "list", name, desk.time_address(LIST, **parameters)
    yield "list", "organisations", desk.time_address("admin:partnerships_organisation_changelist")
    yield "list", "sources", desk.time_address("admin:programmes_source_changelist")


def time_pickers(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    programme = Draw(2).programme(partnerships__isnull=False)
    organisation = programme.partnerships.order_by("position")[0].organisation
    asked = {
        "a country by its code": ("programmes.programme.countries", "NO"),
        "an organisation": ("partnerships.partnership.organisation", organisation.name),
        "organisations by a letter": ("partnerships.partnership.organisation", "a"),
        "a source": ("programmes.reach.source", "stem"),
        "sources, nothing typed": ("programmes.reach.source", ""),
        "a programme": ("programmes.programme.merged_into", programme.name),
        "programmes by a letter": ("programmes.programme.merged_into", "s"),
        "a word that no row has": ("programmes.programme.merged_into", "qqxxqq"),
    }
    for name, (column, term) in asked.items():
        yield "picker", name, desk.time_picker(column, term)
    yield "picker", "the first after a save", time_after_saves(desk, programme)


def time_after_saves(desk: Desk, programme: Programme) -> dict[str, Any]:
    """Return how long a picker takes that has to see what was just saved."""
    watch = Watch()
    asked = {"app_label": "programmes", "model_name": "programme", "field_name": "merged_into"}
    address = f"{reverse('admin:autocomplete')}?{urlencode({**asked, 'term': programme.name})}"
    for _round in range(desk.rounds):
        with edit(Edit.Kind.TASK):
            Programme.objects.filter(pk=programme.pk).update(changed_at=timezone.now())
        with watch.measure():
            desk.get(address)
    return {**watch.tell(), "queries": None}


def time_form(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    programme = Draw(3).programme(reach__isnull=False, funding__isnull=False)
    address = reverse(FORM, args=[programme.pk])
    yield "form", "of a programme", desk.time(lambda: desk.get(address))


def time_tasks(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    """Time the desk and the queues, with the tasks of a look at everything; delete these then."""
    watch = Watch()
    try:
        for kind in CHECKS:
            with watch.measure():
                look([kind])
        seconds = dict(zip(CHECKS, watch.seconds, strict=True))
        cpu = dict(zip(CHECKS, watch.cpu, strict=True))
        alone = Task.Kind.DUPLICATE
        once = {"seconds": [seconds[alone]], "cpu": [cpu[alone]], "queries": None}
        yield "duplicates", "a look for them", once
        yield "desk", "what waits for somebody", desk.time_address("admin:index")
        yield "desk", "a queue, all", desk.time_address(TASKS)
        for kind in (Task.Kind.GAP, Task.Kind.STALE, alone):
            yield "desk", f"a queue, {kind.label}", desk.time_address(TASKS, kind__exact=kind.value)
    finally:
        Task.objects.all().delete()


# --- Publishing -----------------------------------------------------------------------------------


@contextmanager
def make_draft() -> Iterator[Programme]:
    """Make a draft that may be published, and delete it afterwards."""
    Programme.objects.filter(slug=OUR).delete()
    source, _made = Source.objects.get_or_create(slug=OUR, title=OUR)
    programme = Programme.objects.create(slug=OUR, name=OUR, summary="Made.", scope="national")
    programme.countries.add(Country.objects.get(code="NL"))
    programme.kinds.add(InitiativeKind.objects.all()[0])
    basis = Citation.Basis.STATED
    Citation.objects.create(programme=programme, position=1, basis=basis, source=source)
    unit = Reach._meta.get_field("unit").related_model.objects.all()[0]
    Reach.objects.create(programme=programme, position=1, value=7, unit=unit, source=source)
    try:
        yield programme
    finally:
        programme.delete()


class Publishing:
    """Publishes a draft again and again, each time after it was made a draft."""

    def __init__(self, desk: Desk, programme: Programme) -> None:
        self.desk = desk
        self.pk = programme.pk
        self.own = Programme.objects.filter(pk=programme.pk)
        self.address = reverse(FORM, args=[programme.pk])

    def publish_by_form(self, watch: Watch) -> None:
        self.own.update(state=Programme.State.DRAFT)
        sent = read_form(self.desk.get(self.address).content.decode())
        self.send(watch, self.address, {**sent, "state": "published"})

    def publish_by_action(self, watch: Watch) -> None:
        self.own.update(state=Programme.State.DRAFT)
        self.send(watch, reverse(LIST), {"action": "publish", "_selected_action": [self.pk]})

    def send(self, watch: Watch, address: str, data: dict[str, Any]) -> None:
        with watch.measure():
            self.desk.client.post(address, data, secure=True)
        if not self.own.published().exists():
            raise RuntimeError(f"What was sent to {address} did not publish.")


def time_publishing(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    with make_draft() as programme:
        publishing = Publishing(desk, programme)
        ways = {"form": publishing.publish_by_form, "action": publishing.publish_by_action}
        for name, publish in ways.items():
            publish(Watch())  # the first fills what is kept
            with CaptureQueriesContext(connection) as captured:
                publish(Watch())
            queries = len(captured)
            watch = Watch()
            for _round in range(desk.rounds):
                publish(watch)
            yield "publishing", f"by the {name}", {**watch.tell(), "queries": queries}


# --- History --------------------------------------------------------------------------------------


def measure_history(desk: Desk) -> dict[str, Any]:
    """Return what the history keeps of changes, beside the rows' own JSON, and what it costs."""
    with make_draft() as programme:
        programme_was, programme_row = measure_version(programme, summary="Made anew.")
        figure_was, figure_row = measure_version(programme.reach.get(), value=8)
        with_steps, without = time_saves(Publishing(desk, programme))
    return {
        "figure_bytes": figure_was,
        "figure_share": figure_was / figure_row,
        "programme_share": programme_was / programme_row,
        "with": with_steps,
        "without": without,
    }


def measure_version(row: Any, **changes: Any) -> tuple[int, int]:
    """Return the bytes that the history keeps of a row that changes, and those of its JSON."""
    own = len(to_json(type(row).objects.filter(pk=row.pk).values().get()))
    last = Version.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    type(row).objects.filter(pk=row.pk).update(**changes)
    (version,) = Version.objects.filter(pk__gt=last, object_id=row.pk).order_by("pk")[:1]
    return len(to_json(version.was)), own


def time_saves(publishing: Publishing) -> tuple[list[float], list[float]]:
    """Return the seconds of saves with the history's steps of the triggers, and without them.

    They take turns, so that a slow spell of the machine hits both alike. After each turn one save
    is not counted, because the database reads its triggers anew.
    """
    with_steps, without = Watch(), Watch()
    try:
        for watch in (with_steps, without) * PAIRS:
            install(keeps_history=watch is with_steps)
            for counted in (Watch(), watch):
                publishing.publish_by_form(counted)
    finally:
        install_triggers("default")
    return with_steps.seconds, without.seconds


def install(keeps_history: bool) -> None:
    """Make all triggers anew, with or without the steps that keep versions."""
    install_triggers("default")
    if keeps_history:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        remove_triggers("default")
        for one in list_standing_tables(connection):
            for statement in WRITE[connection.vendor](one._replace(columns=())):
                cursor.execute(statement)


def main(rounds: str) -> None:
    """Write all measurements as JSON."""
    desk = Desk(int(rounds))
    rows = [
        *time_lists(desk),
        *time_pickers(desk),
        *time_form(desk),
        *time_tasks(desk),
        *time_publishing(desk),
    ]
    measured = {
        "day": timezone.now().isoformat(),
        "rows": [{"kind": kind, "name": name, **found} for kind, name, found in rows],
        "history": measure_history(desk),
    }
    sys.stdout.write(json.dumps(measured))
