"""What was returned and sent again: which bulk change or merger follows which."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0039_pictures'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkchange',
            name='follows',
            field=models.OneToOneField(blank=True, editable=False, help_text='What was returned, where this was sent in its place.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='again', to='programmes.bulkchange', verbose_name='mends'),
        ),
        migrations.AddField(
            model_name='proposedmerger',
            name='follows',
            field=models.OneToOneField(blank=True, editable=False, help_text='What was returned, where this was sent in its place.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='again', to='programmes.proposedmerger', verbose_name='mends'),
        ),
    ]
