"""Flags: what an indicator says of a pupil, for as long as it says so, and every step on the way."""

from datetime import timedelta

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from students.models import Student, followed_ids


class Level(models.TextChoices):
    NONE = "none", _("under gränsen")
    YELLOW = "yellow", _("över gul gräns")
    RED = "red", _("över röd gräns")
    UNKNOWN = "unknown", _("okänt")


def is_loud(day=None) -> Q:
    return Q(quiet_until=None) | Q(quiet_until__lt=day or clock.today())


class FlagQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_on=None)

    def visible_to(self, scope):
        """Of the pupils whom she follows up; the class of which she only teaches is not among them."""
        return self.filter(student__in=followed_ids(scope))

    def of_seen(self, student_ids):
        """Of pupils that a question with `visible_to` has just found; the second question of one page."""
        return self.filter(student__in=list(student_ids))

    def at_units(self, unit_ids):
        """Of whole units, protected pupils too: for figures, never for names."""
        return self.filter(unit__in=unit_ids)

    def met(self):
        """Open and still over its limit (or unknown): what asks for something."""
        return self.open().filter(no_longer_met_on=None)

    def quiet(self, day=None):
        return self.open().filter(quiet_until__gte=day or clock.today())

    def loud(self, day=None):
        """Open, still met and not quiet: what stands on a list."""
        return self.met().filter(is_loud(day))

    def waiting(self, day=None):
        """Open, still met, and nobody has decided, or it has come back since: contact is no decision."""
        return self.met().filter(is_loud(day) | Q(decision=None))

    def with_waiting_since(self):
        """The day from which it has waited: when it opened, or when it came back after a decision."""
        came_back = (
            FlagEvent.objects.filter(flag=OuterRef("pk"), what=FlagEvent.What.RETURNED)
            .order_by("-pk")
            .values("on")[:1]
        )
        return self.annotate(
            waiting_since=Case(
                When(decision=None, then=F("opened_on")),
                default=Coalesce(
                    Cast(F("quiet_until") + timedelta(days=1), models.DateField()),
                    Subquery(came_back),
                    F("changed_on"),
                ),
                output_field=models.DateField(),
            )
        )

    def untaken(self):
        return self.filter(taken_by=None)


class Flag(models.Model):
    """One open flag per pupil, indicator and subject; it keeps its identity through the nights.

    `value` is what the indicator measured last (per cent, minutes, days or courses) and `threshold`
    the limit that held then. Handled means quiet until `quiet_until`; `handled_level` and
    `handled_value` say how bad it was then, so that worse than that wakes it.
    """

    class Closed(models.TextChoices):
        BETTER = "better", _("blev bättre")
        CORRECTED = "corrected", _("uppgifterna rättades")
        RULE = "rule", _("gränsen ändrades")
        MOVED = "moved", _("bytte huvudman")
        YEAR_END = "year_end", _("läsåret tog slut")
        LEFT = "left", _("slutade")

    student = models.ForeignKey(Student, models.CASCADE, verbose_name=_("elev"), related_name="flags")
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), related_name="flags")
    indicator = models.CharField(_("indikator"), max_length=10)
    about = models.CharField(_("gäller"), max_length=60, blank=True)
    level = models.CharField(_("läge"), max_length=8, choices=Level)
    value = models.DecimalField(_("värde"), max_digits=8, decimal_places=2, null=True)
    threshold = models.DecimalField(_("gräns"), max_digits=8, decimal_places=2, null=True)
    evidence = models.JSONField(_("underlag"), default=dict)
    opened_on = models.DateField(_("öppnad"))
    changed_on = models.DateField(_("senast ändrad"))
    measured_on = models.DateField(_("senast mätt"))
    taken_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("tagen av"), null=True, blank=True, related_name="taken_flags"
    )
    taken_at = models.DateTimeField(_("tagen"), null=True)
    quiet_until = models.DateField(_("tyst till och med"), null=True)
    handled_level = models.CharField(_("läge då den hanterades"), max_length=8, blank=True)
    handled_value = models.DecimalField(
        _("värde då den hanterades"), max_digits=8, decimal_places=2, null=True
    )
    contacted_on = models.DateField(_("senaste kontakt"), null=True)
    decision = models.ForeignKey(
        "risk.Decision", models.PROTECT, verbose_name=_("beslut"), null=True, related_name="flags"
    )
    unknown_since = models.DateField(_("okänd sedan"), null=True)
    no_longer_met_on = models.DateField(_("inte längre uppfylld"), null=True)
    no_longer_met_why = models.CharField(_("varför inte längre"), max_length=10, choices=Closed, blank=True)
    closed_on = models.DateField(_("stängd"), null=True)
    closed_why = models.CharField(_("varför stängd"), max_length=10, choices=Closed, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flagga")
        verbose_name_plural = _("flaggor")
        indexes = [
            models.Index(fields=["unit", "opened_on"], condition=Q(closed_on=None), name="flag_open_unit")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "indicator", "about"],
                condition=Q(closed_on=None),
                name="one_open_flag",
            )
        ]

    class Privacy:
        neither = ["id", "indicator"]
        personal = [
            "student",
            "unit",
            "about",
            "level",
            "value",
            "threshold",
            "evidence",
            "opened_on",
            "changed_on",
            "measured_on",
            "taken_by",
            "taken_at",
            "quiet_until",
            "handled_level",
            "handled_value",
            "contacted_on",
            "decision",
            "unknown_since",
            "no_longer_met_on",
            "no_longer_met_why",
            "closed_on",
            "closed_why",
        ]
        kept = "Som eleven."

    @property
    def waits(self) -> bool:
        """The same of one flag as `waiting` of many."""
        return self.no_longer_met_on is None and (self.decision_id is None or not self.is_quiet)

    @property
    def is_quiet(self) -> bool:
        return self.quiet_until is not None and self.quiet_until >= clock.today()


class FlagEvent(models.Model):
    """A step in a flag's life, with the evidence as it was; added, never changed.

    A contact or a decision names itself in `ref` (the id of the check-in or the decision) and says how
    long it keeps the flag quiet; withdrawn, it gets a `reopened` of the same ref. So what holds for a
    flag can always be read from its steps.
    """

    class What(models.TextChoices):
        OPENED = "opened", _("öppnades")
        CHANGED = "changed", _("ändrades")
        UNKNOWN = "unknown", _("blev okänd")
        KNOWN = "known", _("blev känd igen")
        NO_LONGER_MET = "no_longer_met", _("inte längre uppfylld")
        MET_AGAIN = "met_again", _("uppfylld igen")
        TAKEN = "taken", _("togs")
        RELEASED = "released", _("lämnades tillbaka")
        CONTACTED = "contacted", _("kontakt")
        DECIDED = "decided", _("beslut")
        REOPENED = "reopened", _("drogs tillbaka")
        RETURNED = "returned", _("kom tillbaka")
        MOVED = "moved", _("följde med till annan skola")
        CLOSED = "closed", _("stängdes")

    flag = models.ForeignKey(Flag, models.CASCADE, verbose_name=_("flagga"), related_name="events")
    at = models.DateTimeField(_("när"), default=timezone.now)
    on = models.DateField(_("dag"))
    what = models.CharField(_("vad"), max_length=14, choices=What)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), null=True, related_name="+")
    level = models.CharField(_("läge"), max_length=8, blank=True)
    value = models.DecimalField(_("värde"), max_digits=8, decimal_places=2, null=True)
    threshold = models.DecimalField(_("gräns"), max_digits=8, decimal_places=2, null=True)
    evidence = models.JSONField(_("underlag"), default=dict)
    why = models.CharField(_("varför"), max_length=60, blank=True)
    ref = models.BigIntegerField(_("avser"), null=True)
    until = models.DateField(_("tyst till och med"), null=True)

    class Meta:
        verbose_name = _("flaggans historia")
        verbose_name_plural = _("flaggors historia")
        ordering = ["pk"]

    class Privacy:
        neither = ["id", "at", "ref"]
        personal = ["flag", "on", "what", "by", "level", "value", "threshold", "evidence", "why", "until"]
        kept = "Som flaggan."
