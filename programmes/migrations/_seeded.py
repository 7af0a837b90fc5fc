"""Steps around a migration that changes the shape of rows which `seed` has loaded.

`seed` takes a row for a curator's when its digest is not the one that it remembers, and a column
more or less makes another digest. So rows that nobody has touched are marked before the change, and
their digest is remembered anew after it.
"""

from programmes.migrations._cleaning import digest

UNTOUCHED = 'untouched'


def make_steps(app_label, *model_names):
    """Return the steps before and after a change of these models: to mark, and to remember."""

    def mark_untouched(apps, schema_editor):
        for one, present in list_seeded(apps, schema_editor, app_label, model_names):
            if one.row_digest == present:
                store_digest(one, UNTOUCHED)

    def remember_untouched(apps, schema_editor):
        for one, present in list_seeded(apps, schema_editor, app_label, model_names):
            if one.row_digest == UNTOUCHED:
                store_digest(one, present)

    # By these a test sees that no change was forgotten.
    models = {f'{app_label}.{name}' for name in model_names}
    mark_untouched.models = remember_untouched.models = models
    return mark_untouched, remember_untouched


def list_seeded(apps, schema_editor, app_label, model_names):
    """Yield what `seed` remembers of each row of these models, and the digest of the row as it is."""
    using = schema_editor.connection.alias
    seeded = apps.get_model('programmes', 'SeededRow').objects.using(using)
    for name in model_names:
        rows = apps.get_model(app_label, name)._base_manager.using(using)
        of_model = seeded.filter(model=f'{app_label}.{name}').order_by('pk')
        for one in of_model.iterator():
            if row := rows.filter(pk=one.object_id).first():
                yield one, digest(row)


def store_digest(seeded, value):
    seeded.row_digest = value
    seeded.save(update_fields=['row_digest'])


def rename_value(app_label, model_name, field, old, new):
    """Return a step that gives rows with one value of a field another."""

    def rename(apps, schema_editor):
        model = apps.get_model(app_label, model_name)
        rows = model._base_manager.using(schema_editor.connection.alias)
        rows.filter(**{field: old}).update(**{field: new})

    return rename
