"""Claims say of which sum of money they speak.

The claims are of the app below, whose migrations know nothing of money. So this one adds their
column, and a later migration of claims depends on it.
"""

import django.db.models.deletion
from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('programmes', 'claim')


class OfProgrammes:
    """Makes an operation work on the app of the claims."""

    def state_forwards(self, app_label, *args):
        super().state_forwards('programmes', *args)

    def database_forwards(self, app_label, *args):
        super().database_forwards('programmes', *args)

    def database_backwards(self, app_label, *args):
        super().database_backwards('programmes', *args)


class AddField(OfProgrammes, migrations.AddField):
    pass


class AddConstraint(OfProgrammes, migrations.AddConstraint):
    pass


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0012_figures_with_a_life'),
        ('programmes', '0026_reasons'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        AddField(
            model_name='claim',
            name='funding',
            field=models.ForeignKey(blank=True, help_text='The sum of the record that it speaks of, if there is one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partnerships.funding', verbose_name='sum of money'),
        ),
        AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('reach', None), ('funding', None), _connector='OR'), name='claim_speaks_of_one_figure', violation_error_message='Choose a reach figure or a sum of money, not both.'),
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
    ]
