"""Forms about pupils: narrowing a list, searching, saying that a fact is wrong, protecting."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.fields import DateField
from followup.forms import ButtonRow, Helper
from students.models import Person, Protection
from students.ordering import words
from students.programmes import programme_choices

LACKING = "saknas"
MARKED = [choice for choice in Protection.choices if choice[0] != Protection.NONE]


class Narrowing(forms.Form):
    """Ids and codes only; whatever is not among the choices (another school's class) chooses nothing."""

    skola = forms.TypedChoiceField(label=gettext_lazy("Skola"), required=False, coerce=int)
    arskurs = forms.TypedChoiceField(label=gettext_lazy("Årskurs"), required=False, coerce=int)
    program = forms.ChoiceField(label=gettext_lazy("Program"), required=False)
    klass = forms.ChoiceField(label=gettext_lazy("Klass"), required=False)
    mentor = forms.ChoiceField(label=gettext_lazy("Mentor"), required=False)

    COLUMNS = {
        "skola": "unit",
        "arskurs": "year",
        "program": "programme__istartswith",
        "klass": "school_class",
    }

    def __init__(self, data, found: list, *, by_mentor: bool = False):
        super().__init__(data, auto_id="urval_%s")
        schools = {each.unit: each.school for each in found}
        here = [each for each in found if data.get("skola", "") in ("", str(each.unit))]
        years = sorted({each.year for each in here if each.year is not None})
        programmes = {each.programme for each in here if each.programme}
        classes = sorted({each.school_class for each in here if each.school_class})
        choices = {
            "skola": schools.items(),
            "arskurs": [(year, year) for year in years],
            "program": programme_choices(programmes),
            "klass": [(name, name) for name in classes],
            "mentor": [("", _("Med och utan")), (LACKING, _("Utan mentor"))] if by_mentor else [],
        }
        every = {
            "skola": _("Alla skolor"),
            "arskurs": _("Alla årskurser"),
            "program": _("Alla program"),
            "klass": _("Alla klasser"),
        }
        for name, options in choices.items():
            options = list(options)
            if len(options) < 2:  # nothing to choose between
                del self.fields[name]
                continue
            self.fields[name].choices = [("", every[name]), *options] if name in every else options
            self.fields[name].widget.attrs.update({"class": "form-select", "data-sends": ""})
        self.is_valid()

    @property
    def choice(self) -> dict:
        """column -> value, for those that were chosen."""
        return {
            self.COLUMNS[name]: value
            for name, value in self.cleaned_data.items()
            if name in self.COLUMNS and value not in (None, "")
        }

    @property
    def lacking_mentor(self) -> bool:
        return self.cleaned_data.get("mentor") == LACKING

    @property
    def is_narrowed(self) -> bool:
        return bool(self.choice) or self.lacking_mentor


class SearchForm(forms.Form):
    """A few words of a name, or the beginning of a number."""

    q = forms.CharField(
        max_length=100, error_messages={"required": gettext_lazy("Skriv ett namn eller ett personnummer.")}
    )

    def clean_q(self):
        text = self.cleaned_data["q"]
        number = Person.plain_number(text)
        if number.isdecimal() and len(number) < 6:
            raise forms.ValidationError(_("Skriv minst sex siffror av numret."))
        if not any(len(word) > 1 for word in words(text)):
            raise forms.ValidationError(_("Skriv minst två bokstäver."))
        return text


class DisputeForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Vad är det som inte stämmer?"),
        help_text=gettext_lazy("En mening räcker. Skoladministratören ser den och svarar dig."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Skriv vad som inte stämmer.")},
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Svar"),
        help_text=gettext_lazy(
            "Vad du har gjort, eller varför uppgiften står kvar. Uppgiften själv rättas i skolans system och "
            "kommer hit med nästa fil."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Skriv ett svar.")},
    )


class ProtectForm(forms.Form):
    """Marks a pupil whose page is open."""

    protection = forms.ChoiceField(
        label=gettext_lazy("Vilket skydd?"),
        choices=MARKED,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj vilket skydd det är.")},
    )

    def __init__(self, *args, back_url, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Helper(self, ButtonRow(_("Sätt skyddet"), back_url=back_url))


class ProtectByNumberForm(ProtectForm):
    """Marks a pupil by her number: for the registrar, who does not see her afterwards."""

    number = forms.CharField(
        label=gettext_lazy("Personnummer"),
        help_text=gettext_lazy("Tolv siffror, eller ett tillfälligt nummer."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "size": 16}),
        error_messages={"required": gettext_lazy("Skriv elevens personnummer.")},
    )
    field_order = ["number", "protection"]

    def clean_number(self):
        number = Person.plain_number(self.cleaned_data["number"])
        if len(number) != 12:
            raise forms.ValidationError(_("Skriv alla tolv tecknen, till exempel 20090110-2392."))
        return number


class NamePersonForm(forms.Form):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=None,
        empty_label=gettext_lazy("Välj"),
        error_messages={"required": gettext_lazy("Välj vem.")},
    )
    until = DateField(
        label=gettext_lazy("Till och med"),
        required=False,
        help_text=gettext_lazy("Lämna tomt om det gäller tills vidare."),
    )

    def __init__(self, *args, staff, action, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = staff
        self.helper = Helper(self, ButtonRow(_("Utse"), kind="btn-secondary"), action=action)
