"""SQL conditions on a row that readers may see, for triggers; they follow `relations.py`."""

from collections.abc import Iterator

from partnerships.models import Organisation
from programmes.models import Change, Departure, FormerSlug, Programme, Source, Story
from stemobs.catalogue.visibility.relations import Model, list_owners

PUBLISHED = f"{{row}}.state = '{Programme.State.PUBLISHED.value}'"
# Published, or withdrawn after readers could see it.
# Safe from injection, as all SQL of this module: only names and values of our own.
KNOWN = f"""({PUBLISHED} OR {{row}}.state = '{Programme.State.WITHDRAWN.value}' AND EXISTS (
    SELECT 1 FROM {Departure._meta.db_table} AS departure
     WHERE departure.subject = '{Change.Subject.PROGRAMME.value}'
       AND departure.object_id = {{row}}.id))"""  # noqa: S608  # only names and values of our own
# What the row itself must say; what it belongs to must be seen as well.
OF_ITSELF = {
    Programme: PUBLISHED,
    Source: "{row}.is_public",
    Organisation: "{row}.is_public",
    Story: "{row}.is_published",
}


def write_known(model: Model) -> str:
    """Return `where_visible` as SQL on a row `{row}`; an empty text if it is always true."""
    return write_visible(model, of_programme=KNOWN if model in (Programme, FormerSlug) else "")


def write_visible(model: Model, *, of_programme: str = "", depth: int = 0) -> str:
    """Return `match_visible` as SQL on a row `{row}`; an empty text if it is always true.

    `of_programme` is what the programme must be instead of published.
    """
    if model is Programme:
        return of_programme or PUBLISHED
    conditions = [OF_ITSELF[model]] if model in OF_ITSELF else []
    for tie in list_owners(model):
        owner = f"owner{depth}"
        inner = write_visible(tie.related_model, of_programme=of_programme, depth=depth + 1)
        if inner:
            table = tie.related_model._meta.db_table
            link = (
                f"EXISTS (SELECT 1 FROM {table} AS {owner}"  # noqa: S608  # only Django's names
                f" WHERE {owner}.id = {{row}}.{tie.column} AND {inner.replace('{row}', owner)})"
            )
            conditions.append(f"({{row}}.{tie.column} IS NULL OR {link})" if tie.null else link)
    return " AND ".join(conditions)


def write_ways(model: Model, owner: Model) -> Iterator[str]:
    """Yield SQL conditions that a row `{row}` belongs to rows of `owner` with `{ids}`."""
    for tie in list_owners(model):
        if tie.related_model is owner:
            yield f"{{row}}.{tie.column} IN ({{ids}})"
        for way in write_ways(tie.related_model, owner):
            table = tie.related_model._meta.db_table
            yield (
                f"{{row}}.{tie.column} IN (SELECT {table}.id FROM {table}"  # noqa: S608  # only Django's names
                f" WHERE {way.replace('{row}', table)})"
            )
