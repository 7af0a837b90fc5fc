"""Suggestions of readers, and the answers of curators."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0021_lost_histories'),
    ]

    operations = [
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256 of the token of its page.', max_length=64, unique=True, verbose_name='digest')),
                ('fact', models.CharField(blank=True, help_text='The part of the record, such as “works”, or a row of it, such as “reach-3”.', max_length=40, verbose_name='fact')),
                ('fact_told', models.CharField(blank=True, help_text='What stood there when the reader wrote.', max_length=300, verbose_name='fact as it was shown')),
                ('about', models.CharField(blank=True, help_text="In the reader's words, or a page.", max_length=300, verbose_name='about')),
                ('kind', models.CharField(choices=[('newer', 'There is something newer'), ('wrong', 'It was never right'), ('changed', 'The programme has changed or ended'), ('missing', 'Something is missing'), ('other', 'Something else')], max_length=8, verbose_name='what is the matter')),
                ('value', models.CharField(blank=True, max_length=200, verbose_name='right value')),
                ('said', models.TextField(max_length=2000, verbose_name='in their words')),
                ('source', models.CharField(max_length=500, verbose_name='where to look it up')),
                ('role', models.CharField(blank=True, choices=[('works-there', 'I work for the programme or a partner'), ('took-part', 'I took part, as a school or a company'), ('studies', 'I study such programmes'), ('came-across', 'I came across it')], max_length=12, verbose_name='how they know')),
                ('state', models.CharField(choices=[('received', 'Received'), ('seen', 'Looked at'), ('accepted', 'Accepted'), ('partly', 'Accepted in part'), ('declined', 'Declined')], default='received', max_length=8, verbose_name='state')),
                ('answer', models.TextField(blank=True, help_text='The sender reads exactly this. One or two sentences, no names.', max_length=2000, verbose_name='answer')),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='received')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='looked at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('programme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='suggestions', to='programmes.programme', verbose_name='programme')),
            ],
            options={
                'verbose_name': 'suggestion',
                'verbose_name_plural': 'suggestions',
                'ordering': ['-created_at', '-pk'],
                'default_permissions': ('view', 'change', 'delete'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['partly', 'declined']), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='suggestion_answer_says_why', violation_error_message='Say why it is not taken over.')],
            },
        ),
    ]
