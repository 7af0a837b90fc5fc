"""Steps around a migration that changes the shape of rows which `seed` has loaded.

`seed` takes a row for a curator's when its digest is not the one that it remembers, and a column
more or less makes another digest. So rows that nobody has touched are marked before the change, and
their digest is remembered anew after it.
"""

from programmes.migrations._cleaning import digest

UNTOUCHED = 'untouched'


def make_steps(app_label, *model_names):
    """Return the steps before and after a change of these models: to mark, and to remember."""

    def list_seeded(apps, schema_editor):
        using = schema_editor.connection.alias
        seeded = apps.get_model('programmes', 'SeededRow').objects.using(using)
        for name in model_names:
            model = apps.get_model(app_label, name)
            rows = model._base_manager.using(using)
            of_model = seeded.filter(model=f'{app_label}.{name}')
            for one in of_model.order_by('pk').iterator():
                if row := rows.filter(pk=one.object_id).first():
                    yield one, digest(row)

    def mark_untouched(apps, schema_editor):
        for one, present in list_seeded(apps, schema_editor):
            if one.row_digest == present:
                one.row_digest = UNTOUCHED
                one.save(update_fields=['row_digest'])

    def remember_untouched(apps, schema_editor):
        for one, present in list_seeded(apps, schema_editor):
            if one.row_digest == UNTOUCHED:
                one.row_digest = present
                one.save(update_fields=['row_digest'])

    return mark_untouched, remember_untouched
