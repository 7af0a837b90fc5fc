"""Where organisations lead that were merged into others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partnerships', '0012_figures_with_a_life'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerOrganisationSlug',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='name in addresses')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_slugs', to='partnerships.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'former address of an organisation',
                'verbose_name_plural': 'former addresses of organisations',
                'ordering': ['slug'],
            },
        ),
    ]
