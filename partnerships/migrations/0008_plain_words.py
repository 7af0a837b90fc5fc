"""Labels and help texts say the same in plainer words; no row changes."""

import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0007_no_effect'),
        ('programmes', '0016_plain_words'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterField(
                model_name='fieldstudy',
                name='design',
                field=models.CharField(choices=[('randomised-trial', 'Randomised trial'), ('matched-comparison', 'Matched comparison'), ('before-after', 'Before and after'), ('outcome-survey', 'Survey of outcomes'), ('indicators', 'Indicators tracked'), ('audit', 'Audit'), ('satisfaction', 'Satisfaction survey'), ('qualitative', 'Interviews and case studies'), ('jury', 'Jury or certification'), ('participation', 'Participation counted'), ('not-known', 'Design not known')], default='not-known', max_length=20, verbose_name='design'),
            ),
            migrations.AlterField(
                model_name='funding',
                name='amount',
                field=models.DecimalField(blank=True, decimal_places=2, help_text='As stated, never converted. For a range, the lower end.', max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='amount'),
            ),
            migrations.AlterField(
                model_name='funding',
                name='period',
                field=models.CharField(blank=True, help_text="In the source's own words.", max_length=60, verbose_name='period'),
            ),
            migrations.AlterField(
                model_name='guide',
                name='caution',
                field=models.TextField(blank=True, help_text='What readers should not conclude from it.', verbose_name='caution'),
            ),
            migrations.AlterField(
                model_name='guide',
                name='group',
                field=models.CharField(choices=[('practice', 'Good practice'), ('evidence', 'What research shows'), ('partnership', 'Setting up partnerships'), ('transfer', 'Bringing an idea to another country'), ('task-force', 'Archive 2013–14'), ('study', 'How the studies were made'), ('reference', 'Terms and references')], max_length=12, verbose_name='group'),
            ),
            migrations.AlterField(
                model_name='guide',
                name='vocabulary',
                field=models.CharField(blank=True, choices=[('initiative-kinds', 'Initiative kinds'), ('career-factors', 'Career factors'), ('obstacles', 'Obstacles'), ('criteria', 'Criteria')], help_text='The list of terms that the guide explains first.', max_length=20, verbose_name='vocabulary'),
            ),
            migrations.AlterField(
                model_name='lineage',
                name='relation',
                field=models.CharField(choices=[('derived-from', 'Derived from'), ('adapted-as', 'Adapted as'), ('inspired', 'Inspired'), ('builds-on', 'Builds on'), ('part-of', 'Part of'), ('parent-of', 'Includes'), ('renamed-from', 'Renamed from'), ('succeeded-by', 'Succeeded by'), ('successor-of', 'Successor of'), ('supports-strategy', 'Supports')], max_length=20, verbose_name='relation'),
            ),
            migrations.AlterField(
                model_name='nationalplatform',
                name='standing',
                field=models.CharField(choices=[('platform', 'STEM platform'), ('similar', 'Body in a similar role'), ('task-force', 'Temporary task force or commission'), ('attempt', 'Attempt that came to nothing')], help_text='Only what acts or acted as a STEM platform counts as one.', max_length=10, verbose_name='what it is'),
            ),
            migrations.AlterField(
                model_name='organisation',
                name='country',
                field=models.ForeignKey(blank=True, help_text='Where it is based. Leave empty if multinational or not known.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='organisations', to='programmes.country', verbose_name='country'),
            ),
            migrations.AlterField(
                model_name='organisation',
                name='is_country_inferred',
                field=models.BooleanField(default=False, help_text='Tick when no source says where.', verbose_name='country is inferred'),
            ),
            migrations.AlterField(
                model_name='organisation',
                name='is_type_inferred',
                field=models.BooleanField(default=False, help_text='Tick when no source states it.', verbose_name='type is inferred'),
            ),
            migrations.AlterField(
                model_name='organisation',
                name='name',
                field=models.CharField(help_text='The English name, if there is one.', max_length=200, verbose_name='name'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='period',
                field=models.CharField(blank=True, help_text="In the source's own words.", max_length=60, verbose_name='period'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='programme',
                field=models.OneToOneField(blank=True, help_text='The programme that is the same thing.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='strategy', to='programmes.programme', verbose_name='same as programme'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='type',
                field=models.CharField(blank=True, choices=[('private', 'Private strategy'), ('public-private', 'Public-private strategy'), ('national-public-education', 'Public strategy of education ministries'), ('national-public-integral', 'Public strategy of several ministries')], help_text="Our reading of the report's Table 5. Leave empty if none fits.", max_length=26, verbose_name='type'),
            ),
        ]),
    ]
