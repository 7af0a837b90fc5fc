"""Funding, and statements on strategies and platforms, are superseded or retracted."""

import django.db.models.deletion
from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('partnerships', 'funding', 'statement')


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0011_public_organisations'),
        ('programmes', '0025_figures_with_a_life'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.AddField(
            model_name='funding',
            name='superseded_by',
            field=models.ForeignKey(blank=True, help_text='The newer figure. This one is then shown as an earlier one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='partnerships.funding', verbose_name='replaced by'),
        ),
        migrations.AddField(
            model_name='funding',
            name='retracted_because',
            field=models.CharField(blank=True, help_text='Why it was never right. It is shown no more; the history tells readers why.', max_length=300, verbose_name='retracted because'),
        ),
        migrations.AddField(
            model_name='funding',
            name='retracted_on',
            field=models.DateField(blank=True, null=True, verbose_name='retracted on'),
        ),
        migrations.AddField(
            model_name='statement',
            name='superseded_by',
            field=models.ForeignKey(blank=True, help_text='The newer figure. This one is then shown as an earlier one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='partnerships.statement', verbose_name='replaced by'),
        ),
        migrations.AddField(
            model_name='statement',
            name='retracted_because',
            field=models.CharField(blank=True, help_text='Why it was never right. It is shown no more; the history tells readers why.', max_length=300, verbose_name='retracted because'),
        ),
        migrations.AddField(
            model_name='statement',
            name='retracted_on',
            field=models.DateField(blank=True, null=True, verbose_name='retracted on'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_by', None), models.Q(('superseded_by', models.F('pk')), _negated=True), _connector='OR'), name='funding_not_replaced_by_itself', violation_error_message='A figure cannot replace itself. Choose another.'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retracted_because', ''), ('retracted_on', None)), models.Q(models.Q(('retracted_because', ''), _negated=True), models.Q(('retracted_on', None), _negated=True)), _connector='OR'), name='funding_retracted_with_reason', violation_error_message='Say why it is retracted.'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_by', None), models.Q(('superseded_by', models.F('pk')), _negated=True), _connector='OR'), name='statement_not_replaced_by_itself', violation_error_message='A figure cannot replace itself. Choose another.'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retracted_because', ''), ('retracted_on', None)), models.Q(models.Q(('retracted_because', ''), _negated=True), models.Q(('retracted_on', None), _negated=True)), _connector='OR'), name='statement_retracted_with_reason', violation_error_message='Say why it is retracted.'),
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
    ]
