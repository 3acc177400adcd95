"""One shape for every form: what is wrong on top, one column, one row of buttons."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from crispy_forms.utils import TEMPLATE_PACK
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


class ErrorSummary:
    """Every fault with a link to its field, announced and focused when the page comes back."""

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return render_to_string("components/form_errors.html", {"form": form})


class ButtonRow:
    """The main button, and a way back. `bar=True` puts it under the thumb on a phone."""

    def __init__(
        self,
        label="",
        *,
        back_url="",
        back_label="",
        note="",
        kind="btn-primary",
        name="",
        value="",
        bar=False,
    ):
        self.label = label or _("Spara")
        self.back_url = back_url
        self.back_label = back_label or _("Avbryt")
        self.note = note
        self.kind = kind
        self.name = name
        self.value = value
        self.classes = "save-bar" if bar else "buttons"

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return render_to_string("components/button_row.html", {"row": self})


class Helper(FormHelper):
    """`self.helper = Helper(self, ButtonRow(_("Spara")))` in a form's `__init__`; `{% crispy form %}` on the page.

    A row of None leaves the buttons to the page. Fields may be laid out by hand in `layout`.
    """

    def __init__(
        self, form, buttons: ButtonRow | None = None, *, layout=None, action="", classes="form-column"
    ):
        super().__init__()
        self.form_method = "post"
        self.form_action = action
        self.form_class = classes
        self.attrs = {"novalidate": "novalidate"}  # the server's Swedish sentences, not the browser's
        self.form_show_errors = True
        fields = layout or form.fields.keys()
        rows = [buttons] if buttons else []
        self.layout = Layout(ErrorSummary(), *fields, *rows)
        if not buttons:
            self.form_tag = False
