"""Who works where: municipalities, organisers, school units, users and their dated roles."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.permissions import Permission, role_choices, title_of


class Installation(models.Model):
    """One row: what this database was made for. A demo is marked when it is made, never later."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False)
    made_at = models.DateTimeField(_("skapad"), default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_installation")]

    class Privacy:
        neither = ["id", "is_demo", "made_at"]


class Municipality(models.Model):
    code = models.CharField(_("kommunkod"), max_length=4, primary_key=True)
    name = models.CharField(_("namn"), max_length=100)

    class Meta:
        verbose_name = _("kommun")
        verbose_name_plural = _("kommuner")
        ordering = ["name"]

    class Privacy:
        neither = ["code", "name"]

    def __str__(self):
        return self.name


class Organiser(models.Model):
    """Huvudman: each its own controller of personal data (skollagen 2 kap.; GDPR art. 4.7)."""

    class Kind(models.TextChoices):
        MUNICIPAL = "municipal", _("kommunal")
        INDEPENDENT = "independent", _("enskild")
        REGIONAL = "regional", _("region")

    id = models.AutoField(primary_key=True)  # four bytes: the big tables carry it
    name = models.CharField(_("namn"), max_length=200)
    organisation_number = models.CharField(_("organisationsnummer"), max_length=10, unique=True)
    kind = models.CharField(_("slag"), max_length=12, choices=Kind, default=Kind.MUNICIPAL)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name=_("kommun"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("huvudman")
        verbose_name_plural = _("huvudmän")
        ordering = ["name"]

    class Privacy:
        neither = ["id", "name", "organisation_number", "kind", "municipality"]

    def __str__(self):
        return self.name

    @property
    def shown_number(self) -> str:
        """212000-9990"""
        return f"{self.organisation_number[:6]}-{self.organisation_number[6:]}"


class SchoolUnitQuerySet(models.QuerySet):
    def visible_to(self, scope):
        return self.filter(pk__in=scope.unit_ids)


class SchoolUnit(models.Model):
    """Skolenhet, by the eight-digit code of Skolenhetsregistret."""

    id = models.AutoField(primary_key=True)  # four bytes: the big tables carry it
    organiser = models.ForeignKey(Organiser, models.PROTECT, verbose_name=_("huvudman"), related_name="units")
    code = models.CharField(_("skolenhetskod"), max_length=8, unique=True)
    name = models.CharField(_("namn"), max_length=200)
    school_form = models.CharField(_("skolform"), max_length=10, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name=_("kommun"), null=True, blank=True
    )

    objects = SchoolUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("skolenhet")
        verbose_name_plural = _("skolenheter")
        ordering = ["name"]

    class Privacy:
        neither = ["id", "organiser", "code", "name", "school_form", "municipality"]

    def __str__(self):
        return self.name


class UserQuerySet(models.QuerySet):
    def managed_by(self, scope):
        """The staff of the units where this scope manages staff, past and coming too; all for system_admin."""
        if scope.can(Permission.MANAGE_PLACES):
            return self
        units = scope.units_where(Permission.MANAGE_STAFF)
        return self.filter(Exists(Grant.objects.filter(user=OuterRef("pk"), unit__in=units)))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())


class User(AbstractBaseUser):
    """A member of staff. Never deleted while she has written anything: closed (is_active=False)."""

    email = models.EmailField(_("e-post"), unique=True)
    given_name = models.CharField(_("förnamn"), max_length=100)
    family_name = models.CharField(_("efternamn"), max_length=100)
    is_active = models.BooleanField(_("kan logga in"), default=True)
    employee_number = models.CharField(_("anställningsnummer"), max_length=40, blank=True)
    is_invented = models.BooleanField(_("påhittad, för demon"), default=False)
    demo_card = models.CharField(_("vad hen gör, i demon"), max_length=100, blank=True)
    keyboard_moves = models.BooleanField(_("flytta med J och K"), default=True)
    made_at = models.DateTimeField(_("skapad"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]

    class Meta:
        verbose_name = _("användare")
        verbose_name_plural = _("användare")
        ordering = ["family_name", "given_name", "pk"]

    class Privacy:
        neither = ["id", "is_active", "is_invented", "demo_card", "keyboard_moves", "made_at", "last_login"]
        personal = ["email", "given_name", "family_name", "employee_number", "password"]
        kept = "Så länge något som hen har skrivit finns kvar; kontot stängs när uppdragen är slut."

    def __str__(self):
        return self.name

    @property
    def name(self):
        return f"{self.given_name} {self.family_name}".strip() or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.given_name or self.email


class GrantQuerySet(models.QuerySet):
    def current(self, day=None):
        """Grants in force on a day; today when none is named. Both ends are included."""
        day = day or clock.today()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def unended(self, day=None):
        """In force or still to come."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day or clock.today()))

    def at_unit(self, path):
        """At the unit that a row of the outer question names; a role without one is for all of its organiser's."""
        return self.filter(Q(unit=OuterRef(path)) | Q(unit=None, organiser=OuterRef(f"{path}__organiser")))

    def at_place(self, unit_ids=(), organiser_ids=()):
        return self.filter(Q(unit__in=unit_ids) | Q(organiser__in=organiser_ids, unit=None))


class Grant(models.Model):
    """One role for one person, for a place and a period. The place is what the role demands."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("användare"), related_name="grants")
    role = models.CharField(_("roll"), max_length=20, choices=role_choices)
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), null=True, blank=True)
    organiser = models.ForeignKey(
        Organiser, models.PROTECT, verbose_name=_("huvudman"), null=True, blank=True
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name=_("kommun"), null=True, blank=True
    )
    profession = models.CharField(_("profession"), max_length=60, blank=True)
    starts_on = models.DateField(_("från"))
    ends_on = models.DateField(_("till och med"), null=True, blank=True)
    from_file = models.BooleanField(_("ur fil"), default=False)
    batch_id = models.IntegerField(_("inläsning"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("given av"), null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("given"), default=timezone.now)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("roll")
        verbose_name_plural = _("roller")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit", "organiser", "municipality", "starts_on"],
                name="one_grant_per_start",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on") - 1),
                name="grant_ends_after_start",
                violation_error_message=_("Slutdatum ligger före startdatum."),
            ),
        ]

    class Privacy:
        neither = ["id", "from_file", "batch_id", "granted_at"]
        personal = [
            "user",
            "role",
            "unit",
            "organiser",
            "municipality",
            "profession",
            "starts_on",
            "ends_on",
            "granted_by",
        ]
        kept = "Som användaren."

    def __str__(self):
        return f"{self.user} · {self.title} · {self.place}"

    @property
    def state(self):
        """coming, current or ended; a role that never came into force is ended."""
        if self.ends_on and self.ends_on < max(self.starts_on, clock.today()):
            return "ended"
        return "coming" if self.starts_on > clock.today() else "current"

    @property
    def title(self):
        return title_of(self.role, self.profession)

    @property
    def place(self):
        return self.unit or self.organiser or self.municipality or _("hela installationen")


class Invitation(models.Model):
    """An invitation by e-mail; the link itself is signed and never stored."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("användare"), related_name="invitations")
    sent_at = models.DateTimeField(_("skickad"), default=timezone.now)
    sent_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("skickad av"), null=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("antagen"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbjudan")
        verbose_name_plural = _("inbjudningar")

    class Privacy:
        neither = ["id", "sent_at", "accepted_at"]
        personal = ["user", "sent_by"]
        kept = "Som användaren."
