"""Note where numbers are given, so that a promoted standby gives none that was given before.

It is empty until the first number is taken. That begins no history: nobody knows of another server.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0027_claims_on_money")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="origin",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text=(
                    "Which server of PostgreSQL, which of its timelines and which table gave the "
                    "number. Where another gives the next, a history begins."
                ),
                max_length=60,
                verbose_name="origin",
            ),
        ),
    ]
