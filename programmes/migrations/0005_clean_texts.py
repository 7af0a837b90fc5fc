from django.db import migrations

from programmes.migrations._cleaning import clean_rows


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0004_departures'),
    ]

    operations = [
        migrations.RunPython(clean_rows('programmes'), migrations.RunPython.noop),
    ]
