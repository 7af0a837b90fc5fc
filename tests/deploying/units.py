"""Reads the units of deploy/systemd as systemd would, and says how it runs them."""

import re
import shlex
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
# Holds for each service whose name begins with “stem-” and has no @.
COMMON = UNITS / "stem-.service.d/common.conf"


@dataclass(frozen=True)
class Unit:
    """A unit with what is common to all services, as lists of values by section and name."""

    file: Path

    @cached_property
    def values(self) -> dict[tuple[str, str], list[str]]:
        text = self.file.read_text()
        if self.file.suffix == ".service" and "@" not in self.file.name:
            text += COMMON.read_text()
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        section = ""
        for line in text.splitlines():
            if header := re.fullmatch(r"\[(\w+)\]", line):
                section = header[1]
            elif line and not line.startswith("#"):
                name, _equals, value = line.partition("=")
                found[section, name].append(value)
        return dict(found)

    @property
    def commands(self) -> list[list[str]]:
        """What the service runs, one after another."""
        return [shlex.split(line) for line in self.values["Service", "ExecStart"]]

    def get(self, section: str, name: str) -> str:
        """Return the only value of a name; "" if it is not set."""
        (value,) = self.values.get((section, name), [""])
        return value


def list_units(pattern: str) -> list[Unit]:
    return [Unit(file) for file in sorted(UNITS.glob(pattern))]


def read_environment(text: str) -> dict[str, str]:
    """Return the variables of an environment file that has no quotation marks."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)
