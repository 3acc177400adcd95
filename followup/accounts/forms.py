"""Forms about users, roles and places. Choices are always those of the scope."""

import re

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.accounts.access import EMAIL_STANDS, can_change_email, manages_all, roles_to_give
from followup.accounts.models import Organiser, SchoolUnit, User
from followup.accounts.permissions import ROLES, Permission, Place
from followup.fields import DateField
from followup.forms import ButtonRow, Helper

SCHOOL_FORMS = [
    ("FSK", gettext_lazy("förskoleklass")),
    ("GR", gettext_lazy("grundskola")),
    ("GRAN", gettext_lazy("anpassad grundskola")),
    ("SP", gettext_lazy("specialskola")),
    ("SAM", gettext_lazy("sameskola")),
    ("GY", gettext_lazy("gymnasieskola")),
    ("GYAN", gettext_lazy("anpassad gymnasieskola")),
    ("VUX", gettext_lazy("komvux")),
]


def id_from(data, name: str) -> int:
    """A number in a form; nonsense is not found."""
    value = data.get(name, "")
    if not value.isdecimal() or len(value) > 18:
        raise Http404
    return int(value)


class FilterForm(forms.Form):
    """Which users to list; nothing here is anybody's name, so it may stand in the address."""

    STATES = [
        ("", gettext_lazy("Alla")),
        ("active", gettext_lazy("Kan logga in")),
        ("invited", gettext_lazy("Inbjudna, har inte svarat")),
        ("uninvited", gettext_lazy("Inte inbjudna")),
        ("without", gettext_lazy("Utan gällande roll")),
        ("closed", gettext_lazy("Stängda")),
    ]
    unit = forms.ModelChoiceField(
        SchoolUnit.objects.none(),
        label=gettext_lazy("Skola"),
        required=False,
        empty_label=gettext_lazy("Alla skolor"),
    )
    role = forms.ChoiceField(label=gettext_lazy("Roll"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("Läge"), required=False, choices=STATES)

    def __init__(self, *args, scope, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = SchoolUnit.objects.visible_to(scope)
        if len(scope.unit_ids) < 2:
            del self.fields["unit"]
        self.fields["role"].choices = [("", _("Alla roller"))] + [
            (role.code, role.name) for role in roles_to_give(scope)
        ]


class RoleFields(forms.Form):
    """A role, where and for how long."""

    role = forms.ChoiceField(label=gettext_lazy("Roll"))
    place = forms.ChoiceField(label=gettext_lazy("Var"))
    profession = forms.CharField(
        label=gettext_lazy("Profession"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Till exempel kurator, specialpedagog eller biträdande rektor."),
    )
    starts_on = DateField(
        label=gettext_lazy("Från"), required=False, help_text=gettext_lazy("Tomt: från idag.")
    )
    ends_on = DateField(
        label=gettext_lazy("Till och med"), required=False, help_text=gettext_lazy("Tomt: tills vidare.")
    )
    marks_optional = True

    def __init__(self, *args, scope, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("Välj roll"))] + [
            (role.code, role.name) for role in roles_to_give(scope)
        ]
        units = SchoolUnit.objects.filter(pk__in=scope.units_where(Permission.MANAGE_STAFF))
        self.places = {f"{Place.UNIT}:{unit.pk}": unit for unit in units}
        choices = [(_("Skolor"), [(key, unit.name) for key, unit in self.places.items()])]
        if manages_all(scope):
            organisers = {f"{Place.ORGANISER}:{each.pk}": each for each in Organiser.objects.all()}
            choices.append((_("Huvudmän"), [(key, each.name) for key, each in organisers.items()]))
            choices.append((_("Allt"), [(f"{Place.INSTALLATION}:", _("hela installationen"))]))
            self.places |= organisers
        self.fields["place"].choices = [("", _("Välj plats")), *choices]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("role") and cleaned.get("place"):
            demanded = ROLES[cleaned["role"]].place
            if cleaned["place"].partition(":")[0] != demanded:
                self.add_error("place", WHERE[demanded] % {"role": ROLES[cleaned["role"]].name})
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("Slutdatum ligger före startdatum."))
        return cleaned

    @property
    def granted(self) -> dict:
        """What `give_role` asks for."""
        place = self.places.get(self.cleaned_data["place"])
        return {
            "role": self.cleaned_data["role"],
            "unit": place if isinstance(place, SchoolUnit) else None,
            "organiser": place if isinstance(place, Organiser) else None,
            "profession": self.cleaned_data["profession"],
            "starts_on": self.cleaned_data["starts_on"],
            "ends_on": self.cleaned_data["ends_on"],
        }


WHERE = {
    Place.UNIT: gettext_lazy("Rollen %(role)s ges för en skola."),
    Place.ORGANISER: gettext_lazy("Rollen %(role)s ges för en huvudman."),
    Place.MUNICIPALITY: gettext_lazy("Rollen %(role)s ges för en kommun."),
    Place.INSTALLATION: gettext_lazy("Rollen %(role)s ges för hela installationen."),
}


class RoleForm(RoleFields):
    """One more role for somebody who is here already."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Helper(
            self,
            ButtonRow(_("Ge rollen"), back_url=reverse("accounts:user", args=[user.pk])),
            action=reverse("accounts:give_role", args=[user.pk]),
        )


class PersonFields(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-post"),
        max_length=254,
        help_text=gettext_lazy("Den hen loggar in med, i tjänsten."),
    )
    given_name = forms.CharField(label=gettext_lazy("Förnamn"), max_length=100)
    family_name = forms.CharField(label=gettext_lazy("Efternamn"), max_length=100)
    employee_number = forms.CharField(label=gettext_lazy("Anställningsnummer"), max_length=40, required=False)

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class NewUserForm(RoleFields, PersonFields):
    """A colleague and her first role, so that nobody has an account that leads nowhere."""

    field_order = ["email", "given_name", "family_name", "employee_number", "role", "place"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Helper(
            self,
            ButtonRow(
                _("Lägg till och bjud in"),
                back_url=reverse("accounts:users"),
                note=_("Hen får en länk där hen väljer lösenord."),
            ),
        )


class ChangeUserForm(PersonFields):
    marks_optional = True

    def __init__(self, *args, user, scope, **kwargs):
        fields = ("email", "given_name", "family_name", "employee_number")
        kwargs["initial"] = {name: getattr(user, name) for name in fields}
        super().__init__(*args, **kwargs)
        self.user = user
        if not can_change_email(scope, user):
            self.fields["email"].widget.attrs["readonly"] = True  # the view refuses another one
            self.fields["email"].help_text = EMAIL_STANDS
        self.helper = Helper(self, ButtonRow(back_url=reverse("accounts:user", args=[user.pk])))

    def clean_email(self):
        email = super().clean_email()
        if User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Den e-posten har någon annan."))
        return email


class EndRoleForm(forms.Form):
    last_day = DateField(
        label=gettext_lazy("Sista dag"),
        required=False,
        help_text=gettext_lazy("Tomt: rollen slutar nu, och hen ser inte längre några elever genom den."),
    )

    def __init__(self, *args, grant, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Helper(
            self,
            ButtonRow(_("Avsluta rollen"), back_url=reverse("accounts:user", args=[grant.user_id])),
        )


class ChoosePasswordForm(forms.Form):
    """The one thing that an invitation asks for."""

    password = forms.CharField(
        label=gettext_lazy("Lösenord"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Minst tolv tecken. Gärna några ord efter varandra."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = Helper(self, ButtonRow(_("Spara och logga in")))

    def clean_password(self):
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]


class OrganiserForm(forms.ModelForm):
    marks_optional = True

    class Meta:
        model = Organiser
        fields = ["name", "organisation_number", "kind", "municipality"]
        help_texts = {"organisation_number": gettext_lazy("Tio siffror, till exempel 212000-0142.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation_number"].max_length = 11
        self.fields["organisation_number"] = forms.CharField(
            label=_("Organisationsnummer"),
            max_length=11,
            help_text=_("Tio siffror, till exempel 212000-0142."),
        )
        if self.instance.pk:
            self.initial["organisation_number"] = self.instance.shown_number
        self.fields["municipality"].empty_label = _("Ingen särskild kommun")
        self.helper = Helper(self, ButtonRow(back_url=reverse("accounts:places")))

    def clean_organisation_number(self):
        digits = re.sub(r"\D", "", self.cleaned_data["organisation_number"])
        if len(digits) != 10:
            raise ValidationError(_("Ett organisationsnummer har tio siffror."))
        return digits


class UnitForm(forms.ModelForm):
    school_form = forms.ChoiceField(label=gettext_lazy("Skolform"), required=False)
    marks_optional = True

    class Meta:
        model = SchoolUnit
        fields = ["organiser", "code", "name", "school_form", "municipality"]
        help_texts = {"code": gettext_lazy("Åtta siffror, enligt Skolverkets register.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organiser"].empty_label = _("Välj huvudman")
        self.fields["municipality"].empty_label = _("Huvudmannens kommun")
        self.fields["school_form"].choices = [("", _("Välj skolform")), *SCHOOL_FORMS]
        if self.instance.pk:
            del self.fields["organiser"]  # every fact of the school belongs to its organiser
            del self.fields["code"]
        self.helper = Helper(self, ButtonRow(back_url=reverse("accounts:places")))

    def clean_code(self):
        code = self.cleaned_data["code"].strip()
        if not re.fullmatch(r"\d{8}", code):
            raise ValidationError(_("En skolenhetskod har åtta siffror."))
        return code
