"""The API's resource about organisations."""

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from partnerships.models import (
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
)
from programmes.models import where_published
from stemobs.api.resources import (
    IndexedResource,
    LinkField,
    SourceField,
)
from stemobs.selection.organisations import OrganisationFilter

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
        return Organisation.objects.public().select_related("country").prefetch_related("names")

    def get_object(self) -> Organisation:
        """Return the organisation with this slug, or with a name that has it."""
        found = Organisation.objects.public().known_as(self.kwargs["slug"])
        rows = self.get_queryset().filter(pk__in=found)
        roles = Partnership.objects.filter(PUBLISHED).select_related("programme", "source")
        organisation = rows.prefetch_related(
            Prefetch("partnerships", roles), "citations__source"
        ).first()
        if organisation is None:
            raise self.make_missing()
        return organisation
