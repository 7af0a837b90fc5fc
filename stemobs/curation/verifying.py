"""Checks of records against their sources: what is kept of one, and what it tells when finished.

The day of a check, and against how many sources it was, come of finished checks alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from programmes.models import Edit, Programme, RecordCheck
from stemobs.catalogue.editing import edit
from stemobs.curation.states import CHANGEABLE, describe_role, may_write
from stemobs.curation.tasks.watching import look_once_saved
from stemobs.entries.cited.facts import CitedFact, group_by_source

Answer = RecordCheck.Answer
LOOKED = (Answer.SO, Answer.CHANGED)
KEPT_FOR = timedelta(days=30)  # after which an answer is asked anew


@dataclass
class FactAnswer:
    """What somebody answered about a fact and one of its sources, as both were then."""

    answer: str
    digest: str  # of the fact
    day: str  # an ISO date
    says: str = ""  # what the source says now, as a line or in words
    place: str = ""
    taken: dict[str, str] = field(default_factory=dict)  # answers to questions about the line
    left: str = ""  # the fact in words, if somebody still has to do something about it

    @property
    def is_given(self) -> bool:
        return self.answer in (*LOOKED, Answer.GONE)


Answers = dict[str, FactAnswer]


def explain_refusal_of_check(user: Any, programme: Programme) -> str:
    """Return why somebody may not check a record, who may look at it; "" if they may."""
    if programme.state not in CHANGEABLE:
        return _("A record that was withdrawn is not checked. Restore it first.")
    return "" if may_write(user, programme) else describe_role(user)


# --- Keeping --------------------------------------------------------------------------------------


def find_begun(programme: Programme, user: Any) -> RecordCheck | None:
    """Return the check of a record that somebody has begun; None if they have none."""
    return RecordCheck.objects.filter(programme=programme, user=user, finished_at=None).first()


def recall_answers(begun: RecordCheck | None, facts: Iterable[CitedFact]) -> Answers:
    """Return the answers that were kept about facts which stand as they did then."""
    if begun is None:
        return {}
    oldest = (timezone.localdate() - KEPT_FOR).isoformat()
    kept = {key: FactAnswer(**told) for key, told in begun.answers.items()}
    return {
        fact.key: answer
        for fact in facts
        if (answer := kept.get(fact.key))
        if answer.digest == fact.digest and answer.day >= oldest
    }


def keep_answers(programme: Programme, user: Any, answers: Answers) -> RecordCheck:
    """Keep what somebody has answered so far, for them alone."""
    begun = find_begun(programme, user) or RecordCheck(programme=programme, user=user)
    begun.answers = {key: asdict(one) for key, one in answers.items()}
    begun.save()
    return begun


# --- Finishing ------------------------------------------------------------------------------------


def count_whole(facts: Iterable[CitedFact], answers: Mapping[str, FactAnswer]) -> int:
    """Return how many sources were gone through: each fact on them still so, or changed."""
    looked = {key for key, one in answers.items() if one.answer in LOOKED}
    return sum(all(fact.key in looked for fact in some) for some in group_by_source(facts).values())


def finish_check(
    programme: Programme,
    user: Any,
    facts: Collection[CitedFact],
    answers: Answers,
    written: Collection[str],
) -> None:
    """Let a check be finished: its sources count, and what is left to do becomes tasks.

    `facts` are as the answers found them. `written` are digests of what became of those that had
    changed. Readers are told of the check if at least one source was gone through.
    """
    begun = keep_answers(programme, user, answers)
    begun.leaves_work = any(one.left for one in answers.values())
    begun.finished_at = timezone.now()
    begun.save()
    if count_whole(facts, answers):
        looked = {one.digest for one in answers.values() if one.answer in LOOKED}
        note_check(programme, user, looked | {*written})
    look_once_saved([programme])


def note_check(programme: Programme, user: Any, looked: set[str]) -> None:
    """Write into a record on which day which facts were checked, as an edit of its own kind.

    What others have checked on the same day counts too. What was checked before does not: the day
    would say more of it than is true.
    """
    today = timezone.localdate()
    stored = Programme.objects.values_list("verified_on", "checked_facts")
    day, facts = stored.get(pk=programme.pk)
    if day == today:
        looked = looked | {*facts.split()}
    programme.verified_on, programme.checked_facts = today, " ".join(sorted(looked))
    if (day, facts) == (today, programme.checked_facts):
        return
    with edit(Edit.Kind.CHECK, user):
        # Not `save`: that a record was checked is no change of it.
        Programme.objects.filter(pk=programme.pk).update(
            verified_on=today, checked_facts=programme.checked_facts
        )
