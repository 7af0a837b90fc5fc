"""What runs is called running, and what ended is called ended, as on the pages; no row changes."""

from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0009_words_for_curators'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterField(
                model_name='nationalplatform',
                name='status',
                field=models.CharField(choices=[('planned', 'Planned'), ('active', 'Running'), ('completed', 'Ended'), ('unknown', 'Not known')], default='unknown', max_length=10, verbose_name='status'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='status',
                field=models.CharField(choices=[('planned', 'Planned'), ('active', 'Running'), ('completed', 'Ended'), ('unknown', 'Not known')], default='unknown', max_length=10, verbose_name='status'),
            ),
        ]),
    ]
