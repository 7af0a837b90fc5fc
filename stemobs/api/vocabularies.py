"""The API's resources for vocabularies (countries, levels, kinds …) and for sources."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
    Source,
)
from stemobs.addresses import build_absolute_url, build_location, redirect_for_good
from stemobs.api.resources import Resource, SourceField, make_slugs_field
from stemobs.selection.facets import normalise_country_code

DETAIL = "api-countries-detail"


class CountrySerializer(serializers.ModelSerializer):
    page = serializers.SerializerMethodField()
    programme_count = serializers.SerializerMethodField()

    class Meta:
        model = Country
        fields = (
            "code", "name", "in_eu", "in_eea", "is_candidate", "note", "programme_count", "page",
        )  # fmt: skip

    def get_page(self, row: Country) -> str:
        return build_absolute_url(f"/countries/{row.code.lower()}/")

    def get_programme_count(self, row: Country) -> int:
        return self.context["view"].catalogue.programme_count("country", row.code)


class CountryResource(Resource):
    """Countries, with the number of published programmes."""

    serializer_class = CountrySerializer
    lookup_field = "code"
    queryset = Country.objects.all()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        asked, code = self.kwargs["code"], normalise_country_code(self.kwargs["code"])
        if code != asked.upper():
            return redirect_for_good(build_location(request, reverse(DETAIL, args=[code])))
        self.kwargs["code"] = code
        return super().retrieve(request, *args, **kwargs)


class EducationLevelSerializer(serializers.ModelSerializer):
    class Meta:
        model = EducationLevel
        fields = ("code", "name", "short_name", "description")


class EducationLevelResource(Resource):
    """The levels of ISCED 2011."""

    serializer_class = EducationLevelSerializer
    queryset = EducationLevel.objects.all()
    lookup_field = "code"
    lookup_value_regex = r"[0-8]"


class TermResource(Resource):
    """A vocabulary that curators look after; the slug of a merged term answers with the other."""

    def get_object(self) -> Any:
        retired = self.catalogue.list_retired_terms(self.get_queryset().model)
        self.kwargs["slug"] = retired.get(self.kwargs["slug"]) or self.kwargs["slug"]
        return super().get_object()


class InitiativeKindSerializer(serializers.ModelSerializer):
    factors = make_slugs_field()
    source = SourceField()

    class Meta:
        model = InitiativeKind
        fields = ("slug", "name", "description", "mechanism", "factors", "source")


class InitiativeKindResource(TermResource):
    """The eleven kinds of initiative."""

    serializer_class = InitiativeKindSerializer
    queryset = InitiativeKind.objects.select_related("source").prefetch_related("factors")


class CareerFactorSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = CareerFactor
        fields = ("slug", "name", "description", "question", "source")


class CareerFactorResource(TermResource):
    """The four factors of career choice."""

    serializer_class = CareerFactorSerializer
    queryset = CareerFactor.objects.select_related("source")


class AudienceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Audience
        fields = ("slug", "name", "description")


class AudienceResource(TermResource):
    """The target groups."""

    serializer_class = AudienceSerializer
    queryset = Audience.objects.all()


class SourceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Source
        fields = (
            "slug", "title", "publisher", "kind", "url", "language", "published", "recorded_on",
            "archived_url", "link_state", "note",
        )  # fmt: skip


class SourceResource(Resource):
    """The sources that facts were taken from; the slug of a merged one answers with the other."""

    serializer_class = SourceSerializer
    queryset = Source.objects.public()

    def get_object(self) -> Any:
        rows = Source.objects.public()
        if not rows.filter(slug=self.kwargs["slug"]).exists():
            stays = rows.led_to_from(self.kwargs["slug"]).first()
            self.kwargs["slug"] = stays.slug if stays else self.kwargs["slug"]
        return super().get_object()
