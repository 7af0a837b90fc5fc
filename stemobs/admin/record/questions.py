"""How a question about a field looks: what is asked, and the answers that are offered."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from stemobs.curation.reading.lines import FieldQuestion


def render_question(question: FieldQuestion, name: str, lands: bool = False) -> SafeString:
    """Return a question as HTML; an answer is sent under the name of the field that it fills."""
    context = {"question": question, "name": f"{name}-_take", "lands": lands}
    return render_to_string("admin/record/question.html", context)
