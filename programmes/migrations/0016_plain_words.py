"""Labels and help texts say the same in plainer words; no row changes."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0015_no_effect'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterField(
                model_name='citation',
                name='basis',
                field=models.CharField(choices=[('stated', 'Stated'), ('inferred', 'Inferred'), ('declared-not-available', 'Not published')], max_length=24, verbose_name='basis'),
            ),
            migrations.AlterField(
                model_name='claim',
                name='is_shown',
                field=models.BooleanField(default=False, help_text='The record shows this value.', verbose_name='used above'),
            ),
            migrations.AlterField(
                model_name='contact',
                name='email',
                field=models.CharField(blank=True, help_text='The office’s published address, never a person’s own.', max_length=120, validators=[django.core.validators.EmailValidator()], verbose_name='email'),
            ),
            migrations.AlterField(
                model_name='discrepancy',
                name='about',
                field=models.CharField(help_text='Such as “number of companies”.', max_length=120, verbose_name='about'),
            ),
            migrations.AlterField(
                model_name='document',
                name='link_state',
                field=models.CharField(choices=[('unchecked', 'Not checked'), ('works', 'Works'), ('broken', 'Broken'), ('missing-in-source', 'Link not available')], default='unchecked', max_length=20, verbose_name='link'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='design',
                field=models.CharField(choices=[('randomised-trial', 'Randomised trial'), ('matched-comparison', 'Matched comparison'), ('before-after', 'Before and after'), ('outcome-survey', 'Survey of outcomes'), ('indicators', 'Indicators tracked'), ('audit', 'Audit'), ('satisfaction', 'Satisfaction survey'), ('qualitative', 'Interviews and case studies'), ('jury', 'Jury or certification'), ('participation', 'Participation counted'), ('not-known', 'Design not known')], default='not-known', max_length=20, verbose_name='design'),
            ),
            migrations.AlterField(
                model_name='initiativekind',
                name='mechanism',
                field=models.CharField(blank=True, choices=[('contextualise', 'Shows STEM lessons in a real-life context'), ('role-models', 'Shows role models and how industry works'), ('own-capabilities', 'Lets pupils find out what they can do')], help_text="Our reading of the report's three ways in which a partnership contributes.", max_length=20, verbose_name='mechanism'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='activities',
                field=models.TextField(blank=True, help_text='One activity per line, as the programme names it.', verbose_name='activities'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='also_reaches',
                field=models.ManyToManyField(blank=True, help_text='Other countries with participants, where it does not take place.', related_name='programmes_reaching', to='programmes.country', verbose_name='also reaches'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='confidence',
                field=models.CharField(choices=[('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], default='medium', help_text='How well the sources support the whole record. Not a score.', max_length=6, verbose_name='confidence'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='countries',
                field=models.ManyToManyField(blank=True, help_text='Where it takes place. Leave empty if Europe-wide without a list.', related_name='programmes', to='programmes.country', verbose_name='countries'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='is_vocational',
                field=models.BooleanField(default=False, help_text='Tick when it reaches vocational education, at any level.', verbose_name='vocational'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='merged_into',
                field=models.ForeignKey(blank=True, help_text='The record that replaced it; its page is shown instead.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='programmes.programme', verbose_name='merged into'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='name',
                field=models.CharField(help_text="The programme's own name, in English.", max_length=200, verbose_name='name'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='objectives',
                field=models.TextField(blank=True, help_text='One objective per line, in our own words.', verbose_name='objectives'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='short_name',
                field=models.CharField(blank=True, help_text='For menus and breadcrumbs. Not needed when the name is short.', max_length=60, verbose_name='short name'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='site_levels',
                field=models.CharField(blank=True, help_text="The labels of the EU STEM Coalition's site, separated by semicolons.", max_length=200, verbose_name='levels as the Coalition words them'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='withdrawn_reason',
                field=models.CharField(blank=True, help_text='Shown to anyone who opens the old link.', max_length=300, verbose_name='reason for withdrawing'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='year_end_detail',
                field=models.CharField(blank=True, help_text="The date or the source's words.", max_length=160, verbose_name='end in detail'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='year_start_detail',
                field=models.CharField(blank=True, help_text="The date or the source's words.", max_length=160, verbose_name='start in detail'),
            ),
            migrations.AlterField(
                model_name='reach',
                name='period',
                field=models.CharField(blank=True, help_text="In the source's own words.", max_length=60, verbose_name='period'),
            ),
            migrations.AlterField(
                model_name='reach',
                name='unit_detail',
                field=models.CharField(blank=True, help_text='What is counted, such as “research universities”.', max_length=120, verbose_name='unit in detail'),
            ),
            migrations.AlterField(
                model_name='source',
                name='link_state',
                field=models.CharField(choices=[('unchecked', 'Not checked'), ('works', 'Works'), ('broken', 'Broken'), ('absent', 'Not online')], default='unchecked', max_length=10, verbose_name='link'),
            ),
            migrations.AlterField(
                model_name='takingpart',
                name='further_sources',
                field=models.ManyToManyField(blank=True, help_text='Sources of cost, time and the like where the first says nothing.', related_name='+', to='programmes.source', verbose_name='further sources'),
            ),
            migrations.AlterField(
                model_name='takingpart',
                name='is_open',
                field=models.BooleanField(default=True, help_text='Untick when a source says that they cannot join, or no longer can.', verbose_name='open'),
            ),
        ]),
    ]
