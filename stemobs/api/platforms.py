"""The API's resource about national platforms."""

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from partnerships.models import (
    NationalPlatform,
)
from programmes.models import Programme
from stemobs.api.resources import (
    LinkField,
    Resource,
    make_slugs_field,
)
from stemobs.api.strategies import (
    INITIATIVE_FIELDS,
    NativeName,
    StatementSerializer,
    parse_native_names,
)
from stemobs.selection.organisations import DatedFilter


class PlatformSerializer(serializers.ModelSerializer):
    page = LinkField()
    native_names = serializers.SerializerMethodField()
    countries = make_slugs_field("code")
    organisation = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    mandated_by = make_slugs_field()
    programmes = make_slugs_field()
    strategies = make_slugs_field()
    statements = StatementSerializer(many=True, read_only=True)

    class Meta:
        model = NationalPlatform
        fields = (
            *INITIATIVE_FIELDS, "organisation", "mandate", "mandated_by", "coalition_role",
            "programmes", "strategies", "standing",
        )  # fmt: skip

    def get_native_names(self, row: NationalPlatform) -> list[NativeName]:
        return parse_native_names(row.native_names)


class PlatformResource(Resource):
    """STEM platforms and what resembles one, with what sources say of them."""

    filterset_class = DatedFilter
    serializer_class = PlatformSerializer

    def get_queryset(self) -> QuerySet[NationalPlatform]:
        published = Programme.objects.published()
        return NationalPlatform.objects.select_related("organisation").prefetch_related(
            "countries", "mandated_by", "strategies", "statements__source",
            Prefetch("programmes", published),
        )  # fmt: skip
