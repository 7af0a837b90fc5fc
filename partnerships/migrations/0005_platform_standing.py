from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps("partnerships", "nationalplatform")


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0004_web_addresses"),
        ("programmes", "0008_evaluations"),
    ]

    operations = [
        migrations.RunPython(mark_untouched, migrations.RunPython.noop),
        migrations.AddField(
            model_name="nationalplatform",
            name="standing",
            field=models.CharField(
                choices=[
                    ("platform", "STEM platform"),
                    ("similar", "Body in a similar role"),
                    ("task-force", "Task force or commission for a time"),
                    ("attempt", "Attempt that came to nothing"),
                ],
                # Nothing is called a platform unasked; `seed` or a curator says what is one.
                default="similar",
                help_text="Only what acts or acted as a STEM platform counts as one.",
                max_length=10,
                verbose_name="what it is",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(remember_untouched, migrations.RunPython.noop),
    ]
