"""Publishing becomes a right of its own; whoever could change programmes keeps it. No row of the catalogue changes."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.migrations.operations.base import Operation


class KeepPublishing(Operation):
    """Lets users and groups that may change programmes publish them too, as they could before.

    It writes nothing that the history keeps. So it is no RunPython, which on SQLite would let the
    history begin anew.
    """

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        using = schema_editor.connection.alias
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM auth_permission WHERE codename = 'change_programme'")
            if not cursor.fetchone():
                return  # a new database, in which nobody has a permission
        give_publishing(from_state.apps, using)

    def database_backwards(self, *args: Any) -> None:
        pass


def give_publishing(apps: Any, using: str) -> None:
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    of_programmes = {"content_type__app_label": "programmes", "codename": "change_programme"}
    change = permissions.filter(**of_programmes).first()
    if change is None:
        return
    publish, _made = permissions.get_or_create(
        content_type=change.content_type,
        codename="publish_programme",
        defaults={"name": "Can publish, withdraw and restore programme"},
    )
    publish.user_set.add(*change.user_set.all())
    publish.group_set.add(*change.group_set.all())


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('programmes', '0022_suggestions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='programme',
            options={'ordering': ['name', 'slug'], 'permissions': [('publish_programme', 'Can publish, withdraw and restore programme')], 'verbose_name': 'programme', 'verbose_name_plural': 'programmes'},
        ),
        KeepPublishing(),
    ]
