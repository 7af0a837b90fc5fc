"""Enters a programme in its real form as a curator would, and counts what that takes.

The time is that of the keystroke-level model: so much for each key, each click and each thought
before a field or at a line that is read back. Reading the sources is not counted.
"""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from programmes.models import Programme
from tests.admin.forms import address, errors_on, filled_in

KEY = 0.28  # seconds
CLICK = 1.1
THOUGHT = 1.35
PASTED = 8  # keys that pasting an address or a title takes, with going there to copy it


@dataclass
class Curator:
    """Somebody with the form of a new programme open."""

    client: Client
    page: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    fields: int = 0
    clicks: int = 0
    keys: int = 0
    thoughts: int = 0

    def open(self) -> None:
        self.show(self.client.get(address(Programme, "add")))

    def show(self, page: Any) -> None:
        self.page, self.data = page, filled_in(page)

    @property
    def minutes(self) -> float:
        return (self.keys * KEY + self.clicks * CLICK + self.thoughts * THOUGHT) / 60

    # What a curator does

    def reach(self, name: str) -> None:
        """Go to a field, which has to be on the page."""
        assert f'name="{name}"' in self.page.content.decode()
        self.fields += 1
        self.clicks += 1
        self.thoughts += 1

    def type(self, name: str, text: str) -> None:
        self.reach(name)
        self.keys += len(text)
        self.data[name] = text

    def paste(self, name: str, text: str) -> None:
        self.reach(name)
        self.keys += PASTED
        self.data[name] = text

    def choose(self, name: str, value: str) -> None:
        """Open a list and choose in it."""
        self.reach(name)
        self.clicks += 1
        self.data[name] = value

    def pick(self, name: str, typed: str, value: Any) -> None:
        """Type the beginning of a name, and take the first that is found."""
        self.reach(name)
        self.keys += len(typed) + 1
        self.data[name] = value

    def tick(self, name: str, *values: Any) -> None:
        self.reach(name)
        self.clicks += len(values) - 1
        self.data[name] = list(values)

    def write_lines(self, prefix: str, *lines: str) -> None:
        """Type lines, each of which counts as a field."""
        self.reach(f"_lines-{prefix}")
        self.fields += len(lines) - 1
        self.thoughts += len(lines) - 1
        self.keys += sum(len(line) + 1 for line in lines)
        self.data[f"_lines-{prefix}"] = "\n".join(lines)

    def paste_sources(self, *sources: tuple[str, str]) -> None:
        """Paste addresses and titles, each pair on a line of its own."""
        self.write_lines("citations", *("" for _source in sources))
        self.keys += 2 * PASTED * len(sources)
        self.data["_lines-citations"] = "\n".join(" ".join(source) for source in sources)

    def read(self, prefix: str) -> None:
        """Press the button that reads lines, and look at each row that comes back."""
        before = int(self.data[f"{prefix}-TOTAL_FORMS"])
        self.press("_read", prefix)
        self.thoughts += int(self.data[f"{prefix}-TOTAL_FORMS"]) - before

    def add(self, prefix: str) -> None:
        self.press("_add", prefix)

    def press(self, button: str, value: str) -> None:
        assert f'name="{button}" value="{value}"' in " ".join(self.page.content.decode().split())
        self.clicks += 1
        page = self.client.post(address(Programme, "add"), {**self.data, button: value})
        assert page.status_code == 200
        self.show(page)

    def save(self) -> Programme:
        self.clicks += 1
        page = self.client.post(address(Programme, "add"), self.data)
        assert page.status_code == 302, errors_on(page)
        return Programme.objects.order_by("pk").last()
