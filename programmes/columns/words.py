"""Changes of labels, help texts and messages in migrations."""

from collections.abc import Sequence

from django.db.migrations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class ChangeWords(SeparateDatabaseAndState):
    """Changes of words that no table holds, as one step.

    For each changed field Django would make the models around it anew, seconds in all for fields by
    the dozen. Here they are made once, by the next step that asks for them.
    """

    def __init__(self, state_operations: Sequence[Operation]) -> None:
        super().__init__(state_operations=state_operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)
        super().state_forwards(app_label, state)
