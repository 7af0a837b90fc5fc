"""Serializers of a programme and of each kind of fact about it."""

from typing import Any, TypedDict

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partnerships.models import CriterionAssessment, Funding, Lineage, Partnership
from programmes.models import (
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    Programme,
    ProgrammeName,
    Reach,
    TakingPart,
)
from stemobs.addresses import build_absolute_url
from stemobs.api.resources import (
    LinkField,
    NumberField,
    SourceField,
    StandingFigures,
    make_slugs_field,
)
from stemobs.entries import wording
from stemobs.entries.basis import BASIS_COLUMNS, BASIS_WORDS
from stemobs.entries.entry import Entry, find_anchor
from stemobs.entries.ways_in import find_best_page, list_openings
from stemobs.publisher import LANGUAGE


class EarlierReachSerializer(serializers.ModelSerializer):
    value = NumberField()
    value_max = NumberField()
    unit = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    text = serializers.SerializerMethodField()
    source = SourceField()
    anchor = serializers.SerializerMethodField()

    class Meta:
        model = Reach
        fields = (
            "text", "value", "value_max", "qualifier", "unit", "unit_detail", "period",
            "period_type", "year_from", "year_to", "note", "source", "anchor",
        )  # fmt: skip

    def get_text(self, row: Reach) -> str:
        return f"{wording.format_figure(row.qualifier, row.value, row.value_max)} {row.unit}"

    def get_anchor(self, row: Reach) -> str:
        return wording.build_anchor("reach", row.position)


class ReachSerializer(EarlierReachSerializer):
    earlier = EarlierReachSerializer(many=True, read_only=True)

    class Meta(EarlierReachSerializer.Meta):
        list_serializer_class = StandingFigures
        fields = (*EarlierReachSerializer.Meta.fields, "earlier")


class EarlierFundingSerializer(serializers.ModelSerializer):
    amount = NumberField()
    amount_max = NumberField()
    organisation = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    text = serializers.SerializerMethodField()
    source = SourceField()
    anchor = serializers.SerializerMethodField()

    class Meta:
        model = Funding
        fields = (
            "text", "source_type", "organisation", "amount", "amount_max", "qualifier",
            "currency", "basis", "basis_detail", "period", "year_from", "year_to", "note", "source",
            "anchor",
        )  # fmt: skip

    def get_text(self, row: Funding) -> str:
        return wording.format_funding(row.currency, row.qualifier, row.amount, row.amount_max)

    def get_anchor(self, row: Funding) -> str:
        return wording.build_anchor("funding", row.position)


class FundingSerializer(EarlierFundingSerializer):
    earlier = EarlierFundingSerializer(many=True, read_only=True)

    class Meta(EarlierFundingSerializer.Meta):
        list_serializer_class = StandingFigures
        fields = (*EarlierFundingSerializer.Meta.fields, "earlier")


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
    further_sources = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Evaluation
        fields = (
            "object", "design", "independence", "evaluator", "commissioner", "year", "sample",
            "result", "method", "headline", "finding", "note", "source", "further_sources",
        )  # fmt: skip


class TakingPartSerializer(serializers.ModelSerializer):
    source = SourceField()
    further_sources = make_slugs_field()

    class Meta:
        model = TakingPart
        fields = (
            "audience", "is_open", "how", "who_may_join", "cost", "time", "when", "source",
            "further_sources",
        )  # fmt: skip


class ContactSerializer(serializers.ModelSerializer):
    source = SourceField()

    class Meta:
        model = Contact
        fields = ("office", "url", "email", "source")


class ClaimSerializer(serializers.ModelSerializer):
    source = SourceField()
    figure = serializers.SerializerMethodField()

    class Meta:
        model = Claim
        fields = ("statement", "is_shown", "source", "figure")

    def get_figure(self, row: Claim) -> str:
        return find_anchor(row)


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


class End(TypedDict):
    """One end of a relation: a kind of record with its slug and name, or only a text."""

    type: str
    slug: str
    name: str


class LineageSerializer(serializers.ModelSerializer):
    source = SourceField()
    subject = serializers.SerializerMethodField()
    target = serializers.SerializerMethodField()

    class Meta:
        model = Lineage
        fields = ("subject", "relation", "target", "year", "note", "source")

    def get_subject(self, row: Lineage) -> End:
        return self.end(row.subject)

    def get_target(self, row: Lineage) -> End:
        return self.end(row.target)

    def end(self, thing: Any) -> End:
        """Return what a relation leads to: its kind, slug and name, or only a text."""
        if isinstance(thing, str):
            return {"type": "text", "slug": "", "name": thing}
        return {"type": thing._meta.model_name, "slug": thing.slug, "name": thing.name}


@extend_schema_field({"type": "string", "enum": list(BASIS_WORDS)})
class BasisField(serializers.Field):
    """How another value is known: `levels_basis` is “inferred” where the levels are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Programme) -> str:
        return Entry(value).basis(BASIS_COLUMNS[str(self.field_name)])


class ProgrammeRowSerializer(serializers.ModelSerializer):
    """A programme in a list."""

    page = LinkField()
    countries = make_slugs_field("code")
    levels = make_slugs_field("code")
    kinds = make_slugs_field()
    factors = make_slugs_field()
    audiences = make_slugs_field()
    evidence = serializers.CharField(read_only=True)
    open_to = serializers.SerializerMethodField()
    reach = ReachSerializer(many=True, read_only=True)

    class Meta:
        model = Programme
        fields: tuple[str, ...] = (
            "slug", "name", "record_type", "summary", "page", "scope", "countries", "levels",
            "is_vocational", "kinds", "factors", "audiences", "duration", "status", "status_as_of",
            "year_start", "year_end", "evidence", "open_to", "website", "reach", "verified_on",
            "changed_at", *BASIS_COLUMNS,
        )  # fmt: skip

    def build_unknown_field(self, field_name: str, model_class: type[Model]) -> Any:
        if field_name in BASIS_COLUMNS:
            return BasisField, {}
        return super().build_unknown_field(field_name, model_class)

    def get_open_to(self, row: Programme) -> list[str]:
        return [str(audience) for audience in list_openings(row)]


class PageToOpen(TypedDict):
    """The page to open first: its website, with no source, or the page of the source named."""

    url: str
    source: str


class CheckedSources(TypedDict):
    """Of how many sources all facts were checked as they stand, and how many sources there are."""

    checked: int
    of: int


class Logo(TypedDict):
    """A picture, the text that stands for it, who made it, its licence, and its size in pixels."""

    url: str
    alt: str
    credit: str
    licence: str
    width: int | None
    height: int | None


class ProgrammeSerializer(ProgrammeRowSerializer):
    """A programme with every fact about it."""

    language = serializers.SerializerMethodField()
    names = NameSerializer(many=True, read_only=True)
    also_reaches = make_slugs_field("code")
    focuses = make_slugs_field()
    sectors = make_slugs_field()
    objectives = serializers.SerializerMethodField()
    activities = serializers.SerializerMethodField()
    languages = serializers.SerializerMethodField()
    bases = serializers.SerializerMethodField()
    best_page = serializers.SerializerMethodField()
    verified_sources = serializers.SerializerMethodField()
    taking_part = TakingPartSerializer(many=True, read_only=True)
    contacts = ContactSerializer(many=True, read_only=True)
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
            "best_page", "taking_part", "contacts", "also_reaches", "countries_note", "region",
            "site_levels", "age_min", "age_max", "languages", "focuses", "sectors",
            "year_start_detail", "year_end_detail", "bases", "impact", "reach_text",
            "funding_text", "key_statement", "is_highlighted", "highlighted_summary",
            "highlighted_impact", "evaluation_note", "note", "confidence", "logo", "evaluations",
            "funding", "partnerships", "assessments", "discrepancies", "documents", "citations",
            "lineage", "verified_sources", "created_at",
        )  # fmt: skip

    def get_language(self, row: Programme) -> str:
        return LANGUAGE

    def get_best_page(self, row: Programme) -> PageToOpen | None:
        page = find_best_page(row)
        return page and {"url": page.url, "source": page.source.slug if page.source else ""}

    def get_verified_sources(self, row: Programme) -> CheckedSources | None:
        told = Entry(row).checked
        return told and {"checked": told.checked, "of": told.of}

    def get_objectives(self, row: Programme) -> list[str]:
        return row.objectives.splitlines()

    def get_activities(self, row: Programme) -> list[str]:
        return row.activities.splitlines()

    def get_languages(self, row: Programme) -> list[str]:
        return row.languages.split(", ") if row.languages else []

    def get_bases(self, row: Programme) -> dict[str, str]:
        return Entry(row).bases

    @extend_schema_field(LineageSerializer(many=True))
    def get_lineage(self, row: Programme) -> Any:
        return LineageSerializer(Entry(row).lineage, many=True).data

    def get_logo(self, row: Programme) -> Logo | None:
        picture = row.public_logo
        if not picture:
            return None
        return {
            "url": build_absolute_url(picture.url),
            "alt": row.logo_alt,
            "credit": row.logo_credit,
            "licence": row.logo_licence,
            "width": picture.width,
            "height": picture.height,
        }
