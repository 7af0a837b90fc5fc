"""Where sources lead that were merged into others, and mergers that wait for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0037_place_of_comments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerSourceSlug',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='name in addresses')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_slugs', to='programmes.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'former address of a source',
                'verbose_name_plural': 'former addresses of sources',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='ProposedMerger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(help_text='Such as programmes.source.', max_length=80, verbose_name='kind')),
                ('goes', models.PositiveBigIntegerField(help_text='The id of the one that goes.', verbose_name='goes')),
                ('stays', models.PositiveBigIntegerField(help_text='The id of the one that stays.', verbose_name='stays')),
                ('choices', models.JSONField(default=dict, help_text='What was answered, by question.', verbose_name='choices')),
                ('seen', models.JSONField(default=dict, help_text='How often both had been changed by then, by id.', verbose_name='seen')),
                ('told', models.CharField(help_text='In words.', max_length=600, verbose_name='what it does')),
                ('reason', models.CharField(help_text='Shown to everybody in the history.', max_length=200, verbose_name='reason')),
                ('state', models.CharField(choices=[('waiting', 'Waits for review'), ('returned', 'Returned'), ('done', 'Merged'), ('dropped', 'Dropped')], default='waiting', max_length=8, verbose_name='state')),
                ('comment', models.TextField(blank=True, max_length=2000, verbose_name='comment')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='sent')),
                ('changed_at', models.DateTimeField(auto_now=True, db_index=True, verbose_name='last step')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent by')),
            ],
            options={
                'verbose_name': 'proposed merger',
                'verbose_name_plural': 'proposed mergers',
                'ordering': ['-changed_at', '-pk'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('model', 'goes'), name='proposed_merger_once', violation_error_message='A merger of this waits for review already.')],
            },
        ),
    ]
