"""Helpers that make two records which are the same, and merge them as people do in the admin."""

from typing import Any

from django.test import Client
from django.urls import reverse

from programmes.models import Programme
from tests.builders import (
    country,
    kind,
    level,
    make_citation,
    make_name,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)


def make_two(**fields: Any) -> tuple[Programme, Programme]:
    """Make two published records of one programme, which agree in part."""
    both = {"countries": [country("NO")], "kinds": [kind("company-visits")], **fields}
    stays = make_programme(
        slug="jenter", name="Jenter og teknologi", website="https://www.nho.example/jenter",
        status="active", year_start=2004, levels=[level(2)], **both,
    )  # fmt: skip
    goes = make_programme(
        slug="girls", name="Girls and Technology", website="http://nho.example/jenter/",
        status="completed", levels=[level(2), level(3)], summary="Career days.",
        region="Oslo", curators_note="Ask the office.", **both,
    )  # fmt: skip
    for one in (stays, goes):
        make_citation(one, source=make_source(slug=f"of-{one.slug}"))
    return stays, goes


def add_facts(stays: Programme, goes: Programme, organisation: Any) -> None:
    """Give two records a figure and a partner alike, and each a figure of its own."""
    sources = [one.citations.get().source for one in (stays, goes)]
    for one, source in zip((stays, goes), sources, strict=True):
        make_reach(one, 120, year_from=2022, year_to=2022, source=source)
        make_partnership(one, organisation, role="coordinator", source=source)
    make_reach(stays, 10000, year_from=2019, year_to=2019, source=sources[0])
    make_reach(goes, 11000, year_from=2019, year_to=2019, source=sources[1])
    make_reach(goes, 9000, year_from=2015, year_to=2015, source=sources[1])
    make_name(goes, "Jenter & Teknologi")


def find_address(one: Any, other: Any) -> str:
    meta = one._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_merge", args=[one.pk])
    return f"{address}?with={getattr(other, 'pk', other)}"


class OpenMerger:
    """The page of two records that somebody has open: sent with choices, or again."""

    def __init__(self, client: Client, one: Any, other: Any) -> None:
        self.client = client
        self.address = find_address(one, other)
        self.page: Any = client.get(self.address)
        assert self.page.status_code == 200
        self.data = self.read()

    @property
    def told(self) -> Any:
        """What the page knows of the two."""
        return self.page.context["page"]

    def read(self) -> dict[str, Any]:
        """Return what a browser would send, with the choices that are made already."""
        data = {"drawn": self.told.seen, "reason": self.told.reason}
        if self.told.stays:
            data["stay"] = str(self.told.stays.pk)
        for question in self.told.comparison.questions:
            chosen = [sent for sent, _label, is_chosen in question.options if is_chosen]
            data |= dict.fromkeys([question.name] * len(chosen), "".join(chosen))
        return data

    def choose(self, **answers: Any) -> None:
        """Choose by the names of what is asked: a record, “both”, “keep” or “leave”."""
        for question in self.told.comparison.questions:
            wanted = answers.get(question.name.partition("-")[0])
            wanted = str(getattr(wanted, "pk", wanted))
            offered = [one for one, _label, _chosen in question.options]
            found = [one for one in offered if one.partition(":")[0] == wanted]
            data = dict.fromkeys([question.name], found[0]) if found else {}
            self.data |= data

    def send(self, button: str = "_merge", **data: Any) -> Any:
        """Send the page; if it comes back, it holds what the browser would show and send again."""
        self.data |= data
        self.page = self.client.post(self.address, {**self.data, button: "1"})
        if self.page.status_code == 409:
            self.data = self.read()
        return self.page

    @property
    def refusals(self) -> str:
        assert self.page.status_code == 409
        return " ".join(map(str, self.page.context["refused"]))


def merge(client: Client, stays: Programme, goes: Programme, **answers: Any) -> Any:
    """Merge one record into another; what is not said is as the one that stays has it."""
    form = OpenMerger(client, stays, goes)
    default = {one.name.partition("-")[0]: stays for one in form.told.comparison.questions}
    items = dict.fromkeys(("levels", "kinds", "countries"), "keep")
    form.choose(**{**default, **items, **answers})
    done = form.send(stay=str(stays.pk), reason="Same website.")
    assert done.status_code == 302, form.refusals
    stays.refresh_from_db()
    goes.refresh_from_db()
    return done
