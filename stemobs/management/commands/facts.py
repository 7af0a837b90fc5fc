"""`manage.py facts`: how complete the catalogue is, in all and country by country."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.insights.completeness import CompletenessRow, list_completeness, name_columns


class Command(BaseCommand):
    help = "Print how many programmes have a description, a website, a way in and so on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list_completeness(get_current_catalogue())
        if options["json"]:
            told = [row.as_dict() for row in rows]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(write_table(rows))


def write_table(rows: list[CompletenessRow]) -> str:
    """Return the rows as a table of text, with what its numbered columns mean above it."""
    columns = list(name_columns())
    legend = [f"{number:>2}  {words}" for number, (_name, words) in enumerate(columns, start=1)]
    heads = ["", *(str(number) for number in range(1, len(columns) + 1))]
    lines = [
        [f"{row.code:<4} {row.name}", *(str(row.as_dict()[name]) for name, _words in columns)]
        for row in rows
    ]
    widths = [max(map(len, cells)) for cells in zip(heads, *lines, strict=True)]
    table = [
        "  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]).rstrip()
        for first, *rest in [heads, *lines]
    ]
    return "\n".join([*legend, "", *table])
