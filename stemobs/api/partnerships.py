"""The API's resources about organisations, platforms, strategies and what research says."""

from typing import Any, TypedDict

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    NationalPlatform,
    Obstacle,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
    Statement,
    Strategy,
)
from programmes.models import Programme, where_published
from stemobs.api.resources import (
    IndexedResource,
    LinkField,
    NumberField,
    Resource,
    SourceField,
    slugs,
)
from stemobs.selection.organisations import DatedFilter, OrganisationFilter
from stemobs.selection.parameters import shorten

PUBLISHED = where_published("programme__")


class OrganisationNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = OrganisationName
        fields = ("name", "slug", "kind", "language", "since", "until")


class RoleSerializer(serializers.ModelSerializer):
    programme = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    name = serializers.CharField(source="programme.name", read_only=True)
    source = SourceField()

    class Meta:
        model = Partnership
        fields = ("programme", "name", "role", "since", "until", "note", "source")


class OrganisationSourceSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = OrganisationSource
        fields = ("source",)


class OrganisationRowSerializer(serializers.ModelSerializer):
    """An organisation in a list."""

    page = LinkField()
    country = serializers.SlugRelatedField(slug_field="code", read_only=True)
    programme_count = serializers.SerializerMethodField()
    names = OrganisationNameSerializer(many=True, read_only=True)

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = (
            "slug", "name", "names", "type", "is_type_inferred", "country", "is_country_inferred",
            "programme_count", "page",
        )  # fmt: skip

    def get_programme_count(self, row: Organisation) -> int:
        return self.context["view"].catalogue.programme_count("organisation", row.slug)


class OrganisationSerializer(OrganisationRowSerializer):
    """An organisation with its roles."""

    parent = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    successor = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    partnerships = RoleSerializer(many=True, read_only=True)
    sources = OrganisationSourceSerializer(source="citations", many=True, read_only=True)

    class Meta(OrganisationRowSerializer.Meta):
        fields = (
            *OrganisationRowSerializer.Meta.fields,
            "website", "note", "parent", "successor", "partnerships", "sources", "changed_at",
        )  # fmt: skip


class OrganisationResource(IndexedResource):
    """Organisations, found by any of their names."""

    filterset_class = OrganisationFilter
    serializer_class = OrganisationSerializer
    list_serializer_class = OrganisationRowSerializer

    def get_queryset(self) -> QuerySet[Organisation]:
        return Organisation.objects.select_related("country").prefetch_related("names")

    def get_object(self) -> Organisation:
        """Return the organisation with this slug, or with a name that has it."""
        slug = self.kwargs["slug"]
        rows = self.get_queryset().filter(pk__in=Organisation.objects.known_as(slug))
        roles = Partnership.objects.filter(PUBLISHED).select_related("programme", "source")
        organisation = rows.prefetch_related(
            Prefetch("partnerships", roles), "citations__source"
        ).first()
        if organisation is None:
            raise Http404(_("There is no organisation {slug}.").format(slug=shorten(slug)))
        return organisation


class StatementSerializer(serializers.ModelSerializer):
    value = NumberField()
    source = SourceField()

    class Meta:
        model = Statement
        fields = (
            "kind", "text", "value", "qualifier", "unit", "currency", "period", "year_from",
            "year_to", "note", "source",
        )  # fmt: skip


INITIATIVE_FIELDS = (
    "slug", "name", "native_names", "level", "countries", "region", "year_start",
    "year_start_detail", "year_end", "year_end_detail", "status", "status_as_of", "confidence",
    "note", "page", "statements", "changed_at",
)  # fmt: skip


class NativeName(TypedDict):
    """A name in another language, with the ISO 639 code of the language."""

    language: str
    name: str


def native_names(text: str) -> list[NativeName]:
    """Return “nl: Techniekpact; de: …” as a list of language and name."""
    pairs = (part.partition(": ") for part in text.split("; ") if part)
    return [{"language": language, "name": name} for language, _colon, name in pairs]


class StrategySerializer(serializers.ModelSerializer):
    page = LinkField()
    native_names = serializers.SerializerMethodField()
    countries = slugs("code")
    owners = slugs()
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
        return native_names(row.native_names)


class StrategyResource(Resource):
    """Strategies, pacts and action plans, with what sources say of them."""

    filterset_class = DatedFilter
    serializer_class = StrategySerializer
    queryset = Strategy.objects.select_related("implementing_body", "programme").prefetch_related(
        "countries", "owners", "statements__source"
    )


class PlatformSerializer(serializers.ModelSerializer):
    page = LinkField()
    native_names = serializers.SerializerMethodField()
    countries = slugs("code")
    organisation = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    mandated_by = slugs()
    programmes = slugs()
    strategies = slugs()
    statements = StatementSerializer(many=True, read_only=True)

    class Meta:
        model = NationalPlatform
        fields = (
            *INITIATIVE_FIELDS, "organisation", "mandate", "mandated_by", "coalition_role",
            "programmes", "strategies",
        )  # fmt: skip

    def get_native_names(self, row: NationalPlatform) -> list[NativeName]:
        return native_names(row.native_names)


class PlatformResource(Resource):
    """STEM platforms, with what sources say of them."""

    filterset_class = DatedFilter
    serializer_class = PlatformSerializer

    def get_queryset(self) -> QuerySet[NationalPlatform]:
        published = Programme.objects.published()
        return NationalPlatform.objects.select_related("organisation").prefetch_related(
            "countries", "mandated_by", "strategies", "statements__source",
            Prefetch("programmes", published),
        )  # fmt: skip


class ObstacleSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Obstacle
        fields = ("slug", "name", "family", "share", "description", "response", "source")


class ObstacleResource(Resource):
    """The eleven obstacles of the report's Table 6."""

    serializer_class = ObstacleSerializer
    queryset = Obstacle.objects.select_related("source")


class CriterionSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Criterion
        fields = ("slug", "name", "group", "description", "source")


class CriterionResource(Resource):
    """The twelve criteria of good practice."""

    serializer_class = CriterionSerializer
    queryset = Criterion.objects.select_related("source")


class GuideItemSerializer(serializers.ModelSerializer):
    programmes = slugs()
    organisations = slugs()
    platforms = slugs()
    strategies = slugs()
    countries = slugs("code")

    class Meta:
        model = GuideItem
        fields = (
            "slug", "group", "heading", "text", "value", "locator", "programmes", "organisations",
            "platforms", "strategies", "countries",
        )  # fmt: skip


class GuideRowSerializer(serializers.ModelSerializer):
    """A guide in a list."""

    page = LinkField()
    source = SourceField()

    class Meta:
        model = Guide
        fields: tuple[str, ...] = (
            "slug", "title", "group", "vocabulary", "summary", "caution", "source", "page",
        )  # fmt: skip


class GuideSerializer(GuideRowSerializer):
    """A guide with its items."""

    items = GuideItemSerializer(many=True, read_only=True)

    class Meta(GuideRowSerializer.Meta):
        fields = (*GuideRowSerializer.Meta.fields, "items", "changed_at")


class GuideResource(Resource):
    """The guides: lists of the report in our own words."""

    filterset_class = DatedFilter
    serializer_class = GuideSerializer
    list_serializer_class = GuideRowSerializer

    def get_queryset(self) -> QuerySet[Guide]:
        guides = Guide.objects.select_related("source")
        if self.action == "list":
            return guides
        published: Any = Programme.objects.published()
        items = GuideItem.objects.prefetch_related(
            Prefetch("programmes", published), "organisations", "platforms", "strategies",
            "countries",
        )  # fmt: skip
        return guides.prefetch_related(Prefetch("items", items))
