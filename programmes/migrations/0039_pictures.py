"""Pictures have a credit apart from their licence, and are taken in by rules of our own."""

import django.core.validators
import programmes.models.pictures
import programmes.pictures.fields
from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps('programmes', 'programme')


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0038_mergers'),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.AddField(
            model_name='programme',
            name='logo_credit',
            field=models.CharField(blank=True, help_text='Who made it or owns it, in the words that the licence asks for.', max_length=200, verbose_name='credit of the picture'),
        ),
        # The column is the same. Only what is done with an upload is another.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='programme',
                    name='logo',
                    field=programmes.pictures.fields.PictureField(blank=True, help_text='JPEG, PNG or WebP, up to 5 MB and 40 megapixels. Where a photo was taken and other remarks in the file are removed.', upload_to=programmes.models.pictures.choose_picture_name, validators=[django.core.validators.FileExtensionValidator(['png', 'jpg', 'jpeg', 'webp', 'avif'])], verbose_name='logo or photo'),
                ),
            ],
        ),
        migrations.AlterField(
            model_name='programme',
            name='logo_licence',
            field=models.CharField(blank=True, help_text='Its name or address. Without one, the record cannot be published.', max_length=200, verbose_name='licence of the picture'),
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
    ]
