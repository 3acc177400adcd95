"""Whom a pupil concerns, beside her own mentors: involvements, measures, and people named for her."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import SchoolUnit, User


class InvolvementQuerySet(models.QuerySet):
    def current(self, day=None):
        day = day or clock.today()
        return self.filter(Q(until=None) | Q(until__gte=day))


class Involvement(models.Model):
    """Why a unit (or one person there) has to do with a pupil; read by `visible_to`, written by the rooms.

    Opened by what opens it (a flag, a concern, a measure, a handover, an assignment; `ref` is its id);
    ends 30 days after that has ended, so that a follow-up can be finished.
    """

    class Why(models.TextChoices):
        FLAG = "flag", _("flagga")
        CONCERN = "concern", _("oro")
        DECISION = "decision", _("beslut")
        MEASURE = "measure", _("insats")
        HANDOVER = "handover", _("överlämning")
        ASSIGNMENT = "assignment", _("uppdrag")

    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="involvements"
    )
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"))
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), null=True, blank=True)
    why = models.CharField(_("skäl"), max_length=12, choices=Why)
    ref = models.BigIntegerField(_("avser"), null=True, blank=True)
    since = models.DateField(_("sedan"))
    until = models.DateField(_("till och med"), null=True, blank=True)

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        verbose_name = _("inblandning")
        verbose_name_plural = _("inblandningar")
        indexes = [models.Index(fields=["unit", "student"], name="involvement_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "unit", "user", "why", "ref"],
                name="one_involvement_per_ref",
                nulls_distinct=False,
            )
        ]

    class Privacy:
        neither = ["id", "ref"]
        personal = ["student", "unit", "user", "why", "since", "until"]
        kept = "Som eleven."


class SupportMeasureQuerySet(models.QuerySet):
    def ongoing(self, day=None):
        day = day or clock.today()
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), starts_on__lte=day)


class SupportMeasure(models.Model):
    """Insats: what somebody is responsible for doing, from a day to a planned day.

    A decision "elevcoach" makes one of kind `coach`; the coach's caseload is hers of that kind.
    """

    class Kind(models.TextChoices):
        SUPPORT = "support", _("stödinsats")
        COACH = "coach", _("elevcoach")
        INQUIRY = "inquiry", _("frånvaroutredning")
        MENTOR = "mentor", _("mentor följer")

    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="measures"
    )
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"))
    kind = models.CharField(_("slag"), max_length=10, choices=Kind)
    what = models.CharField(_("vad"), max_length=200, blank=True)
    responsible = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("ansvarig"), related_name="measures", null=True
    )
    starts_on = models.DateField(_("från"))
    planned_end_on = models.DateField(_("planerat slut"), null=True, blank=True)
    ended_on = models.DateField(_("avslutad"), null=True, blank=True)
    end_reason = models.CharField(_("varför den avslutades"), max_length=200, blank=True)
    decision_id = models.BigIntegerField(_("beslut"), null=True, db_index=True)
    made_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("beslutad av"), related_name="+", null=True
    )
    made_at = models.DateTimeField(_("beslutad"), default=timezone.now)

    objects = SupportMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("insats")
        verbose_name_plural = _("insatser")

    @property
    def never_began(self) -> bool:
        """Taken back before its first day was over."""
        return self.ended_on is not None and self.ended_on < self.starts_on

    class Privacy:
        neither = ["id", "decision_id", "made_at"]
        personal = [
            "student",
            "unit",
            "kind",
            "responsible",
            "starts_on",
            "planned_end_on",
            "ended_on",
            "made_by",
        ]
        sensitive = ["what", "end_reason"]
        kept = "Som eleven."


class NamedAccess(models.Model):
    """A person named for one pupil with protected identity; nobody else sees her at all."""

    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="named"
    )
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="named_for")
    since = models.DateField(_("sedan"))
    until = models.DateField(_("till och med"), null=True, blank=True)
    named_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("utsedd av"), related_name="+", null=True
    )

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        verbose_name = _("namngiven behörighet")
        verbose_name_plural = _("namngivna behörigheter")

    class Privacy:
        neither = ["id"]
        personal = ["student", "user", "since", "until", "named_by"]
        kept = "Som eleven."
