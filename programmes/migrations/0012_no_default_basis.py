from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0011_headlines_of_evaluations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="programme",
            name="duration",
            field=models.CharField(
                blank=True,
                choices=[
                    ("one-off", "One-off"),
                    ("hours-days", "Hours or days"),
                    ("weeks", "Weeks"),
                    ("long-term", "Long-term"),
                ],
                help_text=(
                    "How long a participant is involved. Shown only with a citation of it."
                ),
                max_length=12,
                verbose_name="duration",
            ),
        ),
        migrations.AlterField(
            model_name="citation",
            name="basis",
            field=models.CharField(
                choices=[
                    ("stated", "Stated"),
                    ("inferred", "Inferred"),
                    ("declared-not-available", "Declared not available"),
                ],
                max_length=24,
                verbose_name="basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis__in", ["stated", "inferred", "declared-not-available"])),
                name="citation_has_basis",
                violation_error_message="Say whether the source states it or it is inferred.",
            ),
        ),
    ]
