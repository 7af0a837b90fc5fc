"""The sections of a programme's form, and how lines are asked for in them."""

from django.utils.translation import gettext_lazy

from stemobs.admin.record.sections import Lines, Section

# The sections of the form, in the order of the public page.
SECTIONS = (
    Section("sources", gettext_lazy("Sources"), prefixes=("citations",)),
    Section(
        "what",
        gettext_lazy("What it is"),
        (
            gettext_lazy("What it is"),
            gettext_lazy("More: description, aims, activities, short name, theme"),
        ),
    ),
    Section(
        "where",
        gettext_lazy("Where and for whom"),
        (
            gettext_lazy("Where and for whom"),
            gettext_lazy("More: region, ages, languages, vocational, career factors"),
        ),
    ),
    Section("part", gettext_lazy("Taking part"), prefixes=("taking_part", "contacts")),
    Section(
        "when", gettext_lazy("When"), (gettext_lazy("When"), gettext_lazy("More: dates in detail"))
    ),
    Section(
        "reaches", gettext_lazy("Reach"), (gettext_lazy("More: reach and impact in words"),),
        ("reach",),
    ),
    Section("behind", gettext_lazy("Who is behind it"), prefixes=("partnerships",)),
    Section(
        "money", gettext_lazy("Money"), (gettext_lazy("More: funding in words"),), ("funding",)
    ),
    Section(
        "works",
        gettext_lazy("Does it work?"),
        (gettext_lazy("More: note on evaluation"),),
        ("evaluations", "assessments"),
    ),
    Section(
        "rare",
        gettext_lazy("Rarely needed"),
        (gettext_lazy("Key statement, highlight, note"), gettext_lazy("Picture")),
        ("names", "former_slugs", "discrepancies", "documents", "lineage"),
    ),
    Section(
        "curators",
        gettext_lazy("For curators"),
        (gettext_lazy("For curators"), gettext_lazy("Without a second person")),
    ),
)  # fmt: skip
LINES = {
    "citations": Lines(
        gettext_lazy("Add sources, one address a line"),
        gettext_lazy("Read these addresses"),
        "https://dialogic.nl/projecten/update-quickscan Update of the quickscan",
        gettext_lazy(
            "What follows the address is the title. An address that we know is taken as it is."
        ),
    ),
    "reach": Lines(
        gettext_lazy("Add figures, one a line"),
        gettext_lazy("Read these figures"),
        "nearly 500 students (girls from 60 schools), 2014 [2]",
        gettext_lazy(
            "Write it as you would say it, with the number of its source in brackets. A line "
            "without one takes the last source named."
        ),
    ),
    "partnerships": Lines(
        gettext_lazy("Add organisations, one a line"),
        gettext_lazy("Read these organisations"),
        "Philips, founder, since 2002 [1]",
        gettext_lazy("Name, role and years. One that we do not know is asked about."),
    ),
    "funding": Lines(
        gettext_lazy("Add sums, one a line"),
        gettext_lazy("Read these sums"),
        "EUR 9,650 in 2015 from ESET Foundation [2]",
        gettext_lazy("“22 mil. CZK” and “80’000 CHF” are read too. So is “paid by industry”."),
    ),
}
