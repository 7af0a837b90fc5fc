"""Changes of one field of many records at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0034_merged_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('choosing', 'Being prepared'), ('waiting', 'Waits for review'), ('returned', 'Returned'), ('done', 'Done'), ('undone', 'Undone')], default='choosing', max_length=8, verbose_name='state')),
                ('ticked', models.JSONField(default=list, help_text='The ids of the records that were ticked.', verbose_name='ticked')),
                ('matching', models.JSONField(blank=True, default=list, help_text='The ids of all that the list found.', verbose_name='matching')),
                ('choice', models.JSONField(blank=True, default=dict, help_text='What is changed, and to what.', verbose_name='choice')),
                ('told', models.CharField(blank=True, help_text='In words.', max_length=600, verbose_name='what it does')),
                ('reason', models.CharField(blank=True, help_text='Shown to everybody in the history.', max_length=200, verbose_name='reason')),
                ('comment', models.TextField(blank=True, max_length=2000, verbose_name='comment')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('changed_at', models.DateTimeField(auto_now=True, db_index=True, verbose_name='last step')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'bulk change',
                'verbose_name_plural': 'bulk changes',
                'ordering': ['-changed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkChangeRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told', models.TextField(blank=True, help_text='In words.', max_length=2000, verbose_name='what changes')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='programmes.bulkchange', verbose_name='bulk change')),
                ('edit', models.ForeignKey(blank=True, help_text='Empty while it waits, and if it was left as it was.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programmes.edit', verbose_name='edit')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.programme', verbose_name='programme')),
            ],
            options={
                'verbose_name': 'row of a bulk change',
                'verbose_name_plural': 'rows of bulk changes',
                'ordering': ['programme__name', 'pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('batch', 'programme'), name='bulk_row_once')],
            },
        ),
    ]
