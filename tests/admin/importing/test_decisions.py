"""Imports: how many decisions a spreadsheet of twenty programmes takes, from upload to readers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programmes.models import Import, Programme
from tests.admin.forms import save
from tests.admin.importing.walking import answer, find_step
from tests.builders import kind
from tests.curation.people import State, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MOST = 120
NAMES = (
    "Alchemicy jutra", "Bursztynowy robot", "Ciekawi świata", "Dron nad Odrą",
    "Elektronika z klasą", "Fabryka pytań", "Grafen w szkole", "Hutnicy przyszłości",
    "Inżynierka roku", "Jutro to my", "Kopernik na wsi", "Laser i lupa", "Matematyka w porcie",
    "Napęd na naukę", "Od nasion do danych", "Pracownia pary", "Rakiety z Rybnika",
    "Słońce w sieci", "Turbina talentów", "Wodór dla młodych",
)  # fmt: skip
FILE = [
    "Nazwa;Kraj;Kto prowadzi;Uczestnicy;Rok danych;Strona",
    *(
        f"{NAMES[number]};{place};Fundacja Quorvex {number % 5};{reach};{year};"
        f"https://quorv-{number}.example"
        for number, (place, reach, year) in enumerate(
            [("Polska", "ponad 62.000", "2023"), ("PL", "ok. 3 400", "2021/22")] * 9
            + [("Słowacja", "320", "2O19"), ("Polska", "12.500", "2020")]
        )
    ),
]


class Decider:
    """Somebody at work, whose clicks and answers are counted."""

    def __init__(self, user: User) -> None:
        self.client = sign_in(user)
        self.number = 0

    def open(self, address: str) -> Any:
        self.number += 1
        return self.client.get(address)

    def answer(self, sheet: Import, step: str, **given: str) -> Any:
        """Give some answers on a page, and press its button."""
        self.number += len(given) + 1
        return answer(self.client, sheet, step, **given)


def list_asked(client: Client, sheet: Import) -> Iterator[tuple[str, str]]:
    """Yield the questions and problems on the page of rows, with what this person would say."""
    page = client.get(find_step(sheet, "rows"))
    for one, *_more in page.context["questions"]:
        yield f"answer:{one.key}", one.options[0][0]
    for row in page.context["problems"]:
        for cell in row.faulty:
            yield cell.place, cell.raw.replace("O", "0")


@pytest.mark.trial
def test_twenty_programmes_take_at_most_120_decisions(
    anna: User, rita: User, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    kind("company-visits")
    importer, reviewer = Decider(anna), Decider(rita)
    content = SimpleUploadedFile("lista.csv", "\r\n".join(FILE).encode("cp1250"))
    importer.number += 3  # the file, who sent it, and the button
    importer.client.post(
        reverse("admin:programmes_import_add"), {"file": content, "sender": "Kuratorium"}
    )
    sheet = Import.objects.get()
    importer.answer(sheet, "reading", _next="1")
    map_columns(importer, sheet)
    while asked := dict(list_asked(importer.client, sheet)):
        importer.answer(sheet, "rows", **asked)
    digest = importer.open(find_step(sheet, "confirm")).context["digest"]
    answer(importer.client, sheet, "confirm", _plan=digest)
    importer.number += 1
    rows = [*sheet.rows.all()]
    assert len(rows) == 20
    for number, row in enumerate(rows):
        # What the file does not say: the record is opened, written and saved.
        write_summary(importer.client, row.programme, in_form=number < 2)
        importer.number += 3
    for row in rows:
        reviewer.open(reverse("admin:programmes_import_row", args=[sheet.pk, row.pk]))
    page = reviewer.open(find_step(sheet, "batch"))
    chosen = [one.row.pk for one in page.context["rows"] if one.is_seen and not one.refusal]
    data = {"drawn": page.context["drawn"], "chosen": chosen, "_approve": "1"}
    reviewer.client.post(find_step(sheet, "batch"), data)
    reviewer.number += 1
    published = Programme.objects.filter(name__in=NAMES, state=State.PUBLISHED)
    assert published.count() == 20
    assert published.get(name=NAMES[0]).reach.get().value == 62_000
    assert published.get(name=NAMES[18]).reach.get().year_to == 2019
    assert importer.number + reviewer.number <= MOST


def write_summary(client: Client, programme: Programme, *, in_form: bool) -> None:
    """Write what a programme does, in its form or, as that takes long, as the form would."""
    summary = f"Lets pupils build {programme.pk} robots."
    if in_form:
        save(client, programme, {"summary": summary})
    else:
        Programme.objects.filter(pk=programme.pk).update(summary=summary)


def map_columns(importer: Decider, sheet: Import) -> None:
    """Say what the columns are whose names do not say it, and what the file does not say."""
    page = importer.client.get(find_step(sheet, "columns"))
    shown = {f"column:{one.place}": one.target for one, _values, _chosen in page.context["columns"]}
    asked = {
        f"answer:column:{one.place}": one.question.options[0][0]
        for one, _values, _chosen in page.context["columns"]
        if one.question
    }
    chosen = {"all:level": "2", "all:kind": "company-visits"}
    answer(importer.client, sheet, "columns", **shown, **asked, **chosen)
    importer.number += len(asked) + len(chosen) + 1
