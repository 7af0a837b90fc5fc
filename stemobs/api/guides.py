"""The API's resources about guides, and the obstacles and criteria that they explain."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    Obstacle,
)
from programmes.models import Programme
from stemobs.api.resources import (
    LinkField,
    Resource,
    SourceField,
    make_slugs_field,
)
from stemobs.selection.organisations import DatedFilter


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
    programmes = make_slugs_field()
    organisations = make_slugs_field()
    platforms = make_slugs_field()
    strategies = make_slugs_field()
    countries = make_slugs_field("code")

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
