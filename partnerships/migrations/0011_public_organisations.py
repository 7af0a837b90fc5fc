"""Whether readers have seen one of the organisations: they could see all of them so far."""

from django.db import migrations, models


def make_field(default: bool) -> models.BooleanField:
    return models.BooleanField(
        default=default,
        editable=False,
        help_text="Set by itself as soon as something published names it, and from then on.",
        verbose_name="shown to readers",
    )


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0010_words_for_states")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField("organisation", "is_public", make_field(default=True))
            ],
            state_operations=[migrations.AddField("organisation", "is_public", make_field(default=False))],
        )
    ]
