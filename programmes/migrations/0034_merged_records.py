"""Which records were merged into one, without looking at all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0033_checks'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='programme',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='programme_merged'),
        ),
    ]
