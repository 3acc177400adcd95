"""Forms of the import pages."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.accounts.models import SchoolUnit
from followup.fields import DateField
from followup.forms import ButtonRow, Helper

from .kinds import KINDS, Kind
from .models import Batch
from .queries import proposed_columns

MOST_BYTES = 1024**3
MOST_FILES = 50


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files if file] or [
            super().clean(None, initial)
        ]


class UploadForm(forms.Form):
    files = FilesField(
        label=gettext_lazy("Filer"),
        error_messages={"required": gettext_lazy("Välj minst en fil.")},
        allow_empty_file=True,  # said about the file, beside the others, on their page
        help_text=gettext_lazy(
            "CSV eller Excel (.xlsx). Flera på en gång går bra, i vilken ordning som helst."
        ),
    )
    source = forms.CharField(
        label=gettext_lazy("Varifrån kommer filerna?"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Till exempel skolans system. Val av kolumner sparas för samma källa."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Helper(self, ButtonRow(_("Granska filerna"), note=_("Inget läses in än.")))
        self.helper.attrs["enctype"] = "multipart/form-data"

    def clean_files(self):
        files = self.cleaned_data["files"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("Skicka högst %(n)s filer åt gången.") % {"n": MOST_FILES})
        for file in files:
            if file.size > MOST_BYTES:
                raise forms.ValidationError(
                    _("%(name)s är större än 1 GB. Dela den per termin eller skola.") % {"name": file.name}
                )
        return files


class KindForm(forms.Form):
    """What a file is, when its headings do not tell."""

    slag = forms.ChoiceField(
        label=gettext_lazy("Vad innehåller filen?"),
        choices=[("", gettext_lazy("Välj")), *((kind.code, kind.label) for kind in KINDS.values())],
    )


class ColumnsForm(forms.Form):
    """Which column is which; nothing is guessed beyond what the headings say."""

    def __init__(self, batch: Batch, kind: Kind, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.batch, self.kind = batch, kind
        proposed = proposed_columns(batch, kind.code)
        headings = [("", _("finns inte i filen"))]
        headings += [
            (str(n), heading) for n, heading in enumerate(batch.columns.get("headings", [])) if heading
        ]
        for column in kind.columns:
            self.fields[column.name] = forms.ChoiceField(
                label=column.heading.capitalize(),
                choices=headings,
                required=column.required,
                initial=str(proposed.get(column.name, "")),
                error_messages={"required": _("Kolumnen behövs. Välj vilken rubrik det är.")},
            )
        self.fields["slag"] = forms.CharField(widget=forms.HiddenInput, initial=kind.code)
        self.marks_optional = True
        self.helper = Helper(self, ButtonRow(_("Spara och granska filen")))

    def clean(self):
        chosen: dict[str, str] = {}
        for column in self.kind.columns:
            position = self.cleaned_data.get(column.name)
            if position and position in chosen.values():
                self.add_error(column.name, _("Rubriken är redan vald till en annan kolumn."))
            if position:
                chosen[column.name] = position
        self.cleaned_data["columns"] = {name: int(position) for name, position in chosen.items()}
        return self.cleaned_data


class WholeForm(forms.Form):
    """For which schools and days a file is whole: what is missing from it there is gone."""

    units = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Filen innehåller allt för"),
        queryset=SchoolUnit.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Välj ingen skola om filen bara är en del. Då tas inget bort."),
    )
    first = DateField(label=gettext_lazy("Från och med"), required=False)
    last = DateField(label=gettext_lazy("Till och med"), required=False)

    def __init__(self, batch: Batch, units, *args, **kwargs):
        initial = {"units": batch.whole_for_units, "first": batch.whole_from, "last": batch.whole_until}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["units"].queryset = units
        if not units.exists():
            self.fields["units"].help_text = _("Ingen skola finns ännu. Läs in filen skolenheter först.")
        self.needs_days = batch.kind in ("narvaro", "franvaro")
        self.has_days = batch.kind in ("narvaro", "franvaro", "betyg")
        if not self.has_days:
            del self.fields["first"], self.fields["last"]
        self.helper = Helper(self, ButtonRow(_("Spara och granska filen")))

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if self.has_days and bool(first) != bool(last):
            raise forms.ValidationError(_("Skriv både första och sista dagen, eller ingen av dem."))
        if first and last and last < first:
            self.add_error("last", _("Sista dagen ligger före den första."))
        if self.needs_days and self.cleaned_data.get("units") and not first:
            self.add_error("first", _("Skriv vilka dagar filen innehåller allt för."))
        return self.cleaned_data
