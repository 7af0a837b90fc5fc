"""The API's resource about national strategies."""

from typing import TypedDict

from rest_framework import serializers

from partnerships.models import (
    Statement,
    Strategy,
)
from stemobs.api.resources import (
    LinkField,
    NumberField,
    Resource,
    SourceField,
    StandingFigures,
    make_slugs_field,
)
from stemobs.selection.organisations import DatedFilter


class EarlierStatementSerializer(serializers.ModelSerializer):
    value = NumberField()
    source = SourceField()

    class Meta:
        model = Statement
        fields = (
            "kind", "text", "value", "qualifier", "unit", "currency", "period", "year_from",
            "year_to", "note", "source",
        )  # fmt: skip


class StatementSerializer(EarlierStatementSerializer):
    earlier = EarlierStatementSerializer(many=True, read_only=True)

    class Meta(EarlierStatementSerializer.Meta):
        list_serializer_class = StandingFigures
        fields = (*EarlierStatementSerializer.Meta.fields, "earlier")


INITIATIVE_FIELDS = (
    "slug", "name", "native_names", "level", "countries", "region", "year_start",
    "year_start_detail", "year_end", "year_end_detail", "status", "status_as_of", "confidence",
    "note", "page", "statements", "changed_at",
)  # fmt: skip


class NativeName(TypedDict):
    """A name in another language, with the ISO 639 code of the language."""

    language: str
    name: str


def parse_native_names(text: str) -> list[NativeName]:
    """Return “nl: Techniekpact; de: …” as a list of language and name."""
    pairs = (part.partition(": ") for part in text.split("; ") if part)
    return [{"language": language, "name": name} for language, _colon, name in pairs]


class StrategySerializer(serializers.ModelSerializer):
    page = LinkField()
    native_names = serializers.SerializerMethodField()
    countries = make_slugs_field("code")
    owners = make_slugs_field()
    implementing_body = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    programme = serializers.SerializerMethodField()
    statements = StatementSerializer(many=True, read_only=True)

    class Meta:
        model = Strategy
        fields = (
            *INITIATIVE_FIELDS, "type", "summary", "owners", "implementing_body", "programme",
        )  # fmt: skip

    def get_programme(self, row: Strategy) -> str | None:
        """Return the slug of the entry about the same subject, once it is published."""
        return row.programme.slug if row.programme and row.programme.is_public else None

    def get_native_names(self, row: Strategy) -> list[NativeName]:
        return parse_native_names(row.native_names)


class StrategyResource(Resource):
    """Strategies, pacts and action plans, with what sources say of them."""

    filterset_class = DatedFilter
    serializer_class = StrategySerializer
    queryset = Strategy.objects.select_related("implementing_body", "programme").prefetch_related(
        "countries", "owners", "statements__source"
    )
