"""Merges a term of a vocabulary into another, and takes terms out of what forms offer.

The name in addresses of a merged term leads to the other, for readers and for fixtures.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from programmes.models import Edit, Programme, RetiredTerm
from stemobs.catalogue.editing import edit, wait_for_turn
from stemobs.curation.drafts import move_in_drafts
from stemobs.curation.terms.imports import move_in_imports
from stemobs.curation.terms.uses import OWN_VOCABULARIES, find_columns, list_relations


class CannotMergeTerms(ValueError):
    """Two terms that cannot be merged; it says why, in words for people."""


def explain_staying_apart(term: Any, into: Any) -> str:
    """Return why a term cannot be merged into another; "" if it can. It locks both."""
    if not is_own(term):
        return _("The terms of this list are not ours, so they cannot be merged.")
    if type(term) is not type(into):
        return _("Choose another term of the same list.")
    if term.pk == into.pk:
        return _("A term cannot be merged into itself.")
    both = type(term)._base_manager.select_for_update().filter(pk__in=[term.pk, into.pk])
    if len(both) < len((term, into)):
        return _("One of the two is gone meanwhile.")
    if find_retired(into).exists():
        return _("“%(term)s” is not offered any more. Offer it again first.") % {"term": into}
    return ""


def merge_terms(term: Any, into: Any, user: Any, reason: str) -> int:
    """Let all that names a term name another, and delete it, as one edit; return how many records.

    Raise CannotMergeTerms, with nothing written, if that cannot be.
    """
    with edit(Edit.Kind.CURATOR, user, reason):
        wait_for_turn()
        if refusal := explain_staying_apart(term, into):
            raise CannotMergeTerms(refusal)
        changed: set[int] = set()
        for relation in list_relations(type(term)):
            changed |= move_uses(relation, term, into)
        Programme.objects.filter(pk__in=changed).update(changed_at=timezone.now())
        for column in find_columns(term):
            column.target = f"{column.target.rpartition(':')[0]}:{into.slug}"
            column.save(update_fields=["target", "changed_at"])
        move_in_drafts(term, into)
        move_in_imports(term, into)
        retire(term, into)
        term.delete()
        connection.check_constraints()
    return len(changed)


def move_uses(relation: Any, term: Any, into: Any) -> set[int]:
    """Let the rows of a relation name another term; return the ids of the records that they are of.

    A row that names both names the other once.
    """
    if relation.many_to_many:
        return move_links(relation, term, into)
    rows: Any = relation.related_model._base_manager.filter(**{relation.field.name: term})
    names = {field.name for field in relation.related_model._meta.concrete_fields}
    records = {*rows.values_list("programme_id", flat=True)} if "programme" in names else set()
    rows.update(**{relation.field.name: into})
    return records - {None}


def move_links(relation: Any, term: Any, into: Any) -> set[int]:
    field = relation.field
    through = field.remote_field.through
    owner, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    links = through._base_manager
    owners = {*links.filter(**{other: term}).values_list(owner, flat=True)}
    has_both = {*links.filter(**{other: into}).values_list(owner, flat=True)}
    links.filter(**{other: term}).delete()
    links.bulk_create(
        through(**{f"{owner}_id": pk, f"{other}_id": into.pk}) for pk in sorted(owners - has_both)
    )
    return owners if relation.related_model is Programme else set()


# --- What is offered ------------------------------------------------------------------------------


def find_retired(term: Any) -> models.QuerySet[RetiredTerm]:
    return RetiredTerm.objects.filter(vocabulary=term._meta.model_name, slug=term.slug)


def retire(term: Any, into: Any) -> None:
    """Let the name of a term lead to another, and so the names that led to it."""
    vocabulary = term._meta.model_name
    RetiredTerm.objects.filter(vocabulary=vocabulary, into=term.slug).update(into=into.slug)
    RetiredTerm.objects.update_or_create(
        vocabulary=vocabulary, slug=term.slug, defaults={"into": into.slug}
    )


def is_own(term: Any) -> bool:
    """Whether a term is of a vocabulary of ours, and of no standard."""
    return isinstance(term, OWN_VOCABULARIES)


def is_offered(term: Any) -> bool:
    return not is_own(term) or not find_retired(term).exists()


def offer(term: Any, user: Any, *, is_wanted: bool) -> None:
    """Let forms offer a term of ours, or not any more; what has it keeps it."""
    reason = _("Offered again: %(term)s") if is_wanted else _("Not offered any more: %(term)s")
    with edit(Edit.Kind.CURATOR, user, reason % {"term": term}), transaction.atomic():
        wait_for_turn()
        if is_wanted:
            find_retired(term).delete()
        else:
            RetiredTerm.objects.get_or_create(vocabulary=term._meta.model_name, slug=term.slug)


def list_merged(term: Any) -> Iterable[str]:
    """Return the names in addresses of the terms that were merged into one."""
    rows = RetiredTerm.objects.filter(vocabulary=term._meta.model_name, into=term.slug)
    return rows.values_list("slug", flat=True)
