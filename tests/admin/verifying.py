"""Helpers that check a record against its sources as a curator does, on the page for it."""

from typing import Any

from django.test import Client

from programmes.models import Programme
from stemobs.admin.verifying.answers import AskedFact
from stemobs.admin.verifying.pages import find_check_address


class OpenCheck:
    """The page of a record's check that somebody has open, with what they have chosen there."""

    def __init__(self, client: Client, record: Programme) -> None:
        self.client, self.record = client, record
        self.address = find_check_address(record)
        self.show(client.get(self.address))

    def show(self, page: Any) -> None:
        self.page = page
        self.asked: dict[str, AskedFact] = page.context["sheet"].asked
        self.data = {}
        for key, one in self.asked.items():
            self.data[f"seen-{key}"] = one.fact.digest
            if one.chosen:
                self.data[f"answer-{key}"] = one.chosen
            if one.answer:
                self.data |= {f"says-{key}": one.answer.says, f"place-{key}": one.answer.place}
                self.data |= {f"asked-{key}": one.answer.says}
                self.data |= {f"take-{key}-{name}": value for name, value in one.taken}

    def find_keys(self, row: Any) -> list[str]:
        """Return the keys of a fact beneath each of its sources."""
        return [key for key, one in self.asked.items() if one.fact.row == row]

    def answer(self, row: Any, answer: str, says: str = "", place: str = "") -> None:
        for key in self.find_keys(row):
            self.data |= {f"answer-{key}": answer, f"says-{key}": says, f"place-{key}": place}

    def answer_all(self, answer: str = "so") -> None:
        self.data |= {f"answer-{key}": answer for key in self.asked}

    def send(self, button: str = "_finish", **more: str) -> Any:
        """Send the page; if it is shown again, it is as the browser would send it next."""
        response = self.client.post(self.address, {**self.data, button: "1", **more})
        if response.status_code in (200, 409):
            self.show(response)
        return response

    def read_answers(self) -> dict[str, str]:
        return {key: one.chosen for key, one in self.asked.items() if one.chosen}
