"""Reach figures are superseded or retracted, and claims say of which figure they speak."""

import django.db.models.deletion
from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('programmes', 'reach', 'claim')


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0024_public_sources'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.AddField(
            model_name='reach',
            name='superseded_by',
            field=models.ForeignKey(blank=True, help_text='The newer figure. This one is then shown as an earlier one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='programmes.reach', verbose_name='replaced by'),
        ),
        migrations.AddField(
            model_name='reach',
            name='retracted_because',
            field=models.CharField(blank=True, help_text='Why it was never right. It is shown no more; the history tells readers why.', max_length=300, verbose_name='retracted because'),
        ),
        migrations.AddField(
            model_name='reach',
            name='retracted_on',
            field=models.DateField(blank=True, null=True, verbose_name='retracted on'),
        ),
        migrations.AddField(
            model_name='claim',
            name='reach',
            field=models.ForeignKey(blank=True, help_text='The figure of the record that it speaks of, if there is one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programmes.reach', verbose_name='reach figure'),
        ),
        migrations.AddConstraint(
            model_name='reach',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_by', None), models.Q(('superseded_by', models.F('pk')), _negated=True), _connector='OR'), name='reach_not_replaced_by_itself', violation_error_message='A figure cannot replace itself. Choose another.'),
        ),
        migrations.AddConstraint(
            model_name='reach',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retracted_because', ''), ('retracted_on', None)), models.Q(models.Q(('retracted_because', ''), _negated=True), models.Q(('retracted_on', None), _negated=True)), _connector='OR'), name='reach_retracted_with_reason', violation_error_message='Say why it is retracted.'),
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
    ]
