"""What was found of links, and which job runs now."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0029_drafts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('holder', models.CharField(blank=True, help_text='The host and the process.', max_length=100, verbose_name='holder')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='held until')),
                ('ended_at', models.DateTimeField(blank=True, help_text='When a run last came to its end.', null=True, verbose_name='last ended')),
            ],
            options={
                'verbose_name': 'lease',
                'verbose_name_plural': 'leases',
                'ordering': ['name'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='WebLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=600, unique=True, verbose_name='address')),
                ('host', models.CharField(blank=True, db_index=True, max_length=600, verbose_name='host')),
                ('outcome', models.CharField(blank=True, choices=[('works', 'Works'), ('moved', 'Works, has moved for good'), ('elsewhere', 'Works, has moved to another site'), ('front-page', 'Leads to a front page'), ('refused', 'Refuses robots'), ('says-gone', 'Says that there is no such page'), ('not-found', 'Not found'), ('server-error', 'The server fails'), ('no-host', 'No such host'), ('no-connection', 'Takes no connection'), ('too-slow', 'Too slow'), ('certificate', 'No secure connection'), ('redirects', 'Too many redirects'), ('not-public', 'Leads to no public address'), ('senseless', 'Answers what makes no sense')], max_length=13, verbose_name='last found')),
                ('status', models.PositiveSmallIntegerField(blank=True, help_text='The number that the server answered with.', null=True, verbose_name='status')),
                ('moved_to', models.CharField(blank=True, help_text='Where it has moved for good, or which front page it leads to.', max_length=2000, verbose_name='leads to')),
                ('looked_at', models.DateTimeField(blank=True, null=True, verbose_name='looked at')),
                ('failures', models.PositiveIntegerField(default=0, help_text='What refuses robots is no failure, and takes none back.', verbose_name='failures in a row')),
                ('first_failed_at', models.DateTimeField(blank=True, null=True, verbose_name='fails since')),
                ('is_broken', models.BooleanField(db_index=True, default=False, help_text='It failed three times or more, over seven days at least.', verbose_name='broken')),
                ('wait_until', models.DateTimeField(blank=True, help_text='If the server said so. That holds for its whole host.', null=True, verbose_name='not to be asked before')),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
                'ordering': ['address'],
                'default_permissions': ('view',),
            },
        ),
    ]
