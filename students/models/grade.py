"""Grades and warnings, of three grading schemes side by side."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import SchoolUnit


class Grade(models.Model):
    """One entry for one course or subject level: a grade, or a warning that one may not be passed.

    A dash means that there was no basis for a grade because of absence (skollagen 15 kap. 25 §): it is
    not an F.
    """

    class Scheme(models.TextChoices):
        COMPULSORY = "GR", _("grundskola")
        GY11 = "GY11", _("gymnasieskola 2011, kurser")
        GY25 = "GY25", _("gymnasieskola 2025, ämnen och nivåer")

    class Kind(models.TextChoices):
        FINAL = "final", _("betyg")
        TERM = "term", _("terminsbetyg")
        WARNING = "warning", _("varning")

    student = models.ForeignKey(
        "students.Student",
        models.CASCADE,
        verbose_name=_("elev"),
        related_name="grades",
        db_index=False,  # the unique key begins with it
    )
    unit = models.ForeignKey(
        SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), related_name="+", db_index=False
    )
    scheme = models.CharField(_("skala"), max_length=4, choices=Scheme, blank=True)
    code = models.CharField(_("kod"), max_length=20)
    subject = models.CharField(_("ämne"), max_length=120)
    level = models.CharField(_("nivå"), max_length=20, blank=True)
    points = models.SmallIntegerField(_("poäng"), null=True, blank=True)
    value = models.CharField(_("betyg"), max_length=2, blank=True)
    kind = models.CharField(_("slag"), max_length=8, choices=Kind)
    on = models.DateField(_("datum"))
    batch_id = models.IntegerField(_("inläsning"), null=True)

    class Meta:
        verbose_name = _("betyg")
        verbose_name_plural = _("betyg")
        indexes = [
            models.Index(fields=["unit", "on"], name="grade_unit_day"),
            models.Index(  # few; what the night looks for
                fields=["student"], condition=Q(kind="warning") | Q(value="F"), name="grade_failing"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "code", "on", "kind"], name="one_grade_per_day_and_kind"
            )
        ]

    class Privacy:
        neither = ["id", "batch_id"]
        personal = ["student", "unit", "scheme", "code", "subject", "level", "points", "value", "kind", "on"]
        kept = "Som eleven."
