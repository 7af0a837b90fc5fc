"""Checks of records against their sources, and what readers are told of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0032_tasks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='checked_facts',
            field=models.TextField(blank=True, default='', editable=False, help_text='A digest of each fact as it was, with the source that it was held against.', verbose_name='facts that were checked'),
        ),
        migrations.AlterField(
            model_name='edit',
            name='kind',
            field=models.CharField(choices=[('curator', 'By a curator'), ('check', 'Checked against its sources'), ('seed', 'From the fixtures'), ('dump', 'From a dump'), ('task', 'By the site itself'), ('direct', 'Directly in the database'), ('unseen', 'Written where nothing was kept'), ('ended', 'The last of a history that was lost')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('conflict', 'Figures that differ'), ('sum', 'Sums that do not add up'), ('link', 'Broken link'), ('found', 'Found in a check'), ('outside', 'Changed outside the admin'), ('outdated', 'Old figure'), ('stale', 'Due for a check'), ('gap', 'Missing facts'), ('duplicate', 'Perhaps entered twice'), ('orphan', 'Used nowhere')], max_length=9, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RecordCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.JSONField(blank=True, default=dict, help_text='By fact and source.', verbose_name='answers')),
                ('leaves_work', models.BooleanField(default=False, help_text='It found something that somebody still has to look at.', verbose_name='leaves work')),
                ('begun_at', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='last step')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='programmes.programme', verbose_name='programme')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'check against sources',
                'verbose_name_plural': 'checks against sources',
                'ordering': ['pk'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('programme', 'user'), name='check_begun_once')],
            },
        ),
    ]
