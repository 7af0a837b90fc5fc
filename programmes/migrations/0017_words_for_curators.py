"""Labels, help texts and messages tell curators in plain words what to do; no row changes."""

import django.core.validators
import django.db.models.deletion
import programmes.models.evaluations
from decimal import Decimal
from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0016_plain_words'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterModelOptions(
                name='discrepancy',
                options={'ordering': ['position'], 'verbose_name': 'difference between sources', 'verbose_name_plural': 'differences between sources'},
            ),
            migrations.AlterField(
                model_name='audience',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='audience',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='careerfactor',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='careerfactor',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='citation',
                name='evidence',
                field=models.CharField(blank=True, help_text='What the value is inferred from, or what the source says instead.', max_length=400, verbose_name='evidence'),
            ),
            migrations.AlterField(
                model_name='citation',
                name='field',
                field=models.CharField(choices=[('entry', 'The record as a whole'), ('name', 'Name'), ('summary', 'Summary'), ('description', 'Description'), ('objectives', 'Objectives'), ('activities', 'Activities'), ('countries', 'Country'), ('levels', 'Education level'), ('kinds', 'Initiative kind'), ('factors', 'Career factor'), ('audiences', 'Audience'), ('ages', 'Ages'), ('languages', 'Languages'), ('duration', 'Duration'), ('year_start', 'Start year'), ('year_end', 'End year'), ('status', 'Status'), ('impact', 'Impact'), ('reach', 'Reach'), ('funding', 'Funding'), ('evaluation', 'Evaluation'), ('lineage', 'Lineage'), ('key_statement', 'Key statement'), ('highlight', 'Highlighted texts'), ('organisations', 'Organisations')], default='entry', max_length=16, verbose_name='about'),
            ),
            migrations.AlterField(
                model_name='citation',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='claim',
                name='discrepancy',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='programmes.discrepancy', verbose_name='difference between sources'),
            ),
            migrations.AlterField(
                model_name='claim',
                name='is_shown',
                field=models.BooleanField(default=False, help_text='Tick the value that the record shows.', verbose_name='shown in the record'),
            ),
            migrations.AlterField(
                model_name='claim',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='contact',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='country',
                name='code',
                field=models.CharField(help_text='Two letters (ISO 3166-1): GR for Greece, GB for the United Kingdom, XK for Kosovo.', max_length=2, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Use two capital letters, such as NL.')], verbose_name='code'),
            ),
            migrations.AlterField(
                model_name='country',
                name='name',
                field=models.CharField(help_text='The usual English name, from Unicode’s list (CLDR).', max_length=80, verbose_name='name'),
            ),
            migrations.AlterField(
                model_name='departure',
                name='slug',
                field=models.SlugField(db_index=False, help_text='The one that readers knew it by.', max_length=80, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='discrepancy',
                name='field',
                field=models.CharField(choices=[('entry', 'The record as a whole'), ('name', 'Name'), ('summary', 'Summary'), ('description', 'Description'), ('objectives', 'Objectives'), ('activities', 'Activities'), ('countries', 'Country'), ('levels', 'Education level'), ('kinds', 'Initiative kind'), ('factors', 'Career factor'), ('audiences', 'Audience'), ('ages', 'Ages'), ('languages', 'Languages'), ('duration', 'Duration'), ('year_start', 'Start year'), ('year_end', 'End year'), ('status', 'Status'), ('impact', 'Impact'), ('reach', 'Reach'), ('funding', 'Funding'), ('evaluation', 'Evaluation'), ('lineage', 'Lineage'), ('key_statement', 'Key statement'), ('highlight', 'Highlighted texts'), ('organisations', 'Organisations')], max_length=16, verbose_name='field'),
            ),
            migrations.AlterField(
                model_name='discrepancy',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='document',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='educationlevel',
                name='code',
                field=models.PositiveSmallIntegerField(help_text='The level in ISCED 2011, from 0 to 8.', unique=True, verbose_name='code'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='finding',
                field=models.TextField(blank=True, help_text='In our own words: the main result first, then results for single groups.', verbose_name='finding'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='headline',
                field=models.CharField(blank=True, help_text='In our own words, at most 12, as they follow “It found”: “no effect on progress in science”, “that teachers grew surer of themselves”.', max_length=120, validators=[programmes.models.evaluations.refuse_long_headline], verbose_name='headline'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='independence',
                field=models.CharField(choices=[('independent', 'Independent'), ('commissioned', 'Paid for by the programme, done by others'), ('own', 'The programme’s own'), ('not-known', 'Not known by whom')], default='not-known', help_text='Choose “Independent” only if somebody other than the programme, its operator, partners or funders did it, and the programme did not order it.', max_length=12, verbose_name='independence'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='evaluation',
                name='sample',
                field=models.CharField(blank=True, help_text='Who and how many, as the source says.', max_length=300, verbose_name='sample'),
            ),
            migrations.AlterField(
                model_name='focus',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='focus',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='formerslug',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='initiativekind',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='initiativekind',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='icon',
                field=models.SlugField(blank=True, help_text='Name of one of the site’s icons. Leave empty if none fits.', max_length=40, verbose_name='icon'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='languages',
                field=models.CharField(blank=True, help_text='Codes of the languages it works in (ISO 639): en, fr, it.', max_length=120, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(, [a-z]{2,3})*\\Z', 'Use codes of languages in small letters, such as en, fr, it (ISO 639).')], verbose_name='languages'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='logo_alt',
                field=models.CharField(blank=True, help_text='What the picture shows, for people who cannot see it.', max_length=200, verbose_name='text alternative'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='site_levels',
                field=models.CharField(blank=True, help_text="The labels of the EU STEM Coalition's site, separated by semicolons.", max_length=200, verbose_name='levels in the Coalition’s words'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='summary',
                field=models.TextField(help_text='At most 25 words of our own, first what it does: Sends, Lets.', verbose_name='summary'),
            ),
            migrations.AlterField(
                model_name='programme',
                name='verified_on',
                field=models.DateField(blank=True, help_text='The day when a curator last checked the record against its sources.', null=True, verbose_name='checked on'),
            ),
            migrations.AlterField(
                model_name='programmename',
                name='language',
                field=models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}\\Z', 'Use the code of the language in small letters, such as nl (ISO 639).')], verbose_name='language'),
            ),
            migrations.AlterField(
                model_name='reach',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='reach',
                name='period_type',
                field=models.CharField(blank=True, choices=[('annual', 'a year'), ('school-year', 'in the school year'), ('snapshot', 'at that time'), ('cumulative', 'in the period together'), ('since-start', 'since the start')], help_text='Leave empty if the source does not say.', max_length=12, verbose_name='kind of period'),
            ),
            migrations.AlterField(
                model_name='reach',
                name='value',
                field=models.DecimalField(decimal_places=2, help_text='The number as the source says, or the lower end of a range.', max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='value'),
            ),
            migrations.AlterField(
                model_name='sector',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='sector',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='source',
                name='archived_url',
                field=models.URLField(blank=True, help_text='Address of a stored copy, in case the page goes.', max_length=600, verbose_name='archived copy'),
            ),
            migrations.AlterField(
                model_name='source',
                name='language',
                field=models.CharField(blank=True, help_text='Code of the language (ISO 639-1), such as nl. Leave empty if not known.', max_length=3, verbose_name='language'),
            ),
            migrations.AlterField(
                model_name='source',
                name='published',
                field=models.CharField(blank=True, help_text='Year or date as the source gives it. Leave empty if it has none.', max_length=60, verbose_name='published'),
            ),
            migrations.AlterField(
                model_name='source',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='story',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='story',
                name='steps',
                field=models.TextField(blank=True, help_text='Three lines such as “Autumn: primary pupils draw machines”, each with a colon.', verbose_name='lines below the drawing'),
            ),
            migrations.AlterField(
                model_name='story',
                name='text',
                field=models.TextField(help_text='A few sentences of our own that say only what the record says. An empty line begins a new paragraph.', verbose_name='text'),
            ),
            migrations.AlterField(
                model_name='takingpart',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='unit',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='unit',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterConstraint(
                model_name='citation',
                name='citation_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='citation_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='citation',
                name='citation_of_entry_names_source',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('field', 'entry'), _negated=True), models.Q(('source', None), _negated=True), _connector='OR'), name='citation_of_entry_names_source', violation_error_message='Choose the source that supports the record as a whole.'),
            ),
            migrations.AlterConstraint(
                model_name='citation',
                name='citation_has_basis',
                constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['stated', 'inferred', 'declared-not-available'])), name='citation_has_basis', violation_error_message='Choose what it rests on: stated, inferred or not published.'),
            ),
            migrations.AlterConstraint(
                model_name='claim',
                name='claim_position_once',
                constraint=models.UniqueConstraint(fields=('discrepancy', 'position'), name='claim_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='contact',
                name='contact_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='contact_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='discrepancy',
                name='discrepancy_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='discrepancy_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='document',
                name='document_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='document_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='educationlevel',
                name='education_level_is_isced',
                constraint=models.CheckConstraint(condition=models.Q(('code__lte', 8)), name='education_level_is_isced', violation_error_message='Give a level from 0 to 8, as in ISCED 2011.'),
            ),
            migrations.AlterConstraint(
                model_name='evaluation',
                name='evaluation_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='evaluation_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='evaluation',
                name='headline_needs_result',
                constraint=models.CheckConstraint(condition=models.Q(('headline', ''), models.Q(('result', 'not-on-record'), _negated=True), _connector='OR'), name='headline_needs_result', violation_error_message='Choose a result first, or leave the headline empty.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_ends_after_start',
                constraint=models.CheckConstraint(condition=models.Q(('year_end__gte', models.F('year_start')), ('year_end', None), ('year_start', None), _connector='OR'), name='programme_ends_after_start', violation_error_message='The end year is before the start year. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_ages_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('age_max__gte', models.F('age_min')), ('age_max', None), ('age_min', None), _connector='OR'), name='programme_ages_in_order', violation_error_message='The oldest age is below the youngest. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_withdrawn_with_reason',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), models.Q(('withdrawn_reason', ''), _negated=True), models.Q(('merged_into', None), _negated=True), _connector='OR'), name='programme_withdrawn_with_reason', violation_error_message='Give a reason for withdrawing it, or the record that replaced it.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_merged_is_withdrawn',
                constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), ('state', 'withdrawn'), _connector='OR'), name='programme_merged_is_withdrawn', violation_error_message='To merge this record into another, choose the state “Withdrawn”.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_not_merged_into_itself',
                constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='programme_not_merged_into_itself', violation_error_message='A record cannot be merged into itself. Choose another, or none.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_logo_has_text',
                constraint=models.CheckConstraint(condition=models.Q(('logo', ''), models.Q(('logo_alt', ''), _negated=True), _connector='OR'), name='programme_logo_has_text', violation_error_message='Describe the picture for people who cannot see it.'),
            ),
            migrations.AlterConstraint(
                model_name='programme',
                name='programme_slug_is_free',
                constraint=models.CheckConstraint(condition=models.Q(('slug__in', ('compare', 'counts', 'figures')), _negated=True), name='programme_slug_is_free', violation_error_message='Another page has this address. Choose another.'),
            ),
            migrations.AlterConstraint(
                model_name='programmename',
                name='programme_name_once',
                constraint=models.UniqueConstraint(fields=('programme', 'name'), name='programme_name_once', violation_error_message='The programme already has this name. Remove it here.'),
            ),
            migrations.AlterConstraint(
                model_name='reach',
                name='reach_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='reach_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='reach',
                name='reach_years_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('year_to__gte', models.F('year_from')), ('year_to', None), ('year_from', None), _connector='OR'), name='reach_years_in_order', violation_error_message='The last year is before the first. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='reach',
                name='reach_range_has_two_ends',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('qualifier', 'range'), ('value_max__gt', models.F('value')), ('value_max__isnull', False)), models.Q(models.Q(('qualifier', 'range'), _negated=True), ('value_max', None)), _connector='OR'), name='reach_range_has_two_ends', violation_error_message='A range needs an upper end above its lower end; other figures have none.'),
            ),
            migrations.AlterConstraint(
                model_name='source',
                name='source_address_once',
                constraint=models.UniqueConstraint(condition=models.Q(('url', ''), _negated=True), fields=('url',), name='source_address_once', violation_error_message='Another source has this address. Use that source instead.'),
            ),
            migrations.AlterConstraint(
                model_name='takingpart',
                name='takingpart_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='takingpart_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='takingpart',
                name='taking_part_says_something',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('how', ''), _negated=True), models.Q(('who_may_join', ''), _negated=True), models.Q(('time', ''), _negated=True), models.Q(('cost', ''), _negated=True), models.Q(('when', ''), _negated=True), _connector='OR'), name='taking_part_says_something', violation_error_message='Say at least one thing: how or when they join, who may, the time or the cost.'),
            ),
        ]),
    ]
