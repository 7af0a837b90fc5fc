"""Claims say of which sum of money they speak.

The app that knows money stands above, so this needs one of its migrations.
"""

from django.db import migrations, models

from programmes.migrations._seeded import make_steps

mark_untouched, remember_untouched = make_steps("programmes", "claim")


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0026_reasons"),
        ("partnerships", "0012_figures_with_a_life"),
    ]

    operations = [
        migrations.RunPython(mark_untouched, remember_untouched),
        migrations.AddField(
            model_name="claim",
            name="funding",
            field=models.ForeignKey(
                blank=True,
                help_text="The sum of the record that it speaks of, if there is one.",
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to="partnerships.funding",
                verbose_name="sum of money",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(reach=None) | models.Q(funding=None),
                name="claim_speaks_of_one_figure",
                violation_error_message="Choose a reach figure or a sum of money, not both.",
            ),
        ),
        migrations.RunPython(remember_untouched, mark_untouched),
    ]
