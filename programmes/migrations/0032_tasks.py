"""What waits for a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0031_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('conflict', 'Figures that differ'), ('sum', 'Sums that do not add up'), ('link', 'Broken link'), ('outside', 'Changed outside the admin'), ('outdated', 'Old figure'), ('stale', 'Due for a check'), ('gap', 'Missing facts'), ('duplicate', 'Perhaps entered twice'), ('orphan', 'Used nowhere')], max_length=9, verbose_name='kind')),
                ('key', models.CharField(help_text='What it is about, once among those of its kind.', max_length=80, verbose_name='key')),
                ('about', models.CharField(blank=True, help_text='An address, or the model of a row and its id.', max_length=600, verbose_name='about')),
                ('told', models.CharField(help_text='In words.', max_length=600, verbose_name='what was found')),
                ('fingerprint', models.CharField(help_text='A digest of what shows it.', max_length=32, verbose_name='fingerprint')),
                ('weight', models.PositiveIntegerField(default=0, help_text='How much its record tells readers.', verbose_name='weight')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('seen_at', models.DateTimeField(verbose_name='last found')),
                ('state', models.CharField(choices=[('open', 'Open'), ('gone', 'Closed by itself'), ('closed', 'Closed by somebody')], default='open', max_length=6, verbose_name='state')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('taken_until', models.DateTimeField(blank=True, help_text='After that it is free again.', null=True, verbose_name='taken until')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('other', models.ForeignKey(blank=True, help_text='The one that may be the same.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.programme', verbose_name='other programme')),
                ('programme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='programmes.programme', verbose_name='programme')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'ordering': ['-weight', 'pk'],
                'default_permissions': ('view', 'change'),
                'indexes': [models.Index(fields=['state', 'kind', '-weight', 'id'], name='task_queue'), models.Index(fields=['state', '-weight', 'id'], name='task_queue_of_all')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='task_once', violation_error_message='There is a task about this already.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='task_closed_with_reason', violation_error_message='Say why it can be closed.'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), models.Q(('closed_at', None), _negated=True)), _connector='OR'), name='task_closed_at_a_time', violation_error_message='Only what is closed has a time when it was.')],
            },
        ),
    ]
