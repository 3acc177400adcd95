"""Identity only: who somebody is, across organisers; never how it goes for her."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import Organiser, SchoolUnit, User


class Protection(models.TextChoices):
    """Protection of personal data in the population register, mildest first (folkbokföringslagen 16 §)."""

    NONE = "none", _("ingen")
    MARKED = "marked", _("sekretessmarkering")
    REGISTERED = "protected_registration", _("skyddad folkbokföring")

    @classmethod
    def strictest(cls, said) -> str:
        """Of what several sources say; none when nobody says anything."""
        return max(said, key=cls.values.index, default=cls.NONE)


class Person(models.Model):
    """One human being. A number is unique where it is known; a temporary number only within its unit."""

    class NumberKind(models.TextChoices):
        NATIONAL = "personnummer", _("personnummer")
        COORDINATION = "samordning", _("samordningsnummer")
        TEMPORARY = "temporary", _("tillfälligt nummer")
        MISSING = "missing", _("nummer saknas")

    national_number = models.CharField(_("personnummer"), max_length=12, blank=True, db_collation="C")
    number_kind = models.CharField(
        _("slag av nummer"), max_length=12, choices=NumberKind, default=NumberKind.NATIONAL
    )
    number_unit = models.ForeignKey(
        SchoolUnit, models.PROTECT, verbose_name=_("skolenhet som gav numret"), null=True, blank=True
    )
    birth_date = models.DateField(_("född"), null=True, blank=True)
    protection = models.CharField(_("skydd"), max_length=24, choices=Protection, default=Protection.NONE)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("personer")
        constraints = [
            models.UniqueConstraint(
                fields=["national_number", "number_unit"],
                condition=~Q(national_number=""),
                name="one_person_per_number",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(number_kind="temporary", number_unit__isnull=False)
                | (~Q(number_kind="temporary") & Q(number_unit=None)),
                name="temporary_number_has_unit",
            ),
        ]

    class Privacy:
        neither = ["id", "number_kind"]
        personal = ["national_number", "number_unit", "birth_date", "protection"]
        kept = "Till eleven är 20 år eller har slutat, och 1 år till."

    @staticmethod
    def plain_number(text: str) -> str:
        """A number as it is stored: without hyphen, plus sign and spaces, its letters large."""
        kept = (sign for sign in text.upper() if sign.isalnum())
        return "".join(kept)

    @property
    def shown_number(self) -> str:
        """20090110-2392; nothing where there is none."""
        number = self.national_number
        return f"{number[:8]}-{number[8:]}" if number else ""

    @property
    def is_protected(self):
        return self.protection != Protection.NONE


class ProtectionMark(models.Model):
    """What one source says of a person's protection; the strictest of all counts.

    A mark from a file is cleared by a person with the right to, never by a file that lacks it.
    """

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="marks")
    organiser = models.ForeignKey(Organiser, models.CASCADE, verbose_name=_("huvudman"), null=True)
    source = models.CharField(_("källa"), max_length=60)
    protection = models.CharField(_("skydd"), max_length=24, choices=Protection)
    set_at = models.DateTimeField(_("satt"), default=timezone.now)
    set_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("satt av"), null=True, related_name="+")
    batch_id = models.IntegerField(_("inläsning"), null=True)

    class Meta:
        verbose_name = _("skyddsmarkering")
        verbose_name_plural = _("skyddsmarkeringar")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organiser", "source"], name="one_mark_per_source", nulls_distinct=False
            )
        ]

    class Privacy:
        neither = ["id", "source", "set_at", "batch_id"]
        personal = ["person", "organiser", "protection", "set_by"]
        kept = "Som personen."
