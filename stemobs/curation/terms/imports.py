"""Answers about partners' files that name a merged term: they name the other one from then on."""

from typing import Any

from programmes.models import Audience, Import, InitiativeKind, Unit
from stemobs.curation.importing.sheets import FOR_ALL

# How the answers of an import begin that choose from a vocabulary, and those for all rows.
ASKED: dict[Any, tuple[str, ...]] = {
    Unit: ("unit:",),
    InitiativeKind: ("kind:", f"{FOR_ALL}kind"),
    Audience: ("audience:", f"{FOR_ALL}audience"),
}


def move_in_imports(term: Any, into: Any) -> None:
    """Let the answers of imports that are being read name another term."""
    begins = ASKED.get(type(term), ())
    for sheet in Import.objects.filter(state=Import.State.READING).defer("content").iterator():
        answers = {
            key: move_answer(value, term, into)
            if key.startswith(begins) or str(value).startswith("reach:")
            else value
            for key, value in sheet.answers.items()
        }
        if answers != sheet.answers:
            sheet.answers = answers
            sheet.turn += 1
            sheet.save(update_fields=["answers", "turn", "changed_at"])


def move_answer(value: Any, term: Any, into: Any) -> Any:
    """Return an answer that names a term, or “reach:” and a unit, as it is of the other one."""
    target = "reach:" if isinstance(term, Unit) else ""
    known = {term.slug: into.slug, f"{target}{term.slug}": f"{target}{into.slug}"}
    return known.get(value, value) if isinstance(value, str) else value
