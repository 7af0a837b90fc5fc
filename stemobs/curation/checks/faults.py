"""What a check finds in a record: a fault, which is an error or only a warning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class Fault:
    """What is wrong or odd in a record, and where: its row, and the field of this.

    An error keeps a record from readers. A warning is let pass by whoever says why it is right.
    """

    text: str
    row: models.Model
    field: str = ""  # a column of the row; of a programme also a kind of facts, such as citations
    is_error: bool = True

    def __str__(self) -> str:
        return self.text


class Faulty(Exception):
    """Something that readers would see, and that is not as it has to be."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        self.reasons = [*map(str, faults)]
        super().__init__(" ".join(self.reasons))


def warn(text: str, row: Any, field: str = "") -> Fault:
    return Fault(text, row, field, is_error=False)
