"""What people fill in about flags and decisions."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup import clock, words
from followup.accounts.models import User
from followup.fields import DateField
from followup.risk.actions.decisions import Measure, Seen
from followup.risk.models import Decision
from followup.risk.queries.deciding import Case, proposed_follow_up
from followup.risk.queries.waiting import Filters, Options
from students.models import SupportMeasure
from students.programmes import programme_choices

Choice = Decision.Choice
AS_SHOWN = ["choice", "what", "responsible", "coach", "mentor"]  # then as declared, and who decides last
WAITED = [(7, gettext_lazy("Mer än en vecka")), (14, gettext_lazy("Mer än två veckor"))]


class PersonField(forms.ChoiceField):
    """One of the people that may be named here; cleans to the user."""

    def __init__(self, *, people, empty="", **kwargs):
        super().__init__(choices=[("", empty or _("Välj person")), *people], **kwargs)

    def clean(self, value):
        value = super().clean(value)
        return User.objects.get(pk=value) if value else None


def in_three_weeks() -> list[tuple[str, str]]:
    """The day that is proposed for following up: a button beside the field, filled in when it is pressed."""
    day = proposed_follow_up()
    return [(day.isoformat(), _("Om tre veckor: %(day)s") % {"day": words.day(day)})]


class WaitingFilterForm(forms.Form):
    """Narrows the waiting list. Sent by GET, so it holds ids and codes, never a name of a person."""

    skola = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Skola"))
    program = forms.ChoiceField(required=False, label=gettext_lazy("Program"))
    arskurs = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Årskurs")
    )
    klass = forms.ChoiceField(required=False, label=gettext_lazy("Klass"))
    mentor = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Mentor")
    )
    vantat = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Väntat")
    )

    def __init__(self, data, options: Options):
        super().__init__(data)
        self._offer("skola", options.units, _("Alla skolor"))
        self._offer("program", programme_choices(options.programmes), _("Alla program"))
        self._offer("arskurs", options.years, _("Alla årskurser"))
        self._offer("klass", options.classes, _("Alla klasser"))
        self._offer("mentor", options.mentors, _("Alla mentorer"))
        self._offer("vantat", WAITED, _("Hur länge som helst"))
        for name in list(self.fields):
            few = len(self.fields[name].choices) < 3 and not self.data.get(name)
            if few and name != "vantat":
                del self.fields[name]  # one school, one programme: nothing to choose between
            else:
                self.fields[name].widget.attrs |= {"data-sends": "", "class": "form-select"}

    def _offer(self, name, values, everything):
        pairs = [value if isinstance(value, tuple) else (value, value) for value in values]
        self.fields[name].choices = [("", everything), *pairs]

    @property
    def filters(self) -> Filters:
        """What is understood of the address; the rest is left out rather than refused."""
        self.is_valid()
        chosen = self.cleaned_data
        return Filters(
            unit=chosen.get("skola"),
            programme=chosen.get("program", ""),
            year=chosen.get("arskurs"),
            school_class=chosen.get("klass", ""),
            mentor=chosen.get("mentor"),
            older_than=chosen.get("vantat"),
        )


class DecisionForm(forms.Form):
    """One decision over all the pupil's flags. Nothing is answered beforehand."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Vad beslutas?"),
        widget=forms.RadioSelect,
        choices=[
            (Choice.SUPPORT, gettext_lazy("Stödinsats")),
            (Choice.COACH, gettext_lazy("Elevcoach")),
            (Choice.INQUIRY, gettext_lazy("Frånvaroutredning")),
            (Choice.MENTOR, gettext_lazy("Mentor följer")),
            (Choice.NONE, gettext_lazy("Ingen åtgärd, därför att …")),
        ],
        error_messages={"required": gettext_lazy("Välj vad som beslutas.")},
    )
    what = forms.CharField(
        label=gettext_lazy("Vad ska göras?"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    starts_on = DateField(
        label=gettext_lazy("Från"), required=False, help_text=gettext_lazy("Tomt betyder idag.")
    )
    planned_end_on = DateField(
        label=gettext_lazy("Planerat slut"),
        required=False,
        help_text=gettext_lazy("Tomt betyder dagen för uppföljning."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Varför"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Sakligt och kort. Inget om hälsa eller om hur eleven är som person."),
    )
    follow_up_on = DateField(label=gettext_lazy("Följs upp"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, case: Case, initial=None):
        super().__init__(data, initial={"seen": str(case.seen), **(initial or {})})
        staff = case.staff
        for name, label, people in (
            ("responsible", _("Ansvarig"), staff.supporters),
            ("coach", _("Elevcoach"), staff.coaches),
            ("mentor", _("Mentor"), staff.mentors),
        ):
            self.fields[name] = PersonField(people=people, label=label, required=False)
        self.fields["decided_by"] = PersonField(
            people=staff.deciders,
            empty=_("Välj rektor eller elevhälsa"),
            label=_("Beslutas av"),
            error_messages={"required": _("Välj vem som beslutar.")},
        )
        self.order_fields(AS_SHOWN)
        self.fields["follow_up_on"].proposals = in_three_weeks()
        if case.asked_by in dict(staff.deciders):
            self.fields["decided_by"].proposals = [(case.asked_by, _("Jag beslutar"))]
        self.case = case

    def clean_seen(self) -> Seen:
        try:
            return Seen.parse(self.cleaned_data["seen"])
        except ValueError:
            return self.case.seen

    def clean(self):
        chosen = self.cleaned_data
        choice = chosen.get("choice")
        needed = {
            Choice.SUPPORT: ("what", "responsible"),
            Choice.COACH: ("coach",),
            Choice.INQUIRY: ("responsible",),
            Choice.NONE: ("reason",),
        }.get(choice, ())
        for name in needed:
            if not chosen.get(name) and name not in self.errors:
                self.add_error(name, self._missing(name))
        if choice == Choice.MENTOR:
            self._need_a_mentor(chosen)
        acts = choice and choice != Choice.NONE
        if acts and not chosen.get("follow_up_on") and "follow_up_on" not in self.errors:
            self.add_error("follow_up_on", _("Välj när det följs upp."))
        if (until := chosen.get("follow_up_on")) and until < clock.today():
            self.add_error("follow_up_on", _("Dagen har redan varit."))
        start, end = chosen.get("starts_on") or clock.today(), chosen.get("planned_end_on")
        if end and end < start:
            self.add_error("planned_end_on", _("Slutet ligger före början."))
        return chosen

    def _need_a_mentor(self, chosen) -> None:
        own = self.case.staff.mentors
        if not own:
            self.add_error(
                "choice", _("Eleven har ingen mentor här. Välj något annat, eller ge eleven en mentor.")
            )
        elif len(own) == 1:
            chosen["mentor"] = User.objects.get(pk=own[0][0])
        elif not chosen.get("mentor") and "mentor" not in self.errors:
            self.add_error("mentor", _("Välj vilken mentor som följer."))

    @staticmethod
    def content_of(decision: Decision, measure: SupportMeasure | None) -> dict[str, list[str]]:
        """A saved decision as it would be written in the form, to go on after Ångra: `decided` turned round."""
        content = {
            "choice": decision.choice,
            "decided_by": decision.decided_by_id,
            "reason": decision.reason,
            "follow_up_on": decision.follow_up_on and decision.follow_up_on.isoformat(),
        }
        if measure:
            person = decision.choice if decision.choice in (Choice.COACH, Choice.MENTOR) else "responsible"
            content |= {
                person: measure.responsible_id,
                "what": measure.what,
                "starts_on": measure.starts_on.isoformat() if measure.starts_on != clock.today() else "",
                "planned_end_on": measure.planned_end_on.isoformat()
                if measure.planned_end_on and measure.planned_end_on != decision.follow_up_on
                else "",
            }
        return {name: [str(value)] for name, value in content.items() if value}

    @staticmethod
    def _missing(name: str) -> str:
        return {
            "what": _("Skriv vad som ska göras."),
            "responsible": _("Välj vem som är ansvarig."),
            "coach": _("Välj elevcoach."),
            "reason": _("Skriv varför ingen åtgärd behövs."),
        }[name]

    @property
    def decided(self) -> dict:
        """What the action wants to know of the decision itself."""
        names = ("choice", "decided_by", "reason", "follow_up_on", "seen")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def measure(self) -> Measure | None:
        """What the choice sets going; fields that belong to another choice are left out."""
        chosen = self.cleaned_data
        match chosen["choice"]:
            case Choice.SUPPORT:
                return Measure(
                    chosen["responsible"], chosen["what"], chosen["starts_on"], chosen["planned_end_on"]
                )
            case Choice.COACH:
                return Measure(chosen["coach"], "", chosen["starts_on"], chosen["planned_end_on"])
            case Choice.INQUIRY:
                return Measure(chosen["responsible"])
            case Choice.MENTOR:
                return Measure(chosen["mentor"])
        return None


class AfterwardsForm(forms.Form):
    """What is written about a decision that was made before. `name`: a draft of it is of this form alone."""

    name = ""

    def __init__(self, data=None, *, decision: Decision, initial=None):
        super().__init__(data, initial=initial)


class CorrectionForm(AfterwardsForm):
    """Another wording or another day of one's own decision."""

    name = "correction"

    reason = forms.CharField(
        label=gettext_lazy("Varför"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    follow_up_on = DateField(label=gettext_lazy("Följs upp"), required=False)

    def __init__(self, data=None, *, decision: Decision, initial=None):
        stands = {"reason": decision.reason, "follow_up_on": decision.follow_up_on}
        super().__init__(data, decision=decision, initial=stands | (initial or {}))
        needs_reason = decision.choice == Choice.NONE
        self.fields["reason"].required = needs_reason
        self.fields["follow_up_on"].required = not needs_reason
        self.fields["follow_up_on"].disabled = bool(decision.outcome)


class WithdrawalForm(AfterwardsForm):
    name = "withdrawal"

    why = forms.CharField(
        label=gettext_lazy("Varför dras beslutet tillbaka?"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class OutcomeForm(AfterwardsForm):
    """What it became: it ends here, or goes on with a new day."""

    name = "outcome"
    ENDS, GOES_ON = "ends", "goes_on"

    outcome = forms.CharField(
        label=gettext_lazy("Vad blev det?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Sakligt och kort."),
        error_messages={"required": gettext_lazy("Skriv vad det blev.")},
    )
    then = forms.ChoiceField(
        label=gettext_lazy("Och sedan?"),
        widget=forms.RadioSelect,
        choices=[
            (ENDS, gettext_lazy("Avslutas")),
            (GOES_ON, gettext_lazy("Fortsätter, följs upp igen")),
        ],
        error_messages={"required": gettext_lazy("Välj om det avslutas eller fortsätter.")},
    )
    next_on = DateField(label=gettext_lazy("Följs upp igen"), required=False)

    def __init__(self, data=None, **about):
        super().__init__(data, **about)
        self.fields["next_on"].proposals = in_three_weeks()

    def clean(self):
        chosen = self.cleaned_data
        if chosen.get("then") == self.GOES_ON and "next_on" not in self.errors:
            if not chosen.get("next_on"):
                self.add_error("next_on", _("Välj när det följs upp igen."))
            elif chosen["next_on"] <= clock.today():
                self.add_error("next_on", _("Välj en dag efter idag."))
        return chosen
