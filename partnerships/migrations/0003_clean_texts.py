from django.db import migrations

from programmes.migrations._cleaning import clean_rows


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0002_free_guide_slugs'),
        ('programmes', '0005_clean_texts'),
    ]

    operations = [
        migrations.RunPython(clean_rows('partnerships'), migrations.RunPython.noop),
    ]
