"""The place of a comment on a draft in the form: the field or the row that it is about."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0036_retired_terms'),
    ]

    operations = [
        migrations.AddField(
            model_name='draftstep',
            name='place',
            field=models.CharField(blank=True, editable=False, help_text='Of what it is about in the form: a field, or a row by its kind and its key.', max_length=80, verbose_name='place'),
        ),
    ]
