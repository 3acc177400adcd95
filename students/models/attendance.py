"""Attendance: one row per pupil, unit and school day; and single missed lessons as detail."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import Organiser, SchoolUnit


class AttendanceDay(models.Model):
    """One school day of one pupil at one unit, in minutes; the big table (71 million rows a year).

    `unreported` are those of `scheduled` that nobody has reported: neither presence nor absence.
    The key begins with the organiser, so that a part of the night reads its own rows only; no foreign
    keys in the database, which would cost a factor of four at load (the merge checks them instead).
    """

    pk = models.CompositePrimaryKey("organiser", "date", "student", "unit")
    student = models.ForeignKey(
        "students.Student",
        models.DO_NOTHING,
        verbose_name=_("elev"),
        db_constraint=False,
        db_index=False,
        related_name="attendance",
    )
    organiser = models.ForeignKey(
        Organiser,
        models.DO_NOTHING,
        verbose_name=_("huvudman"),
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    unit = models.ForeignKey(
        SchoolUnit,
        models.DO_NOTHING,
        verbose_name=_("skolenhet"),
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    date = models.DateField(_("dag"))
    batch_id = models.IntegerField(_("inläsning"), null=True)
    scheduled = models.SmallIntegerField(_("planerat, minuter"))
    excused = models.SmallIntegerField(_("giltig frånvaro, minuter"), default=0)
    unexcused = models.SmallIntegerField(_("ogiltig frånvaro, minuter"), default=0)
    late = models.SmallIntegerField(_("sen ankomst, minuter"), default=0)
    unreported = models.SmallIntegerField(_("orapporterat, minuter"), default=0)

    class Meta:
        verbose_name = _("närvarodag")
        verbose_name_plural = _("närvarodagar")
        indexes = [models.Index(fields=["student"], name="attendance_student")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    scheduled__gte=0, excused__gte=0, unexcused__gte=0, late__gte=0, unreported__gte=0
                )
                & Q(scheduled__gte=F("excused") + F("unexcused") + F("unreported")),
                name="attendance_adds_up",
            )
        ]

    class Privacy:
        neither = ["batch_id", "organiser"]
        personal = ["student", "unit", "date", "scheduled", "excused", "unexcused", "late", "unreported"]
        kept = "Innevarande och föregående läsår."


class Absence(models.Model):
    """One missed or late lesson: detail to show, never measured."""

    class Kind(models.TextChoices):
        EXCUSED = "excused", _("giltig")
        UNEXCUSED = "unexcused", _("ogiltig")
        LATE = "late", _("sen")

    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="absences"
    )
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), related_name="+")
    date = models.DateField(_("dag"))
    starts_at = models.TimeField(_("tid"))
    subject = models.CharField(_("ämne"), max_length=100, blank=True)
    minutes = models.SmallIntegerField(_("minuter"))
    kind = models.CharField(_("slag"), max_length=10, choices=Kind)
    batch_id = models.IntegerField(_("inläsning"), null=True)

    class Meta:
        verbose_name = _("frånvarolektion")
        verbose_name_plural = _("frånvarolektioner")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "unit", "date", "starts_at"], name="one_absence_per_lesson"
            )
        ]

    class Privacy:
        neither = ["id", "batch_id"]
        personal = ["student", "unit", "date", "starts_at", "subject", "minutes", "kind"]
        kept = "Innevarande och föregående läsår."
