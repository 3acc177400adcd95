"""Where a pupil goes: enrolments, and the groups she and her mentors belong to."""

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.fields import BigIntegerField
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import Grant, SchoolUnit, User

LEFT_STAYS_DAYS = 30  # so long after her last day a pupil is still seen, so that work can be finished


def since_lately():
    return clock.today() - timedelta(days=LEFT_STAYS_DAYS)


class DatedQuerySet(models.QuerySet):
    """Rows with a first and a last day; both are included, an open end is still going on."""

    def covering(self, day=None):
        day = day or clock.today()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def lately(self, since=None):
        """Going on, coming, or ended so lately that what it gave to see can still be finished."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=since or since_lately()))


class DayRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class OneNumber(Func):
    """A number as a range of one, so that GiST compares it without the extension btree_gist."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, %(expressions)s, '[]')"
    output_field = BigIntegerField()


class Enrolment(models.Model):
    """Inskrivning: a pupil at a school unit, from a day until a day."""

    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="enrolments"
    )
    unit = models.ForeignKey(
        SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), related_name="enrolments"
    )
    school_form = models.CharField(_("skolform"), max_length=10, blank=True)
    programme = models.CharField(_("program"), max_length=20, blank=True)
    year = models.SmallIntegerField(_("årskurs"), null=True, blank=True)
    school_class = models.CharField(_("klass"), max_length=40, blank=True)
    starts_on = models.DateField(_("från"))
    ends_on = models.DateField(_("till och med"), null=True, blank=True)
    end_reason = models.CharField(_("avgångsorsak"), max_length=100, blank=True)
    batch_id = models.IntegerField(_("inläsning"), null=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("inskrivning")
        verbose_name_plural = _("inskrivningar")
        indexes = [models.Index(fields=["unit", "school_class"], name="enrolment_class")]
        constraints = [
            models.UniqueConstraint(fields=["student", "unit", "starts_on"], name="one_enrolment_per_start"),
            models.UniqueConstraint(
                fields=["student", "unit"], condition=Q(ends_on=None), name="one_open_enrolment"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on") - 1),
                name="enrolment_ends_after_start",
                violation_error_message=_("Slutdatum ligger före startdatum."),
            ),
            ExclusionConstraint(
                name="enrolments_do_not_overlap",
                expressions=[
                    (OneNumber(F("student")), RangeOperators.OVERLAPS),
                    (OneNumber(F("unit")), RangeOperators.OVERLAPS),
                    (
                        DayRange(
                            "starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("Inskrivningarna överlappar varandra."),
            ),
        ]

    @property
    def is_current(self) -> bool:
        return self.covers(clock.today())

    @property
    def is_lately(self) -> bool:
        """The same as `lately()` asks of the database."""
        return self.ends_on is None or self.ends_on >= since_lately()

    def covers(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    class Privacy:
        neither = ["id", "batch_id"]
        personal = [
            "student",
            "unit",
            "school_form",
            "programme",
            "year",
            "school_class",
            "starts_on",
            "ends_on",
            "end_reason",
        ]
        kept = "Som eleven."


class Group(models.Model):
    """Grupp: a class, a mentor's group or a teaching group (the shape of SS 12000)."""

    class Kind(models.TextChoices):
        CLASS = "class", _("klass")
        MENTOR = "mentor", _("mentorsgrupp")
        TEACHING = "teaching", _("undervisningsgrupp")

    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), related_name="groups")
    kind = models.CharField(_("slag"), max_length=10, choices=Kind, default=Kind.MENTOR)
    name = models.CharField(_("namn"), max_length=60)
    school_year = models.SmallIntegerField(_("läsår som börjar"))

    class Meta:
        verbose_name = _("grupp")
        verbose_name_plural = _("grupper")
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "name", "school_year"], name="one_group_per_name")
        ]

    class Privacy:
        neither = ["id", "unit", "kind", "name", "school_year"]

    def __str__(self):
        return self.name


class GroupMemberQuerySet(DatedQuerySet):
    def led_by(self, user, *, units, kinds, day=None):
        """Those in the groups that somebody leads on a day, at some units."""
        led = GroupStaff.objects.covering(day).filter(user=user, group__unit__in=units, group__kind__in=kinds)
        return self.covering(day).filter(group__in=led.values("group"))


class GroupMember(models.Model):
    group = models.ForeignKey(Group, models.CASCADE, verbose_name=_("grupp"), related_name="members")
    student = models.ForeignKey(
        "students.Student", models.CASCADE, verbose_name=_("elev"), related_name="memberships"
    )
    starts_on = models.DateField(_("från"))
    ends_on = models.DateField(_("till och med"), null=True, blank=True)
    batch_id = models.IntegerField(_("inläsning"), null=True)

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("gruppmedlem")
        verbose_name_plural = _("gruppmedlemmar")
        constraints = [
            models.UniqueConstraint(fields=["group", "student", "starts_on"], name="one_membership_per_start")
        ]

    class Privacy:
        neither = ["id", "batch_id"]
        personal = ["group", "student", "starts_on", "ends_on"]
        kept = "Som eleven."


class GroupStaffQuerySet(DatedQuerySet):
    def mentoring(self, day=None):
        """Those who lead a mentor group on a day, and may."""
        return self.covering(day).filter(_is_mentor_there(day), group__kind=Group.Kind.MENTOR)

    def of_students(self, students, day=None):
        """Those whose group some pupils are in on a day; a row for each pupil."""
        day = day or clock.today()
        return self.filter(
            Q(group__members__ends_on=None) | Q(group__members__ends_on__gte=day),
            group__members__student__in=students,
            group__members__starts_on__lte=day,
        )


def _is_mentor_there(day) -> Exists:
    return Exists(
        Grant.objects.current(day).at_unit("group__unit").filter(user=OuterRef("user"), role="mentor")
    )


class GroupStaff(models.Model):
    """Who leads a group, and when: a mentor on leave, her substitute and her return are three periods."""

    group = models.ForeignKey(Group, models.CASCADE, verbose_name=_("grupp"), related_name="staff")
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("personal"), related_name="groups")
    starts_on = models.DateField(_("från"))
    ends_on = models.DateField(_("till och med"), null=True, blank=True)
    batch_id = models.IntegerField(_("inläsning"), null=True)

    objects = GroupStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("gruppledare")
        verbose_name_plural = _("gruppledare")
        constraints = [
            models.UniqueConstraint(fields=["group", "user", "starts_on"], name="one_leadership_per_start")
        ]

    class Privacy:
        neither = ["id", "batch_id"]
        personal = ["group", "user", "starts_on", "ends_on"]
        kept = "Som eleven."
