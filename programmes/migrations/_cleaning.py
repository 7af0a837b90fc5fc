"""What the migrations of both apps do to rows from before texts were cleaned as they are stored.

`seed` takes a row for a curator's when its digest is not the one that it remembers. So the digest
of a row that nobody has touched is remembered anew, and stays what it was for all others.
"""

import hashlib
import json
import logging

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, models, transaction

from programmes.columns.texts import clean_line, clean_text, is_web_address

log = logging.getLogger(__name__)

NOT_OF_CURATORS = {'change', 'departure', 'revision', 'seededrow'}
NOTES = {'programme': 'curators_note', 'source': 'note', 'document': 'note', 'organisation': 'note'}


def clean_rows(app_label):
    """Return the step of a migration that cleans all texts of an app."""

    def clean(apps, schema_editor):
        using = schema_editor.connection.alias
        seeded = apps.get_model('programmes', 'SeededRow').objects.using(using)
        for model in apps.get_models():
            meta = model._meta
            if meta.app_label == app_label and meta.model_name not in NOT_OF_CURATORS:
                clean_model(model, model._base_manager.using(using), seeded)

    return clean


def clean_model(model, rows, seeded):
    texts = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and field.choices is None
        and not isinstance(field, models.FileField)
    ]
    names = [field.name for field in texts]
    dirty = []
    for pk, *values in rows.order_by('pk').values_list('pk', *names).iterator():
        told = dict(zip(names, values, strict=True))
        if changes := find_changes(texts, told):
            dirty.append((pk, told, changes))
    for pk, told, changes in dirty:
        move_other_addresses(model, texts, told, changes)
        write(rows, pk, changes, seeded.filter(model=model._meta.label_lower, object_id=pk))


def find_changes(texts, told):
    changes = {}
    for field in texts:
        value = told[field.name]
        if value:
            clean = clean_text if isinstance(field, models.TextField) else clean_line
            new = clean(value)
            if isinstance(field, models.URLField) and new and not is_web_address(new):
                # An address without a scheme is of the web; any other scheme is no link here.
                new = '' if ':' in new else f'https://{new}'
            if new != value:
                changes[field.name] = new
    return changes


def move_other_addresses(model, texts, told, changes):
    """Keep an address that can be no link as a text in the row's note."""
    for field in texts:
        if isinstance(field, models.URLField) and changes.get(field.name) == '':
            name = NOTES[model._meta.model_name]
            note = f"{changes.get(name, told[name])} {field.verbose_name}: {told[field.name]}".strip()
            if len(note) <= (model._meta.get_field(name).max_length or len(note)):
                changes[name] = note
            else:
                log.warning("%s %s: the address was removed.", model._meta.label, told)


def write(rows, pk, changes, seeded):
    """Write each column by itself: one that would be too long or not unique stays as it is.

    An address stays only if it can be a link, because the next migration refuses all others.
    """
    row = rows.get(pk=pk)
    before = digest(row)
    for name, value in changes.items():
        try:
            with transaction.atomic(using=rows.db):
                rows.filter(pk=pk).update(**{name: value})
        except (DataError, IntegrityError):
            told = getattr(row, name)
            if isinstance(row._meta.get_field(name), models.URLField) and not is_web_address(told):
                log.warning("%s %s: the address %s was removed.", row._meta.label, pk, told)
                rows.filter(pk=pk).update(**{name: ''})
    seeded.filter(row_digest=before).update(row_digest=digest(rows.get(pk=pk)))


def digest(row):
    """Return the digest of a row as `seed` makes it."""
    columns = {
        f.attname: f.value_to_string(row) for f in row._meta.concrete_fields if f.editable
    }
    related = {
        f.name: sorted(one.pk for one in getattr(row, f.name).all()) for f in row._meta.many_to_many
    }
    text = json.dumps({**columns, **related}, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()
