"""Helpers that make people with roles, and records that they wrote."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Edit, Programme
from stemobs.catalogue.editing import edit
from stemobs.curation.roles import Role, give_role
from tests.builders import make_programme, make_publishable
from tests.catalogue.marks import begin_another_transaction

State = Programme.State


def make_person(role: Role | None, name: str = "") -> User:
    user = User.objects.create(username=name or f"some {role}", is_staff=True)
    give_role(user, role)
    return user


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def write_as(user: User | None, **fields: Any) -> Programme:
    """Make a programme that may be published, as somebody who writes it in the admin."""
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, user):
        programme = make_programme(**fields)
        make_publishable(programme)
    return programme


def change_as(user: User | None, programme: Programme, **fields: Any) -> None:
    """Change fields of a programme as somebody who does it in the admin."""
    with edit(Edit.Kind.CURATOR, user):
        Programme.objects.filter(pk=programme.pk).update(**fields)
    programme.refresh_from_db()


def find_state(programme: Programme) -> str:
    programme.refresh_from_db()
    return programme.state
