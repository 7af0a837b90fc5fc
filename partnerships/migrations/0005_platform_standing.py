from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0004_web_addresses"),
    ]

    operations = [
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
    ]
