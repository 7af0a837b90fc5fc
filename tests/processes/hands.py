"""Commands of a clerk by which people decide in the admin: they open a page, and press a button.

A page is opened first and sent later. So two people can decide on the same thing at once.
"""

import os
import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

import html5lib
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from partnerships.models import Organisation, Partnership
from programmes.models import (
    BulkChange,
    ChangeDraft,
    Edit,
    Import,
    Programme,
    Reach,
    Revision,
    Source,
    Task,
    Version,
)
from stemobs.catalogue.editing import edit
from stemobs.curation.roles import Role, give_role
from tests.admin.bulk import walking as bulk
from tests.admin.drafting import read_messages
from tests.admin.forms import Open, address, errors_on, save
from tests.admin.importing import walking as importing
from tests.builders import (
    country,
    kind,
    level,
    make_citation,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)
from tests.pictures import read_image, write_image
from tests.processes.clerk import begin, command, prepare_to_look

Fields = dict[str, list[str]]
ROWS = 12  # new records of a file
opened: dict[str, Any] = {}  # the page that somebody has open: its address and its fields
SENT = {"_send": "1"}


def sign_in(name: str, role: Role) -> Client:
    """Return the browser of somebody with a role, where a second person has to approve."""
    prepare_to_look()
    settings.FOUR_EYES = True  # until somebody alone curates in this process
    user, is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if is_new:
        give_role(user, role)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


# --- What waits for somebody ----------------------------------------------------------------------


@command
def prepare(what: str, word: str) -> dict[str, Any]:
    """Make what two people will decide on; return the address of its page."""
    places = {
        "draft": write_draft, "bulk": choose_many, "import": take_in, "merger": make_twins,
        "file": read_in, "record": open_to_all, "sources": make_sources,
        "organisations": make_organisations,
    }  # fmt: skip
    return places[what](word)


def make_record(word: str, **fields: Any) -> Programme:
    with transaction.atomic(), edit(Edit.Kind.SEED):
        record = make_programme(slug=word, name=word, summary="A.", **fields)
        record.countries.add(country("NL"))
        record.kinds.add(kind("company-visits"))
        make_citation(record, source=make_source(slug=f"{word}-source"))
    return record


def open_to_all(word: str) -> dict[str, Any]:
    return {"page": address(make_record(word), "change")}


def write_draft(word: str) -> dict[str, Any]:
    record = make_record(word)
    answer = save(sign_in("anna", Role.CURATOR), record, {"summary": f"{word} after.", **SENT})
    assert answer.status_code == 302, read_messages(answer)
    return {"page": reverse("admin:programmes_programme_draft", args=[record.pk])}


def choose_many(word: str) -> dict[str, Any]:
    records = [make_record(f"{word}-{number}") for number in range(3)]
    client = sign_in("anna", Role.CURATOR)
    batch = bulk.tick(client, *records)
    bulk.choose(client, batch, "levels:add", terms=[level(3).pk])
    bulk.confirm(client, batch)
    return {"page": bulk.find_page(batch, "batch")}


def take_in(word: str) -> dict[str, Any]:
    """Import two records that may be published as they are."""
    client = sign_in("anna", Role.CURATOR)
    names = (word, f"{word[::-1]} of the north")
    rows = [f"{name};Netherlands;;;{len(name)};2023" for name in names]
    sheet = importing.make_drafts(client, *rows)
    made = [row.programme for row in sheet.rows.all()]
    for record in made:
        filled = {"summary": "A.", "kinds": [kind("company-visits").pk], "state": "review"}
        assert save(client, record, filled).status_code == 302
    opening = [
        reverse("admin:programmes_import_row", args=[sheet.pk, row.pk]) for row in sheet.rows.all()
    ]
    return {"page": importing.find_step(sheet, "batch"), "first": opening}


def read_in(word: str) -> dict[str, Any]:
    """Take in a file of twelve new records, and of a published one that gets a website."""
    known = make_record(word)
    rows = [
        f"{word} {sha256(f'{word} {one}'.encode()).hexdigest()[:20]};Poland;"
        f"https://p{one}-{word}.example;Universität {word} {one % 7};{one + 100};2023"
        for one in range(ROWS)
    ]
    client = sign_in("anna", Role.CURATOR)
    sheet = importing.take_in(client, *rows, f"{known};;https://{word}.example;;;")
    importing.map_columns(client, sheet)
    return {"page": importing.find_step(sheet, "confirm")}


def make_twins(word: str) -> dict[str, Any]:
    stays, goes = make_record(word), make_record(f"{word}-2")
    page = reverse("admin:programmes_programme_merge", args=[stays.pk])
    return {"page": f"{page}?with={goes.pk}", "stay": str(stays.pk)}


def make_sources(word: str) -> dict[str, Any]:
    """Make two sources from which a record has the same figure, and each another one."""
    record = make_record(word)
    with transaction.atomic(), edit(Edit.Kind.SEED):
        both = [make_source(slug=f"{word}-{one}", title=word) for one in ("one", "two")]
        for number, source in enumerate(both):
            make_reach(record, 120, source=source)
            make_reach(record, 100 + number, source=source)
    return describe_two(record, *both)


def make_organisations(word: str) -> dict[str, Any]:
    """Make two organisations that have the same role in a record, and each another one."""
    record = make_record(word)
    with transaction.atomic(), edit(Edit.Kind.SEED):
        both = [make_organisation(slug=f"{word}-{one}", name=word) for one in ("one", "two")]
        for organisation, role in zip(both, ("founder", "funder"), strict=True):
            make_partnership(record, organisation)
            make_partnership(record, organisation, role)
    return describe_two(record, *both)


def describe_two(record: Programme, one: Any, other: Any) -> dict[str, Any]:
    page = reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_merge", args=[one.pk])
    form = reverse("admin:programmes_programme_change", args=[record.pk])
    both = [str(one.pk), str(other.pk)]
    return {"page": f"{page}?with={other.pk}", "stay": both[0], "both": both, "form": form}


@command
def open_task(word: str) -> dict[str, Any]:
    record = make_programme(slug=word, name=word)
    task = Task.objects.create(
        kind="gap", key=word, programme=record, told=word, opened_at="2026-11-29T03:00Z",
        seen_at="2026-11-29T03:00Z",
    )  # fmt: skip
    return {"page": reverse("admin:programmes_task_change", args=[task.pk]), "task": task.pk}


@command
def hold_task(task: int) -> None:
    """Begin a transaction that keeps others from a task."""
    begin()
    Task.objects.select_for_update().get(pk=task)


# --- Deciding -------------------------------------------------------------------------------------


@command
def open_page(
    name: str,
    page: str,
    first: list[str] = (),
    role: str = Role.REVIEWER,
    *,
    four_eyes: bool = True,
) -> None:
    """Open a page as somebody, after others that have to be opened first."""
    client = sign_in(name, Role(role))
    settings.FOUR_EYES = four_eyes
    for path in first:
        assert client.get(path).status_code == 302
    answer = client.get(page)
    assert answer.status_code == 200
    opened.update(client=client, page=page, html=answer.content.decode())


@command
def press(button: str, **fields: str) -> list[Any]:
    """Press a button on the open page; return the status, and what somebody is told."""
    sent = {**read_fields(opened["html"], button), button: "1", **fields}
    answer = opened["client"].post(opened["page"], sent)
    told = [read_messages(answer)]
    if answer.status_code == 302:  # where messages stand that were kept for the next page
        path = urlsplit(answer["Location"])
        opened["client"].get(f"{path.path}?{path.query}")
    else:
        told += map(str, (answer.context or {}).get("refused", ()))
    return [answer.status_code, " ".join(told)]


def read_fields(html: str, button: str) -> Fields:
    """Return what a browser would send of the form that has a button."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    forms = page.iter("form")
    form = next(one for one in forms if any(i.get("name") == button for i in one.iter("input")))
    sent: Fields = {}
    for field in (*form.iter("input"), *form.iter("textarea")):
        is_off = field.get("type") in ("checkbox", "radio") and field.get("checked") is None
        if field.get("type") != "submit" and field.get("disabled") is None and not is_off:
            told = field.text if field.tag == "textarea" else field.get("value")
            sent.setdefault(field.get("name", ""), []).append(told or "")
    for choice in form.iter("select"):
        chosen = (one.get("value", "") for one in choice.iter("option") if "selected" in one.attrib)
        sent.setdefault(choice.get("name", ""), []).extend(chosen)
    return sent


# --- Uploading ------------------------------------------------------------------------------------


@command
def open_form(name: str, word: str, is_reviewed: bool) -> None:
    """Open the form of a record, where a second person has to approve its changes or not."""
    client = sign_in(name, Role.CURATOR)
    settings.FOUR_EYES = is_reviewed
    opened["form"] = Open(client, Programme.objects.get(slug=word))


@command
def choose_picture(colour: str) -> list[Any]:
    """Save the open form with a picture; return the status, and what is asked or told.

    All that is said of the picture is the same whatever it shows.
    """
    picture = write_image(Image.new("RGB", (400, 200), colour), "PNG")
    file = SimpleUploadedFile("a.png", picture, "image/png")
    form = opened["form"]
    form.send({"logo": file, "logo_alt": "A wall", "logo_licence": "CC0 1.0", "_save": "1"})
    is_saved = form.page.status_code == 302
    return [form.page.status_code, read_messages(form.page) if is_saved else errors_on(form.page)]


@command
def list_pictures(word: str) -> dict[str, Any]:
    """Return the pictures that some row has, those of which files are there, and one's colour."""
    records = Programme.objects.exclude(logo="").values_list("logo", flat=True)
    drafts = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN).exclude(picture="")
    used = {*records, *drafts.values_list("picture", flat=True)}
    folders = [Path(settings.MEDIA_ROOT), Path(settings.DRAFTS_ROOT)]
    files = [one for folder in folders for one in folder.rglob("*") if one.is_file()]
    record = Programme.objects.get(slug=word)
    draft = drafts.filter(programme=record).first()
    with default_storage.open(draft.picture if draft else record.logo.name) as file:
        colour = read_image(file.read()).convert("RGB").getpixel((9, 9))
    return {
        "used": sorted({PurePath(name).name.split(".")[0] for name in used}),
        "there": sorted({one.name.split(".")[0] for one in files}),
        "colour": list(colour),
    }


# --- Dying in the middle --------------------------------------------------------------------------


@command
def count_statements(button: str, **fields: str) -> int:
    """Press a button, take back all it wrote, and return how many statements that took."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        asked.append(statement)
        return execute(statement, *rest)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            press(button, **fields)
        transaction.set_rollback(True)
    return len(asked)


@command
def die_at(number: int, button: str, **fields: str) -> None:
    """Press a button, and be killed as by `kill -9` before so many more statements are run."""
    left = [number]

    def count(execute: Callable[..., Any], *rest: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*rest)

    with connection.execute_wrapper(count):
        press(button, **fields)
    os.kill(os.getpid(), signal.SIGKILL)


# --- What came of it ------------------------------------------------------------------------------


@command
def tell_all(word: str) -> dict[str, Any]:
    """Return all that deciding writes of the records of a test."""
    records = Programme.objects.filter(slug__startswith=word).order_by("pk")
    pks = [one.pk for one in records]
    return {
        "revision": Revision.objects.get().number,
        "edits": Edit.objects.count(),
        "versions": Version.objects.filter(programme_id__in=pks).count(),
        "records": [
            [
                one.state,
                one.summary,
                one.merged_into_id,
                [*one.levels.values_list("code", flat=True)],
            ]
            for one in records
        ],
        "drafts": [*ChangeDraft.objects.filter(programme__in=pks).values_list("state", flat=True)],
        "steps": ChangeDraft.objects.filter(programme__in=pks).values("steps").count(),
        "batches": [*BulkChange.objects.order_by("pk").values_list("state", flat=True)],
        "rows": [
            edit is not None
            for (edit,) in BulkChange.objects.filter(rows__programme__in=pks).values_list(
                "rows__edit"
            )
        ],
        "shared": [
            one.slug
            for model in (Source, Organisation)
            for one in model.objects.filter(slug__in=[f"{word}-one", f"{word}-two"])
        ],
        "named": sorted(
            slug
            for model, name in ((Reach, "source"), (Partnership, "organisation"))
            for (slug,) in model.objects.filter(programme__in=pks).values_list(f"{name}__slug")
        ),
        "imports": [*Import.objects.order_by("pk").values_list("state", flat=True)],
    }
