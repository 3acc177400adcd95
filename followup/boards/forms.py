"""Forms of the pages that look at the whole."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.boards import trace
from followup.fields import DateField


class TraceForm(forms.Form):
    """What the privacy officer looks for. A number or a name is typed here and goes no further."""

    KINDS = [
        ("", gettext_lazy("Läst och gjort")),
        ("read", gettext_lazy("Bara läst")),
        ("done", gettext_lazy("Bara gjort")),
    ]
    pupil = forms.CharField(
        label=gettext_lazy("Elev: personnummer eller nummer i loggen"), required=False, max_length=20
    )
    person = forms.CharField(
        label=gettext_lazy("Personal: namn eller e-post"), required=False, max_length=100
    )
    kind = forms.ChoiceField(label=gettext_lazy("Slag"), required=False, choices=KINDS)
    first = DateField(label=gettext_lazy("Från"), required=False)
    last = DateField(label=gettext_lazy("Till och med"), required=False)

    def __init__(self, *args, scope, **kwargs):
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.candidates = []
        for name in ("pupil", "person"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_pupil(self):
        text = self.cleaned_data["pupil"].strip()
        if not text:
            return None
        found = trace.student_by_number(self.scope, text)
        if found is None:
            raise ValidationError(_("Ingen elev hos er har det numret."))
        return found

    def clean_person(self):
        """One colleague; when several fit they are offered as links."""
        words = self.cleaned_data["person"].strip()
        if not words:
            return None
        found = trace.staff_like(self.scope, words)
        if not found:
            raise ValidationError(_("Ingen i personalen heter så."))
        if len(found) > 1:
            self.candidates = found
            raise ValidationError(_("Flera heter så. Välj en av dem nedan."))
        return found[0].pk

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("Slutdatum ligger före startdatum."))
        return cleaned

    @property
    def address(self) -> dict:
        names = {"pupil": "elev", "person": "person", "kind": "slag", "first": "fran", "last": "till"}
        return {short: self.cleaned_data[name] for name, short in names.items() if self.cleaned_data[name]}
