"""Terms that forms offer no more, or that were merged into others."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0035_bulk_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetiredTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vocabulary', models.CharField(help_text='Such as audience.', max_length=40, verbose_name='vocabulary')),
                ('slug', models.SlugField(max_length=60, verbose_name='name in addresses')),
                ('into', models.SlugField(blank=True, help_text='The name in addresses of the other; empty if the term is still there.', max_length=60, verbose_name='merged into')),
            ],
            options={
                'verbose_name': 'retired term',
                'verbose_name_plural': 'retired terms',
                'ordering': ['vocabulary', 'slug'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(fields=('vocabulary', 'slug'), name='retired_term_once')],
            },
        ),
    ]
