"""What the student health team or the head decides about a pupil, over her flags."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from students.models import Student, followed_ids


class DecisionQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(withdrawn_at=None)

    def visible_to(self, scope):
        """Of the pupils whom she follows up; the class of which she only teaches is not among them."""
        return self.filter(student__in=followed_ids(scope))

    def at_units(self, unit_ids):
        """Of whole units, protected pupils too: for figures, never for names."""
        return self.filter(unit__in=unit_ids)

    def to_follow_up(self, day=None):
        """In force, with a follow-up date that has come and no outcome yet."""
        return self.in_force().filter(outcome="", follow_up_on__lte=day or clock.today())

    def awaiting_confirmation_by(self, user):
        return self.in_force().filter(decided_by=user, confirmed_at=None)


@pghistory.track()
class Decision(models.Model):
    """Beslut. Recorded for somebody else it is in force at once and waits for her confirmation."""

    class Choice(models.TextChoices):
        SUPPORT = "support", _("stödinsats")
        COACH = "coach", _("elevcoach")
        INQUIRY = "inquiry", _("frånvaroutredning")
        MENTOR = "mentor", _("mentor följer")
        NONE = "none", _("ingen åtgärd")

    student = models.ForeignKey(Student, models.CASCADE, verbose_name=_("elev"), related_name="decisions")
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"))
    choice = models.CharField(_("beslut"), max_length=8, choices=Choice)
    reason = models.TextField(_("varför"), blank=True, max_length=1000)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("beslutas av"), related_name="decisions"
    )
    confirmed_at = models.DateTimeField(_("bekräftat"), null=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("antecknat av"), related_name="+")
    recorded_at = models.DateTimeField(_("antecknat"), default=timezone.now)
    follow_up_on = models.DateField(_("följs upp"), null=True)
    outcome = models.TextField(_("vad det blev"), blank=True, max_length=1000)
    outcome_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("uppföljt av"), null=True, related_name="+"
    )
    outcome_at = models.DateTimeField(_("uppföljt"), null=True)
    form_uuid = models.UUIDField(_("formulär"), unique=True, null=True)
    changed_at = models.DateTimeField(_("rättat"), null=True)
    changed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("rättat av"), null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("tillbakadraget"), null=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("tillbakadraget av"), null=True, related_name="+"
    )
    withdrawn_why = models.CharField(_("varför tillbakadraget"), max_length=300, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("beslut")
        verbose_name_plural = _("beslut")
        constraints = [
            models.CheckConstraint(
                condition=~Q(choice="none") | ~Q(reason=""),
                name="no_action_has_a_reason",
                violation_error_message=_("Skriv varför ingen åtgärd behövs."),
            )
        ]

    class Privacy:
        neither = ["id", "form_uuid", "recorded_at"]
        personal = [
            "student",
            "unit",
            "choice",
            "decided_by",
            "confirmed_at",
            "recorded_by",
            "follow_up_on",
            "outcome_by",
            "outcome_at",
            "changed_at",
            "changed_by",
            "withdrawn_at",
            "withdrawn_by",
        ]
        sensitive = ["reason", "outcome", "withdrawn_why"]
        kept = "Som eleven."

    @property
    def is_due(self) -> bool:
        """Its day has come, and nobody has said what became of it."""
        return not self.outcome and self.follow_up_on is not None and self.follow_up_on <= clock.today()

    @property
    def is_late(self) -> bool:
        return self.is_due and self.follow_up_on < clock.today()
