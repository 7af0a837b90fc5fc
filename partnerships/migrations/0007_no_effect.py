"""The result “null” is called “no-effect”: statistics programs read “null” as a missing value."""

from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('partnerships', 'fieldstudy')


def rename(old, new):
    def rename_result(apps, schema_editor):
        rows = apps.get_model('partnerships', 'FieldStudy')._base_manager.using(schema_editor.connection.alias)
        rows.filter(result=old).update(result=new)

    return rename_result


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0006_studies_of_the_field'),
        ('programmes', '0015_no_effect'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.RunPython(rename('null', 'no-effect'), rename('no-effect', 'null')),
        migrations.RunPython(remember_untouched, mark_untouched),
        migrations.AlterField(
            model_name='fieldstudy',
            name='result',
            field=models.CharField(choices=[('positive', 'Positive'), ('mixed', 'Mixed'), ('no-effect', 'No effect found'), ('negative', 'Negative'), ('not-on-record', 'Result not known')], default='not-on-record', max_length=14, verbose_name='result'),
        ),
    ]
