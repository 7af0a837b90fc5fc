"""The result “null” is called “no-effect”: statistics programs read “null” as a missing value."""

from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('programmes', 'evaluation')


def rename(old, new):
    def rename_result(apps, schema_editor):
        rows = apps.get_model('programmes', 'Evaluation')._base_manager.using(schema_editor.connection.alias)
        rows.filter(result=old).update(result=new)

    return rename_result


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0014_stories'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.RunPython(rename('null', 'no-effect'), rename('no-effect', 'null')),
        migrations.RunPython(remember_untouched, mark_untouched),
        migrations.AlterField(
            model_name='evaluation',
            name='result',
            field=models.CharField(choices=[('positive', 'Positive'), ('mixed', 'Mixed'), ('no-effect', 'No effect found'), ('negative', 'Negative'), ('not-on-record', 'Result not known')], default='not-on-record', max_length=14, verbose_name='result'),
        ),
    ]
