"""The API's resources about programmes, their vocabularies and their sources."""

from collections.abc import Collection
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from partnerships.models import CriterionAssessment, Funding, Lineage, Partnership
from programmes import wording
from programmes.entry import Entry, with_facts
from programmes.facets import FACETS, Facet
from programmes.filters import ProgrammeFilter
from programmes.models import (
    Audience,
    CareerFactor,
    Citation,
    Claim,
    Country,
    Discrepancy,
    Document,
    EducationLevel,
    Evaluation,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Source,
)
from programmes.parameters import Problem
from programmes.resources import (
    IndexedResource,
    LinkField,
    NumberField,
    Resource,
    SourceField,
    WrongSelection,
    absolute,
    slugs,
)
from programmes.rows import read_rows
from programmes.selection import SelectionFilter

LANGUAGE = "en"


class ReachSerializer(serializers.ModelSerializer):
    value = NumberField()
    value_max = NumberField()
    unit = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    text = serializers.SerializerMethodField()
    source = SourceField()

    class Meta:
        model = Reach
        fields = (
            "text", "value", "value_max", "qualifier", "unit", "unit_detail", "period",
            "period_type", "year_from", "year_to", "note", "source",
        )  # fmt: skip

    def get_text(self, row: Reach) -> str:
        return f"{wording.figure(row.qualifier, row.value, row.value_max)} {row.unit}"


class FundingSerializer(serializers.ModelSerializer):
    amount = NumberField()
    amount_max = NumberField()
    organisation = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    text = serializers.SerializerMethodField()
    source = SourceField()

    class Meta:
        model = Funding
        fields = (
            "text", "source_type", "organisation", "amount", "amount_max", "qualifier",
            "currency", "basis", "basis_detail", "period", "year_from", "year_to", "note", "source",
        )  # fmt: skip

    def get_text(self, row: Funding) -> str:
        if row.amount is None:
            return _("Amount not stated")
        return wording.money(row.currency, row.qualifier, row.amount, row.amount_max)


class NameSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProgrammeName
        fields = ("name", "kind", "language")


class PartnershipSerializer(serializers.ModelSerializer):
    organisation = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    name = serializers.CharField(source="organisation.name", read_only=True)
    source = SourceField()

    class Meta:
        model = Partnership
        fields = ("organisation", "name", "role", "since", "until", "note", "source")


class EvaluationSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Evaluation
        fields = (
            "approach", "conducted_by", "evaluator", "year", "method", "finding", "note", "source",
        )  # fmt: skip


class ClaimSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Claim
        fields = ("statement", "is_shown", "source")


class DiscrepancySerializer(serializers.ModelSerializer):
    claims = ClaimSerializer(many=True, read_only=True)

    class Meta:
        model = Discrepancy
        fields = ("field", "about", "note", "claims")


class DocumentSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Document
        fields = ("title", "type", "language", "year", "url", "link_state", "note", "source")


class CitationSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Citation
        fields = ("field", "basis", "evidence", "confidence", "source")


class AssessmentSerializer(serializers.ModelSerializer):
    criterion = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    source = SourceField()

    class Meta:
        model = CriterionAssessment
        fields = ("criterion", "verdict", "evidence", "source")


class LineageSerializer(serializers.ModelSerializer):
    source = SourceField()
    subject = serializers.SerializerMethodField()
    target = serializers.SerializerMethodField()

    class Meta:
        model = Lineage
        fields = ("subject", "relation", "target", "year", "note", "source")

    def get_subject(self, row: Lineage) -> dict[str, str]:
        return self.end(row.subject)

    def get_target(self, row: Lineage) -> dict[str, str]:
        return self.end(row.target)

    def end(self, thing: Any) -> dict[str, str]:
        """Return what a relation leads to: its kind, slug and name, or only a text."""
        if isinstance(thing, str):
            return {"type": "text", "slug": "", "name": thing}
        return {"type": thing._meta.model_name, "slug": thing.slug, "name": thing.name}


class ProgrammeRowSerializer(serializers.ModelSerializer):
    """A programme in a list."""

    page = LinkField()
    countries = slugs("code")
    levels = slugs("code")
    kinds = slugs()
    factors = slugs()
    audiences = slugs()
    evidence = serializers.CharField(read_only=True)
    reach = ReachSerializer(many=True, read_only=True)

    class Meta:
        model = Programme
        fields: tuple[str, ...] = (
            "slug", "name", "record_type", "summary", "page", "scope", "countries", "levels",
            "is_vocational", "kinds", "factors", "audiences", "duration", "status", "status_as_of",
            "year_start", "year_end", "evidence", "reach", "verified_on", "changed_at",
        )  # fmt: skip


class ProgrammeSerializer(ProgrammeRowSerializer):
    """A programme with every fact about it."""

    language = serializers.SerializerMethodField()
    names = NameSerializer(many=True, read_only=True)
    also_reaches = slugs("code")
    focuses = slugs()
    sectors = slugs()
    objectives = serializers.SerializerMethodField()
    activities = serializers.SerializerMethodField()
    languages = serializers.SerializerMethodField()
    bases = serializers.SerializerMethodField()
    evaluations = EvaluationSerializer(many=True, read_only=True)
    funding = FundingSerializer(many=True, read_only=True)
    partnerships = PartnershipSerializer(many=True, read_only=True)
    assessments = AssessmentSerializer(many=True, read_only=True)
    discrepancies = DiscrepancySerializer(many=True, read_only=True)
    documents = DocumentSerializer(many=True, read_only=True)
    citations = CitationSerializer(many=True, read_only=True)
    lineage = serializers.SerializerMethodField()
    logo = serializers.SerializerMethodField()

    class Meta(ProgrammeRowSerializer.Meta):
        fields = (
            *ProgrammeRowSerializer.Meta.fields,
            "language", "short_name", "names", "description", "objectives", "activities",
            "website", "also_reaches", "countries_note", "region", "site_levels", "age_min",
            "age_max", "languages", "focuses", "sectors", "year_start_detail", "year_end_detail",
            "bases", "impact", "reach_text", "funding_text", "key_statement", "is_highlighted",
            "highlighted_summary", "highlighted_impact", "evaluation_note", "note", "confidence",
            "logo", "evaluations", "funding", "partnerships", "assessments", "discrepancies",
            "documents", "citations", "lineage", "created_at",
        )  # fmt: skip

    def get_language(self, row: Programme) -> str:
        return LANGUAGE

    def get_objectives(self, row: Programme) -> list[str]:
        return row.objectives.splitlines()

    def get_activities(self, row: Programme) -> list[str]:
        return row.activities.splitlines()

    def get_languages(self, row: Programme) -> list[str]:
        return row.languages.split(", ") if row.languages else []

    def get_bases(self, row: Programme) -> dict[str, str]:
        return Entry(row).bases

    def get_lineage(self, row: Programme) -> Any:
        return LineageSerializer(Entry(row).lineage, many=True).data

    def get_logo(self, row: Programme) -> dict[str, str] | None:
        if not row.logo:
            return None
        address = absolute(row.logo.url)
        return {"url": address, "alt": row.logo_alt, "licence": row.logo_licence}


class Gone(APIException):
    """The entry was withdrawn; the detail says why."""

    status_code = 410


def why_gone(programme: Programme) -> str:
    """Return the reason for withdrawing an entry; its successor only if readers may see that."""
    successor = programme.merged_into
    if successor and successor.is_public:
        return _("Merged into {slug}.").format(slug=successor.slug)
    return programme.withdrawn_reason or _("This programme was withdrawn.")


class ProgrammeResource(IndexedResource):
    """Programmes: the whole selection, with the counts of facets where asked."""

    filterset_class = ProgrammeFilter
    serializer_class = ProgrammeSerializer
    list_serializer_class = ProgrammeRowSerializer

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.published()

    def get_object(self) -> Programme:
        """Return the entry; an old slug leads to it as well; 410 for a withdrawn one."""
        slug = self.kwargs["slug"]
        programmes = with_facts(Programme.objects.all())
        programme = (
            programmes.filter(slug=slug).first()
            or programmes.filter(former_slugs__slug=slug).first()
        )
        if programme and programme.state == Programme.State.WITHDRAWN:
            raise Gone(why_gone(programme))
        if programme is None or not programme.is_public:
            raise Http404(_("There is no programme {slug}.").format(slug=slug[:100]))
        return programme

    def select(self, request: Request) -> SelectionFilter:
        selection = ProgrammeFilter(request.query_params, self.catalogue, also=("facets",))
        problems = [*selection.problems, *self.wrong_facets(request)]
        if problems:
            raise WrongSelection(problems)
        return selection

    def asked_facets(self, request: Request) -> list[str]:
        values = ",".join(request.query_params.getlist("facets")).split(",")
        names = [value.strip().lower() for value in values if value.strip()]
        return list(FACETS) if "all" in names else list(dict.fromkeys(names))

    def wrong_facets(self, request: Request) -> list[Problem]:
        reason = _("is not a facet")
        return [
            Problem("facets", name[:100], reason, ("all", *FACETS))
            for name in self.asked_facets(request)
            if name not in FACETS
        ]

    def told(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        return read_rows(self.catalogue, ids)

    def answer(self, selection: Any, page: Page) -> dict[str, Any]:
        answer = super().answer(selection, page)
        asked = self.asked_facets(self.request)
        if asked:
            answer["facets"] = {name: self.facet(selection, FACETS[name]) for name in asked}
        return answer

    def facet(self, selection: ProgrammeFilter, facet: Facet) -> list[dict[str, Any]]:
        return [
            {"value": choice.value, "label": choice.label, "count": choice.count}
            for choice in selection.panel(facet).choices
        ]

    def address(self, selection: SelectionFilter, number: int | None) -> str | None:
        address = super().address(selection, number)
        asked = ",".join(self.asked_facets(self.request))
        if address is None or not asked:
            return address
        return f"{address}{'&' if '?' in address else '?'}facets={asked}"


class CountrySerializer(serializers.ModelSerializer):
    page = serializers.SerializerMethodField()
    programme_count = serializers.SerializerMethodField()

    class Meta:
        model = Country
        fields = (
            "code", "name", "in_eu", "in_eea", "is_candidate", "note", "programme_count", "page",
        )  # fmt: skip

    def get_page(self, row: Country) -> str:
        return absolute(f"/countries/{row.code.lower()}/")

    def get_programme_count(self, row: Country) -> int:
        return self.context["view"].catalogue.programme_count("country", row.code)


class CountryResource(Resource):
    """Countries, with the number of published programmes."""

    serializer_class = CountrySerializer
    lookup_field = "code"
    queryset = Country.objects.all()

    def get_object(self) -> Country:
        self.kwargs["code"] = self.kwargs["code"].upper()
        return super().get_object()


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


class InitiativeKindSerializer(serializers.ModelSerializer):
    factors = slugs()
    source = SourceField()

    class Meta:
        model = InitiativeKind
        fields = ("slug", "name", "description", "mechanism", "factors", "source")


class InitiativeKindResource(Resource):
    """The eleven kinds of initiative."""

    serializer_class = InitiativeKindSerializer
    queryset = InitiativeKind.objects.select_related("source").prefetch_related("factors")


class CareerFactorSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = CareerFactor
        fields = ("slug", "name", "description", "question", "source")


class CareerFactorResource(Resource):
    """The four factors of career choice."""

    serializer_class = CareerFactorSerializer
    queryset = CareerFactor.objects.select_related("source")


class AudienceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Audience
        fields = ("slug", "name", "description")


class AudienceResource(Resource):
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
    """The sources that facts were taken from."""

    serializer_class = SourceSerializer
    queryset = Source.objects.all()
