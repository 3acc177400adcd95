"""Disputes: somebody who knows the pupil says that an imported fact is wrong."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import SchoolUnit, User
from followup.accounts.permissions import Permission
from students.models.person import Protection
from students.models.student import Student, visible_ids


class FactDisputeQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)

    def visible_to(self, scope):
        return self.filter(student__in=visible_ids(scope))

    def to_answer(self, scope):
        """The registrar's; of a pupil whom she does not see (protected), the head's."""
        return self.visible_to(scope).filter(
            Q(unit__in=scope.units_where(Permission.SEE_RECORDS))
            | Q(unit__in=scope.units_where(Permission.SET_PROTECTION))
            & ~Q(student__person__protection=Protection.NONE)
        )


class FactDispute(models.Model):
    """One tap and a sentence; waits on the registrar's start page until it has an answer (GDPR art. 16)."""

    class About(models.TextChoices):
        ATTENDANCE = "attendance", _("närvaro")
        GRADE = "grade", _("betyg")
        ENROLMENT = "enrolment", _("inskrivning")
        PERSON = "person", _("namn och kontakt")
        MENTOR = "mentor", _("mentor")

    student = models.ForeignKey(Student, models.CASCADE, verbose_name=_("elev"), related_name="disputes")
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"))
    about = models.CharField(_("gäller"), max_length=12, choices=About)
    on = models.DateField(_("dag"), null=True, blank=True)
    detail = models.CharField(_("uppgift"), max_length=120, blank=True)
    text = models.CharField(_("vad som inte stämmer"), max_length=500)
    said_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("sagt av"), related_name="+")
    said_at = models.DateTimeField(_("sagt"), default=timezone.now)
    answer = models.CharField(_("svar"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("besvarat av"), null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("besvarat"), null=True)

    objects = FactDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("ifrågasatt uppgift")
        verbose_name_plural = _("ifrågasatta uppgifter")

    class Privacy:
        neither = ["id", "about", "said_at", "answered_at"]
        personal = ["student", "unit", "on", "detail", "text", "said_by", "answer", "answered_by"]
        kept = "Som eleven."

    @property
    def fact(self) -> str:
        """The fact in words: "betyg: Matematik nivå 2b, F"."""
        return f"{self.get_about_display()}: {self.detail}" if self.detail else self.get_about_display()
