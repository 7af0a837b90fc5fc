"""Make room for all that may be said at once of why something was changed.

A form may ask why a record is odd and why somebody acts alone, and an answered suggestion is named
besides. PostgreSQL refused what was longer than the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0025_figures_with_a_life")]

    operations = [
        migrations.AlterField(
            model_name="edit",
            name="reason",
            field=models.CharField(blank=True, max_length=600, verbose_name="reason"),
        ),
    ]
