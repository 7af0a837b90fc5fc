"""Partners' files on their way into the catalogue, and what came of them."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0030_links_and_leases'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RememberedColumn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Without capitals and accents.', max_length=200, unique=True, verbose_name='name')),
                ('target', models.CharField(help_text='With the unit that it counts: reach:students.', max_length=100, verbose_name='becomes')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'remembered column',
                'verbose_name_plural': 'remembered columns',
                'ordering': ['name'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('content', models.BinaryField(verbose_name='content')),
                ('digest', models.CharField(db_index=True, help_text='SHA-256 of the content.', max_length=64, verbose_name='digest')),
                ('sender', models.CharField(help_text='An organisation, never a person. It is named as the source.', max_length=200, verbose_name='who sent it')),
                ('dated', models.CharField(blank=True, help_text='A year or a day, if the file or its sender says so.', max_length=60, verbose_name='state of the file')),
                ('state', models.CharField(choices=[('reading', 'Being read'), ('drafted', 'Waits for review'), ('decided', 'Decided'), ('aside', 'Set aside')], default='reading', max_length=7, verbose_name='state')),
                ('choices', models.JSONField(blank=True, default=dict, help_text='How it is to be read.', verbose_name='choices')),
                ('columns', models.JSONField(blank=True, default=dict, help_text='What each column becomes.', verbose_name='columns')),
                ('answers', models.JSONField(blank=True, default=dict, help_text='What was answered, by question.', verbose_name='answers')),
                ('turn', models.PositiveIntegerField(default=0, help_text='How often it has been answered.', verbose_name='turn')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('changed_at', models.DateTimeField(auto_now=True, db_index=True, verbose_name='last step')),
                ('source', models.ForeignKey(blank=True, help_text='As which the file is named in records.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programmes.source', verbose_name='source')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-changed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='line')),
                ('says', models.CharField(db_index=True, help_text='SHA-256 of its facts.', max_length=64, verbose_name='what it says')),
                ('is_new', models.BooleanField(default=False, verbose_name='new record')),
                ('told', models.TextField(blank=True, help_text='In words.', max_length=2000, verbose_name='what changes')),
                ('is_returned', models.BooleanField(default=False, verbose_name='returned')),
                ('comment', models.TextField(blank=True, max_length=2000, verbose_name='comment')),
                ('draft', models.ForeignKey(blank=True, help_text='The draft of a change, where the record was there before.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programmes.changedraft', verbose_name='draft')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.programme', verbose_name='programme')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='programmes.import', verbose_name='import')),
            ],
            options={
                'verbose_name': 'imported row',
                'verbose_name_plural': 'imported rows',
                'ordering': ['line'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportedRowSeen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(help_text='Which state of the record or its draft was opened.', max_length=40, verbose_name='mark')),
                ('seen_at', models.DateTimeField(auto_now=True, verbose_name='opened')),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seen', to='programmes.importedrow', verbose_name='row')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'opened row',
                'verbose_name_plural': 'opened rows',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='importedrow',
            constraint=models.UniqueConstraint(fields=('sheet', 'line'), name='imported_row_line_once'),
        ),
        migrations.AddConstraint(
            model_name='importedrowseen',
            constraint=models.UniqueConstraint(fields=('row', 'user'), name='imported_row_seen_once'),
        ),
    ]
