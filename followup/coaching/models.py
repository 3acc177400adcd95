"""Check-ins with a pupil."""

import pghistory
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import SchoolUnit, User
from followup.risk.models import Flag
from students.models import Student, followed_ids


class CheckInQuerySet(models.QuerySet):
    def standing(self):
        """Those that have not been withdrawn."""
        return self.filter(withdrawn_at=None)

    def made(self):
        return self.filter(made=True)

    def visible_to(self, scope):
        """For those who follow up; a teacher who sees the names of her groups sees no check-ins."""
        seen = followed_ids(scope)
        return self.filter(student__in=seen)

    def last_of_each(self):
        """The last standing one of each writer with each pupil: the one whose next time is still booked.

        Unless a colleague has taken over from the writer and met the pupil since.
        """
        later = CheckIn.objects.standing().filter(student=OuterRef("student"), by=OuterRef("by"))
        return self.standing().filter(
            Q(followed_by=None) | Q(followed_by__withdrawn_at__isnull=False),
            ~Exists(later.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")))),
        )

    def booked(self):
        """Those that say when the next one is, and have not been followed by one."""
        return self.last_of_each().exclude(next_on=None)

    def unfollowed(self):
        """Those after which nobody has written anything about the pupil."""
        later = CheckIn.objects.standing().filter(student=OuterRef("student"), at__gt=OuterRef("at"))
        return self.filter(~Exists(later))

    def with_made_before(self):
        """Whether the writer met the pupil the time before; empty where there is none."""
        before = CheckIn.objects.standing().filter(
            student=OuterRef("student"), by=OuterRef("by"), at__lt=OuterRef("at")
        )
        return self.annotate(made_before=Subquery(before.latest_first().values("made")[:1]))

    def twice_in_vain(self):
        """The last of two attempts in a row, by one writer with one pupil, with no new time booked."""
        tried = self.last_of_each().filter(made=False, next_on=None)
        return tried.with_made_before().filter(made_before=False)

    def latest_first(self):
        return self.order_by("-at", "-pk")


@pghistory.track()
class CheckIn(models.Model):
    """Avstämning: a short, goal-oriented talk with a pupil, made or attempted.

    `form_uuid` is unique: a double tap, Back or a restored page saves once.
    """

    class Channel(models.TextChoices):
        MEETING = "meeting", _("möte")
        PHONE = "phone", _("telefon")
        MESSAGE = "message", _("meddelande")

    student = models.ForeignKey(Student, models.CASCADE, verbose_name=_("elev"), related_name="check_ins")
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), related_name="check_ins")
    at = models.DateTimeField(_("när"), default=timezone.now)
    made = models.BooleanField(_("träffades"))
    channel = models.CharField(_("hur"), max_length=8, choices=Channel)
    rating = models.SmallIntegerField(_("elevens egen skattning, 0-10"), null=True, blank=True)
    rating_declined = models.BooleanField(_("ville inte svara"), default=False)
    note = models.TextField(_("kort anteckning"), blank=True, max_length=2000)
    agreed_done = models.BooleanField(_("det ni kom överens om blev gjort"), default=False)
    agreed = models.CharField(_("kom överens om"), max_length=200, blank=True)
    next_on = models.DateField(_("nästa gång, dag"), null=True, blank=True)
    next_time = models.TimeField(_("nästa gång, tid"), null=True, blank=True)
    next_place = models.CharField(_("plats"), max_length=60, blank=True)
    flags = models.ManyToManyField(
        Flag, verbose_name=_("gäller flaggor"), blank=True, related_name="check_ins"
    )
    followed_by = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("följd av"), null=True, related_name="follows"
    )
    form_uuid = models.UUIDField(_("formulär"), unique=True)
    written_at = models.DateTimeField(_("skriven"), default=timezone.now)
    changed_at = models.DateTimeField(_("ändrad"), null=True)
    withdrawn_at = models.DateTimeField(_("tillbakadragen"), null=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("tillbakadragen av"), null=True, related_name="+"
    )
    withdrawn_why = models.CharField(_("varför"), max_length=300, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("avstämning")
        verbose_name_plural = _("avstämningar")
        indexes = [
            models.Index(fields=["student", "-at"], name="check_in_student"),
            models.Index(fields=["by", "next_on"], name="check_in_booked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(0, 10)), name="rating_between_0_and_10"
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating_declined=False), name="rating_or_declined"
            ),
        ]

    class Privacy:
        neither = ["id", "followed_by", "form_uuid", "written_at", "changed_at"]
        personal = [
            "student",
            "unit",
            "by",
            "at",
            "made",
            "channel",
            "rating_declined",
            "agreed_done",
            "next_on",
            "next_time",
            "next_place",
            "flags",
            "withdrawn_at",
            "withdrawn_by",
        ]
        sensitive = ["rating", "note", "agreed", "withdrawn_why"]
        kept = "Som eleven."
