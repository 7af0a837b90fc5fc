"""Drafts of changes, which a second person approves, and what was done with them."""
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0028_origin_of_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('writing', 'Being written'), ('review', 'Sent to review'), ('returned', 'Returned'), ('published', 'Published'), ('dropped', 'Dropped')], default='writing', max_length=9, verbose_name='state')),
                ('form', models.JSONField(help_text='What the fields hold: a list of texts for each name.', verbose_name='form')),
                ('opened', models.JSONField(help_text='The published record that the form was merged with last.', verbose_name='opened with')),
                ('picture', models.CharField(blank=True, help_text='The file of a new picture.', max_length=100, verbose_name='picture')),
                ('reason', models.CharField(blank=True, help_text='Shown to everybody in the history, once it is published.', max_length=600, verbose_name='reason')),
                ('turn', models.PositiveIntegerField(default=0, help_text='How often it has been written.', verbose_name='turn')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('changed_at', models.DateTimeField(auto_now=True, db_index=True, verbose_name='last step')),
                ('edit', models.OneToOneField(blank=True, help_text='What it became when it was published.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='draft', to='programmes.edit', verbose_name='edit')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='programmes.programme', verbose_name='programme')),
            ],
            options={
                'verbose_name': 'draft of a change',
                'verbose_name_plural': 'drafts of changes',
                'ordering': ['-changed_at', '-pk'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='DraftStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('wrote', 'Written'), ('sent', 'Sent to review'), ('commented', 'Comment'), ('returned', 'Returned'), ('published', 'Published'), ('dropped', 'Dropped')], max_length=9, verbose_name='step')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('turn', models.PositiveIntegerField(help_text='Of the draft, by then.', verbose_name='turn')),
                ('form', models.JSONField(blank=True, help_text='What was written, where something was.', null=True, verbose_name='form')),
                ('about', models.CharField(blank=True, help_text='Which of the changes it is about.', max_length=300, verbose_name='about')),
                ('text', models.TextField(blank=True, max_length=2000, verbose_name='comment')),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='programmes.changedraft', verbose_name='draft')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'step of a draft',
                'verbose_name_plural': 'steps of drafts',
                'ordering': ['pk'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddConstraint(
            model_name='changedraft',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['writing', 'review', 'returned'])), fields=('programme',), name='draft_open_once'),
        ),
    ]
