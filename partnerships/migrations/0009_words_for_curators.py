"""Labels, help texts and messages tell curators in plain words what to do; no row changes."""

import django.core.validators
from decimal import Decimal
from django.db import migrations, models

from programmes.columns.words import ChangeWords


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0008_plain_words'),
        ('programmes', '0017_words_for_curators'),
    ]

    operations = [
        ChangeWords([
            migrations.AlterModelOptions(
                name='lineage',
                options={'ordering': ['year', 'slug'], 'verbose_name': 'relation to another', 'verbose_name_plural': 'relations to others'},
            ),
            migrations.AlterField(
                model_name='criterion',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='criterion',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='criterionassessment',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='fieldstudy',
                name='finding',
                field=models.TextField(blank=True, help_text='In our own words: the main result first, then results for single groups.', verbose_name='finding'),
            ),
            migrations.AlterField(
                model_name='fieldstudy',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='fieldstudy',
                name='sample',
                field=models.CharField(blank=True, help_text='Who and how many, as the source says.', max_length=300, verbose_name='sample'),
            ),
            migrations.AlterField(
                model_name='fieldstudy',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='funding',
                name='amount',
                field=models.DecimalField(blank=True, decimal_places=2, help_text='As the source says, never converted. For a range, the lower end.', max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='amount'),
            ),
            migrations.AlterField(
                model_name='funding',
                name='currency',
                field=models.CharField(blank=True, help_text='Three capital letters (ISO 4217), such as EUR.', max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Use three capital letters, such as EUR (ISO 4217).')], verbose_name='currency'),
            ),
            migrations.AlterField(
                model_name='funding',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='guide',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='guide',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='guideitem',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the guide’s source it says so.', max_length=160, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='guideitem',
                name='slug',
                field=models.SlugField(max_length=80, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='lineage',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='lineage',
                name='slug',
                field=models.SlugField(max_length=160, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='nationalplatform',
                name='native_names',
                field=models.CharField(blank=True, help_text='Each after the code of its language, with semicolons between them: nl: Techniekpact.', max_length=300, verbose_name='names in other languages'),
            ),
            migrations.AlterField(
                model_name='nationalplatform',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='obstacle',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='obstacle',
                name='slug',
                field=models.SlugField(max_length=60, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='organisation',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='organisationname',
                name='language',
                field=models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}\\Z', 'Use the code of the language in small letters, such as nl (ISO 639).')], verbose_name='language'),
            ),
            migrations.AlterField(
                model_name='organisationname',
                name='slug',
                field=models.SlugField(help_text='Its address on this site leads to the organisation’s page.', max_length=80, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='organisationsource',
                name='locator',
                field=models.CharField(blank=True, max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='partnership',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='currency',
                field=models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Use three capital letters, such as EUR (ISO 4217).')], verbose_name='currency'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='kind',
                field=models.CharField(choices=[('source', 'Source of the record'), ('target', 'Target'), ('budget', 'Budget'), ('reach', 'Reach'), ('evaluation', 'Evaluation'), ('fact', 'Fact'), ('discrepancy', 'Sources differ')], max_length=12, verbose_name='kind'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='locator',
                field=models.CharField(blank=True, help_text='Where in the source it says so, such as “p. 4”.', max_length=120, verbose_name='place in the source'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='unit',
                field=models.CharField(blank=True, help_text='What is counted. Leave empty for money.', max_length=80, verbose_name='unit'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='native_names',
                field=models.CharField(blank=True, help_text='Each after the code of its language, with semicolons between them: nl: Techniekpact.', max_length=300, verbose_name='names in other languages'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='slug',
                field=models.SlugField(max_length=80, unique=True, verbose_name='name in addresses'),
            ),
            migrations.AlterField(
                model_name='strategy',
                name='type',
                field=models.CharField(blank=True, choices=[('private', 'Private strategy'), ('public-private', 'Public-private strategy'), ('national-public-education', 'Public strategy of education ministries'), ('national-public-integral', 'Public strategy of several ministries')], help_text='Our reading of Table 5 in the inGenious report. Leave empty if none fits.', max_length=26, verbose_name='type'),
            ),
            migrations.AlterConstraint(
                model_name='criterionassessment',
                name='criterionassessment_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='criterionassessment_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='criterionassessment',
                name='assessment_once',
                constraint=models.UniqueConstraint(fields=('programme', 'criterion'), name='assessment_once', violation_error_message='This criterion is already assessed. Change that row instead.'),
            ),
            migrations.AlterConstraint(
                model_name='criterionassessment',
                name='assessment_has_evidence',
                constraint=models.CheckConstraint(condition=models.Q(('verdict', 'not-enough-information'), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='assessment_has_evidence', violation_error_message='Say what supports this verdict, or choose “Not enough information”.'),
            ),
            migrations.AlterConstraint(
                model_name='funding',
                name='funding_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='funding_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='funding',
                name='funding_years_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('year_to__gte', models.F('year_from')), ('year_to', None), ('year_from', None), _connector='OR'), name='funding_years_in_order', violation_error_message='The last year is before the first. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='funding',
                name='funding_amount_has_currency',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount', None), ('currency', '')), models.Q(models.Q(('amount', None), _negated=True), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='funding_amount_has_currency', violation_error_message='Give both an amount and its currency, or neither.'),
            ),
            migrations.AlterConstraint(
                model_name='funding',
                name='funding_range_has_two_ends',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_max__gt', models.F('amount')), ('amount_max__isnull', False), ('qualifier', 'range')), models.Q(models.Q(('qualifier', 'range'), _negated=True), ('amount_max', None)), _connector='OR'), name='funding_range_has_two_ends', violation_error_message='A range needs an upper end above its lower end; other figures have none.'),
            ),
            migrations.AlterConstraint(
                model_name='guide',
                name='guide_slug_is_free',
                constraint=models.CheckConstraint(condition=models.Q(('slug__in', ('plan',)), _negated=True), name='guide_slug_is_free', violation_error_message='Another page has this address. Choose another.'),
            ),
            migrations.AlterConstraint(
                model_name='guideitem',
                name='guide_item_once',
                constraint=models.UniqueConstraint(fields=('guide', 'slug'), name='guide_item_once', violation_error_message='Another item of this guide has this address. Choose another.'),
            ),
            migrations.AlterConstraint(
                model_name='lineage',
                name='lineage_from_one',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('from_programme', None), models.Q(('from_strategy', None), _negated=True)), models.Q(models.Q(('from_programme', None), _negated=True), ('from_strategy', None)), _connector='OR'), name='lineage_from_one', violation_error_message='Choose either a programme or a strategy, not both.'),
            ),
            migrations.AlterConstraint(
                model_name='lineage',
                name='lineage_to_one',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('to_platform', None), ('to_programme__isnull', False), ('to_strategy', None), ('to_text', '')), models.Q(('to_platform', None), ('to_programme', None), ('to_strategy__isnull', False), ('to_text', '')), models.Q(('to_platform__isnull', False), ('to_programme', None), ('to_strategy', None), ('to_text', '')), models.Q(('to_platform', None), ('to_programme', None), ('to_strategy', None), models.Q(('to_text', ''), _negated=True)), _connector='OR'), name='lineage_to_one', violation_error_message='Fill in one only: to programme, to strategy, to platform or to something else.'),
            ),
            migrations.AlterConstraint(
                model_name='nationalplatform',
                name='nationalplatform_ends_after_start',
                constraint=models.CheckConstraint(condition=models.Q(('year_end__gte', models.F('year_start')), ('year_end', None), ('year_start', None), _connector='OR'), name='nationalplatform_ends_after_start', violation_error_message='The end year is before the start year. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='obstacle',
                name='obstacle_share_is_percentage',
                constraint=models.CheckConstraint(condition=models.Q(('share__lte', 100)), name='obstacle_share_is_percentage', violation_error_message='Give a share of 100 per cent or less.'),
            ),
            migrations.AlterConstraint(
                model_name='organisation',
                name='organisation_not_its_own_parent',
                constraint=models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('parent', models.F('pk')), _negated=True), _connector='OR'), name='organisation_not_its_own_parent', violation_error_message='An organisation cannot be part of itself. Choose another, or none.'),
            ),
            migrations.AlterConstraint(
                model_name='organisation',
                name='organisation_not_its_own_successor',
                constraint=models.CheckConstraint(condition=models.Q(('successor', None), models.Q(('successor', models.F('pk')), _negated=True), _connector='OR'), name='organisation_not_its_own_successor', violation_error_message='An organisation cannot follow itself. Choose another, or none.'),
            ),
            migrations.AlterConstraint(
                model_name='organisationname',
                name='organisation_name_once',
                constraint=models.UniqueConstraint(fields=('organisation', 'name'), name='organisation_name_once', violation_error_message='The organisation already has this name. Remove it here.'),
            ),
            migrations.AlterConstraint(
                model_name='organisationname',
                name='organisation_name_years_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('until__gte', models.F('since')), ('until', None), ('since', None), _connector='OR'), name='organisation_name_years_in_order', violation_error_message='The last year is before the first. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='organisationsource',
                name='organisation_source_position_once',
                constraint=models.UniqueConstraint(fields=('organisation', 'position'), name='organisation_source_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='partnership',
                name='partnership_position_once',
                constraint=models.UniqueConstraint(fields=('programme', 'position'), name='partnership_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='partnership',
                name='partnership_role_once',
                constraint=models.UniqueConstraint(fields=('programme', 'organisation', 'role'), name='partnership_role_once', violation_error_message='The organisation already has this role here. Remove one of the two.'),
            ),
            migrations.AlterConstraint(
                model_name='partnership',
                name='partnership_years_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('until__gte', models.F('since')), ('until', None), ('since', None), _connector='OR'), name='partnership_years_in_order', violation_error_message='The last year is before the first. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='statement',
                name='statement_years_in_order',
                constraint=models.CheckConstraint(condition=models.Q(('year_to__gte', models.F('year_from')), ('year_to', None), ('year_from', None), _connector='OR'), name='statement_years_in_order', violation_error_message='The last year is before the first. Check both.'),
            ),
            migrations.AlterConstraint(
                model_name='statement',
                name='statement_about_one_thing',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('strategy', None), models.Q(('platform', None), _negated=True)), models.Q(models.Q(('strategy', None), _negated=True), ('platform', None)), _connector='OR'), name='statement_about_one_thing', violation_error_message='Choose either a strategy or a platform, not both.'),
            ),
            migrations.AlterConstraint(
                model_name='statement',
                name='statement_strategy_position_once',
                constraint=models.UniqueConstraint(condition=models.Q(('strategy', None), _negated=True), fields=('strategy', 'position'), name='statement_strategy_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='statement',
                name='statement_platform_position_once',
                constraint=models.UniqueConstraint(condition=models.Q(('platform', None), _negated=True), fields=('platform', 'position'), name='statement_platform_position_once', violation_error_message='Another row has this position. Use the next free number.'),
            ),
            migrations.AlterConstraint(
                model_name='statement',
                name='statement_says_something',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('value', None), _negated=True), models.Q(('source', None), _negated=True), _connector='OR'), name='statement_says_something', violation_error_message='Give a text, a value or a source.'),
            ),
            migrations.AlterConstraint(
                model_name='strategy',
                name='strategy_ends_after_start',
                constraint=models.CheckConstraint(condition=models.Q(('year_end__gte', models.F('year_start')), ('year_end', None), ('year_start', None), _connector='OR'), name='strategy_ends_after_start', violation_error_message='The end year is before the start year. Check both.'),
            ),
        ]),
    ]
