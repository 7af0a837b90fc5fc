"""What runs is called running, and what ended is called ended, as on the pages; no row changes."""

from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0018_history'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterField(
                model_name='programme',
                name='status',
                field=models.CharField(choices=[('planned', 'Planned'), ('active', 'Running'), ('completed', 'Ended'), ('unknown', 'Not known')], default='unknown', max_length=10, verbose_name='status'),
            ),
        ]),
    ]
