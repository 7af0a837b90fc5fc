"""The result “null” is called “no-effect”: statistics programs read “null” as a missing value."""

from django.db import migrations, models

from programmes.migrations._seeded import make_steps, rename_value

mark_untouched, remember_untouched = make_steps('partnerships', 'fieldstudy')

NAMES = ('partnerships', 'fieldstudy', 'result')


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0006_studies_of_the_field'),
        ('programmes', '0015_no_effect'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.RunPython(
            rename_value(*NAMES, 'null', 'no-effect'), rename_value(*NAMES, 'no-effect', 'null')
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
        migrations.AlterField(
            model_name='fieldstudy',
            name='result',
            field=models.CharField(choices=[('positive', 'Positive'), ('mixed', 'Mixed'), ('no-effect', 'No effect found'), ('negative', 'Negative'), ('not-on-record', 'Result not known')], default='not-on-record', max_length=14, verbose_name='result'),
        ),
    ]
