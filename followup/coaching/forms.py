"""The check-in form. It answers nothing for people: only "träffades" and the channel of last time are preset."""

import re
from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup import clock
from followup.coaching.calendar import NextTime
from followup.coaching.models import CheckIn
from followup.coaching.queries import FormPage
from followup.coaching.said import Said
from followup.fields import DateField, Scale, ScaleField, Segments, TimeField, read_time
from followup.words import NBSP, clock_time, day

OTHER, NONE = "other", "none"
PROPOSED = re.compile(r"(\d{4}-\d{2}-\d{2})(?: (\d{2}\.\d{2}))?(?:, (.{1,60}))?")


def packed(next_time: NextTime) -> str:
    """A proposed time as the value of one button: 2026-12-01 10.20, rum 214."""
    at = f" {next_time.at:%H.%M}" if next_time.at else ""
    place = f", {next_time.place}" if next_time.place else ""
    return f"{next_time.on.isoformat()}{at}{place}"


def unpacked(value: str) -> NextTime | None:
    found = PROPOSED.fullmatch(value or "")
    try:
        return found and NextTime(
            date.fromisoformat(found[1]), read_time(found[2]) if found[2] else None, found[3] or ""
        )
    except (ValueError, forms.ValidationError):
        return None


class Ticked(forms.TypedMultipleChoiceField):
    """Boxes where one that has gone since the form was opened is no fault of the writer."""

    def valid_value(self, value):
        return str(value).isdecimal()


class CheckInForm(forms.Form):
    """What is written after a talk; the fields in the order of the page."""

    agreed_done = forms.BooleanField(
        required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )
    met = forms.ChoiceField(
        label=gettext_lazy("Träffades ni?"),
        choices=[("yes", gettext_lazy("Ja")), ("no", gettext_lazy("Nej, försökte"))],
        widget=Segments,
        error_messages={"required": gettext_lazy("Välj om ni träffades.")},
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Hur?"),
        choices=lambda: [(value, label.capitalize()) for value, label in CheckIn.Channel.choices],
        widget=Segments,
        error_messages={"required": gettext_lazy("Välj hur: möte, telefon eller meddelande.")},
    )
    rating = ScaleField(label=gettext_lazy("Hur har veckan varit?"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Kort anteckning"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2, "placeholder": " ", "autocomplete": "off"}),
    )
    agreed = forms.CharField(
        label=gettext_lazy("Det här kom ni överens om"),
        help_text=gettext_lazy("Visas nästa gång."),
        required=False,
        max_length=200,
        widget=forms.TextInput({"placeholder": " ", "autocomplete": "off"}),
    )
    flags = Ticked(
        label=gettext_lazy("Gäller avstämningen detta?"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    next = forms.ChoiceField(label=gettext_lazy("Nästa gång"), required=False, widget=Segments)
    next_on = DateField(label=gettext_lazy("Dag"), required=False)
    next_time = TimeField(label=gettext_lazy("Tid"), required=False)
    next_place = forms.CharField(
        label=gettext_lazy("Plats"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    on = DateField(label=gettext_lazy("Vilken dag var det?"), required=False)

    def __init__(self, data=None, *, page: FormPage, said: Said | None = None, initial=None):
        """`said`: what the check-in says that is being corrected."""
        if initial is None:
            usual = {"met": "yes", "channel": page.channel}
            initial = self.written_in(self.content_of(said)) if said else usual
        super().__init__(data, initial=initial)
        name = page.student.given_name
        self.fields["rating"].help_text = _("%(name)s väljer själv.") % {"name": name}
        self.fields["note"].help_text = _(
            "Sakligt och kort. Inget om hälsa eller om hur %(name)s är som person."
        ) % {"name": name}
        self.fields["flags"].choices = page.flags
        self.fields["agreed_done"].label = page.agreed
        self.fields["next"].choices = self._next_choices(page.proposal)

    def _next_choices(self, proposal: NextTime):
        """The proposal as it was when the form was opened, also if midnight has passed since."""
        sent = self.data.get("next") if self.is_bound else self.initial.get("next")
        offered = unpacked(sent) or proposal
        when = " ".join(filter(None, [day(offered.on), clock_time(offered.at)]))
        return [
            (packed(offered), ", ".join(filter(None, [when, offered.place.replace(" ", NBSP)]))),
            (OTHER, _("Annan tid").replace(" ", NBSP)),
            (NONE, _("Ingen tid").replace(" ", NBSP)),
        ]

    @classmethod
    def written_in(cls, content: dict[str, list[str]]) -> dict:
        """What was written in the form before, as it stands in a draft."""
        values = {name: (sent if name == "flags" else sent[-1]) for name, sent in content.items() if sent}
        return {"agreed_done": False, **values}

    @classmethod
    def content_of(cls, said: Said) -> dict[str, list[str]]:
        """A saved check-in as it would be written in the form: to correct it, or to go on after Ångra."""
        rating = Scale.DECLINED if said.rating_declined else said.rating
        booked = packed(NextTime(said.next_on, said.next_time, said.next_place)) if said.next_on else NONE
        content = {
            "met": "yes" if said.made else "no",
            "channel": said.channel,
            "rating": "" if rating is None else str(rating),
            "note": said.note,
            "agreed": said.agreed,
            "agreed_done": "on" if said.agreed_done else "",
            "next": booked,
            "on": "" if said.on == clock.today() else said.on.isoformat(),
        }
        return {
            **{name: [value] for name, value in content.items() if value},
            "flags": [str(pk) for pk in sorted(said.flag_ids)],
        }

    def clean_on(self):
        on = self.cleaned_data["on"] or clock.today()
        if on > clock.today():
            raise forms.ValidationError(_("Dagen har inte varit än."))
        return on

    def clean_flags(self):
        offered = {pk for pk, _words in self.fields["flags"].choices}
        return [pk for pk in self.cleaned_data["flags"] if pk in offered]

    def clean_next_on(self):
        on = self.cleaned_data["next_on"]
        if on and on < clock.today():
            raise forms.ValidationError(_("Dagen har redan varit."))
        return on

    def clean(self):
        found = super().clean()
        silent = found.get("rating") is None and not found.get("note")
        if found.get("met") == "yes" and silent and not {"rating", "note"} & set(self.errors):
            self.add_error("note", _("Skriv en mening, eller låt eleven välja en siffra."))
        if found.get("next") == OTHER and not found.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Skriv vilken dag ni ses."))
        return found

    def said(self) -> Said:
        """What the form says. An attempt has no rating and answers no flag; a text is never dropped."""
        found = self.cleaned_data
        made = found["met"] == "yes"
        rating = found["rating"] if made else None
        declined = rating == Scale.DECLINED
        next_time = self._next_time()
        return Said(
            on=found["on"],
            made=made,
            channel=found["channel"],
            rating=None if declined else rating,
            rating_declined=declined,
            note=found["note"],
            agreed=found["agreed"],
            agreed_done=found["agreed_done"] and made,
            next_on=next_time.on if next_time else None,
            next_time=next_time.at if next_time else None,
            next_place=next_time.place if next_time else "",
            flag_ids=frozenset(found["flags"] if made else ()),
        )

    def _next_time(self) -> NextTime | None:
        found = self.cleaned_data
        if proposed := unpacked(found["next"]):
            return proposed
        if found["next"] != NONE and found["next_on"]:
            return NextTime(found["next_on"], found["next_time"], found["next_place"])
        return None


class WithdrawForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Varför drar du tillbaka den?"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Skriv varför.")},
    )
