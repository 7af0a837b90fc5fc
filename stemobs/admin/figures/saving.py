"""How figures are saved: what readers have seen stays, and what was typed over it is a new row."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from programmes.columns.rows import keep_replaced
from programmes.models import Programme
from stemobs.admin.base import PositionedFormSet, StackedFacts, offer_rows
from stemobs.admin.figures.questions import FigureAnswer, describe_open
from stemobs.admin.figures.rows import SeenFigure
from stemobs.catalogue.visibility.queries import where_known
from stemobs.curation.states import MAY_DELETE


class FigureFormSet(PositionedFormSet):
    """A formset of figures; one can be replaced by another of the same record and unit."""

    may_add = True  # whether its user may add rows
    may_delete = False  # whether its user may delete what readers have seen

    @cached_property
    def are_seen(self) -> bool:
        """Whether readers have seen what is stored; strategies and platforms have no drafts."""
        if not isinstance(self.instance, Programme):
            return True
        return Programme.objects.filter(where_known(), pk=self.instance.pk).exists()

    def full_clean(self) -> None:
        keep_replaced(self.get_queryset())
        super().full_clean()

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.rows = self
        if field := form.fields.get("superseded_by"):
            known = self.model._base_manager.filter(**{self.fk.name: self.instance.pk})
            offer_rows(field, self.list_alike(form.instance), known)

    def list_alike(self, figure: Any) -> list[Any]:
        """Return the figures that may replace one; a new one is replaced by none yet."""
        if figure.pk is None:
            return []
        return [
            row
            for row in self.get_queryset()
            if row.pk != figure.pk
            and row.retracted_on is None
            and all(getattr(row, name) == getattr(figure, name) for name in row.alike)
        ]

    # Saving

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        """Save a row; if something else is said of what readers have seen, save it as a new one."""
        if form.answer is None:
            return super().save_existing(form, obj, commit)
        old = self.model._base_manager.get(pk=form.instance.pk)
        self.become_new(form)
        new = self.save_new(form, commit)
        SETTLE[form.answer](old, new, form.life.reason)
        return new

    def become_new(self, form: Any) -> None:
        """Let the row of a form be a new one; a reason typed into it is that of the old row."""
        row = form.instance
        row.pk, row._state.adding = None, True
        row.retracted_because, row.retracted_on = "", None

    def save_new_objects(self, commit: bool = True) -> Any:
        """Save new rows; the log then tells of those that were typed over others as added."""
        added = super().save_new_objects(commit)
        rows: Any = self.initial_forms
        beside = [form.instance for form in rows if form.answer]
        self.new_objects += beside
        self.changed_objects = [one for one in self.changed_objects if one[0] not in beside]
        return added


def supersede(old: Any, new: Any, _reason: str) -> None:
    old.superseded_by = new
    old.save(update_fields=["superseded_by"])


def retract(old: Any, new: Any, reason: str) -> None:
    """Retract a figure, and let the new one stand where it stood.

    In this order it can be undone: the old one has to stand before earlier ones lead to it again.
    """
    old.retracted_because = reason
    old.save(update_fields=["retracted_because"])
    for earlier in old.replaces.all():
        supersede(earlier, new, "")


def let_stand(_old: Any, _new: Any, _reason: str) -> None:
    """Leave a figure as it is beside a new one."""


SETTLE = {
    FigureAnswer.NEWER: supersede,
    FigureAnswer.MISREAD: retract,
    FigureAnswer.BOTH: let_stand,
}


class StackedFigures(StackedFacts):
    """Stacked inline for figures, which are replaced or retracted rather than written over."""

    form = SeenFigure
    formset = FigureFormSet

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made: Any = super().get_formset(request, obj, **kwargs)
        made.may_add = self.has_add_permission(request, obj)  # Django makes the class anew
        made.may_delete = request.user.has_perm(MAY_DELETE)
        return made


class AsksAboutFigures(admin.ModelAdmin):
    """Shows at the top of a form which figures it asks about, and answers that were given."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rows = (form for one in context["inline_admin_formsets"] for form in one.formset.forms)
        asked = [form for form in rows if getattr(form, "life", None)]
        for form in asked:
            if not form.life.is_open:  # the form comes back for another reason
                form.show_question()
        still_open = [form.life for form in asked if form.life.is_open]
        page: Any = self  # it knows which of its buttons save
        if still_open and not page.saves_nothing(request):
            context["adminform"].form.add_error(None, describe_open(still_open))
        return super().render_change_form(request, context, *args, **kwargs)
