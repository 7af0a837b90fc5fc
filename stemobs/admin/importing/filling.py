"""Fills in the form of a record with what a row of a partner's file adds to it, and sends it.

So what is imported is merged, asked about and checked as whatever is typed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from programmes.models import Citation, Field, Programme
from stemobs.admin.drafts.documents import SEND
from stemobs.admin.figures.questions import LONGEST_REASON, FigureAnswer, write_answer
from stemobs.admin.merging.values import Sent
from stemobs.admin.record.sending import (
    fill_in_rows,
    list_hindrances,
    make_request,
    write_stored_form,
)
from stemobs.curation.importing.drafting import RowFacts
from stemobs.curation.importing.making import TERMS, RecordMaker, RowRefused, write_place
from stemobs.curation.importing.plans import RowPlan


class RowSender:
    """Sends the forms of records with what the rows of a file add."""

    def __init__(self, page: Any, request: HttpRequest, maker: RecordMaker, reason: str) -> None:
        self.page = page  # of programmes
        self.request = request
        self.maker = maker
        self.reason = reason

    def send(self, plan: RowPlan) -> None:
        """Save what a row adds to its record, as a draft if that is published."""
        record: Any = plan.record
        again = make_request(self.request, self.reason, must_draft=True)
        try:
            again.POST = self.fill_in(again, record, plan)
        except ValidationError as error:
            raise RowRefused(plan.line, " ".join(error.messages)) from error
        response = self.page.changeform_view(again, str(record.pk))
        if response.status_code != 302:  # it was saved
            told = list_hindrances(response) or [_("The form of the record cannot be saved.")]
            raise RowRefused(plan.line, " ".join(told))

    def fill_in(self, request: HttpRequest, record: Programme, plan: RowPlan) -> QueryDict:
        """Return the form of a record as it is stored, with what a row adds."""
        sent, formsets = write_stored_form(self.page, request, record)
        self.set_fields(sent, plan.facts)
        added = {prefix: [*rows] for prefix, rows in self.list_rows(plan)}
        for formset in formsets:
            fill_in_rows(sent, formset, added.get(formset.prefix, []))
            if formset.prefix == "reach":
                self.correct(sent, formset, plan)
        sent.data[SEND] = "1"
        return sent.data

    def set_fields(self, sent: Sent, facts: RowFacts) -> None:
        for name, value in facts.fields.items():
            sent.data[name] = "on" if name == "is_vocational" else value
        for relation, keys in facts.terms.items():
            model, key = TERMS[relation]
            ids = model.objects.filter(**{f"{key}__in": keys}).values_list("pk", flat=True)
            before = sent.data.getlist(relation)
            sent.data.setlist(relation, list(dict.fromkeys([*before, *map(str, ids)])))

    def list_rows(self, plan: RowPlan) -> Iterable[tuple[str, list[dict[str, str]]]]:
        """Yield the prefixes of rows with what is added to each."""
        facts, maker = plan.facts, self.maker
        named = {"source": str(maker.source.pk), "locator": write_place(plan.line)}
        sources = [maker.source, *map(maker.find_source, facts.addresses)]
        yield (
            "citations",
            [
                {
                    "field": Field.ENTRY,
                    "basis": Citation.Basis.STATED,
                    "source": str(source.pk),
                    "locator": named["locator"] if source == maker.source else "",
                }
                for source in dict.fromkeys(sources)
            ],
        )
        yield (
            "reach",
            [{**told, "unit": str(maker.find_unit(told).pk), **named} for told in facts.reach],
        )
        yield (
            "partnerships",
            [
                {"organisation": str(maker.find_organisation(one).pk), "role": role, **named}
                for one, role in facts.partners
            ],
        )
        yield "funding", [{**self.write_sum(told), **named} for told in facts.funding]
        yield "names", [{"name": one, "kind": "alias"} for one in facts.names]

    def correct(self, sent: Sent, formset: Any, plan: RowPlan) -> None:
        """Type the corrected figures over the stored ones, and say that these were misread."""
        corrections = dict(plan.facts.corrections)
        for number, row in enumerate(formset.initial_forms):
            if told := corrections.get(row.instance.pk):
                filled = {
                    "qualifier": "exact",
                    "value_max": "",
                    **told,
                    "unit": str(self.maker.find_unit(told).pk),
                    "source": str(self.maker.source.pk),
                    "locator": write_place(plan.line),
                    "happened": write_answer(FigureAnswer.MISREAD, row.read_said()),
                    "misread_because": self.word_correction(),
                }
                for name, value in filled.items():
                    sent.data[f"reach-{number}-{name}"] = str(value)

    def word_correction(self) -> str:
        told = _("%(sender)s gave another number for the same time.")
        sender = Truncator(self.maker.sheet.sender).chars(LONGEST_REASON - len(told))
        return told % {"sender": sender}

    def write_sum(self, told: Mapping[str, Any]) -> dict[str, str]:
        values = {name: value for name, value in told.items() if name != "payer"}
        if payer := told.get("payer"):
            values["organisation"] = str(self.maker.find_organisation(payer).pk)
        return values
