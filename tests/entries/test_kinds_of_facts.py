"""No list of the kinds of facts of a record forgets one: a new kind fails here until it is told."""

from typing import Any

from programmes.models import Claim, FormerSlug, Programme
from stemobs.admin.record.layout import SECTIONS
from stemobs.admin.suggestions.filling import INLINES
from stemobs.curation import roles
from stemobs.curation.subjects import PARTS
from stemobs.curation.writers import ELSEWHERE
from stemobs.entries.history import wording
from stemobs.entries.history.differences import FACTS

# Rows that go with a record and tell nothing of it: its former addresses, and what is not public.
ADDRESSES, DRAFTS, TASKS, CHECKS = "former_slugs", "drafts", "tasks", "checks"


def find_kinds() -> dict[str, Any]:
    """Return the relations of a programme to rows that are deleted with it, and tell of it."""
    relations: Any = Programme._meta.related_objects
    return {
        one.get_accessor_name(): one.related_model
        for one in relations
        if one.one_to_many
        and getattr(one.on_delete, "__name__", "") == "CASCADE"
        and one.related_model._meta.label_lower not in ELSEWHERE
        # The last is the other end of a lineage.
        and one.get_accessor_name() not in (ADDRESSES, DRAFTS, TASKS, CHECKS, "lineage_in")
    }


def test_every_kind_of_facts_is_checked_compared_and_can_be_asked_about() -> None:
    assert {*FACTS} == {*find_kinds()}
    assert {*FACTS} <= PARTS.keys()
    assert {*INLINES.values()} <= {*FACTS}


def test_every_kind_of_facts_has_words_in_the_history_and_a_place_in_the_form() -> None:
    models = {*find_kinds().values()}
    assert wording.FACTS.keys() == {model._meta.label_lower for model in models}
    prefixes = [prefix for section in SECTIONS for prefix in section.prefixes]
    assert sorted(prefixes) == sorted([*FACTS, ADDRESSES])


def test_whoever_may_write_records_may_write_every_kind_of_their_facts() -> None:
    assert {*roles.FACTS} == {*find_kinds().values(), Claim, FormerSlug}
