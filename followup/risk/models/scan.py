"""Scans and their parts: a part is claimed in the database and may be taken over by any worker."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import SchoolUnit, User


class ScanQuerySet(models.QuerySet):
    def running(self):
        return self.filter(state=Scan.State.RUNNING)


class Scan(models.Model):
    """One run of the indicators for one day D. The night's D is the day that has just ended."""

    class Kind(models.TextChoices):
        NIGHT = "night", _("natt")
        IMPORT = "import", _("efter inläsning")
        BUTTON = "button", _("på begäran")

    class State(models.TextChoices):
        RUNNING = "running", _("pågår")
        DONE = "done", _("klar")
        FAILED = "failed", _("blev inte klar")

    kind = models.CharField(_("slag"), max_length=8, choices=Kind)
    day = models.DateField(_("dag"))
    indicators = ArrayField(
        models.CharField(max_length=10), verbose_name=_("indikatorer"), default=list, blank=True
    )  # empty: all of them
    state = models.CharField(_("läge"), max_length=8, choices=State, default=State.RUNNING)
    ordered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("beställd av"), null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("startad"), default=timezone.now)
    finished_at = models.DateTimeField(_("klar"), null=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("skanning")
        verbose_name_plural = _("skanningar")
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=Q(kind="night"), name="one_night_per_day"
            )  # two nights started at once do the work once
        ]

    class Privacy:
        neither = ["id", "kind", "day", "indicators", "state", "started_at", "finished_at"]
        personal = ["ordered_by"]
        kept = "Så länge flaggor från den finns kvar."


class ScanPartQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(state__in=[ScanPart.State.WAITING, ScanPart.State.RUNNING])


class ScanPart(models.Model):
    """The part of a scan that concerns one unit.

    The one that works on it holds its row lock until it is done. So a part that is `running` while its
    row is free belonged to somebody who was killed, and whoever comes next takes it over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("väntar")
        RUNNING = "running", _("pågår")
        DONE = "done", _("klar")
        FAILED = "failed", _("misslyckades")

    scan = models.ForeignKey(Scan, models.CASCADE, verbose_name=_("skanning"), related_name="parts")
    unit = models.ForeignKey(
        SchoolUnit, models.CASCADE, verbose_name=_("skolenhet"), related_name="+", db_index=False
    )
    state = models.CharField(_("läge"), max_length=8, choices=State, default=State.WAITING)
    claimed_by = models.CharField(_("tagen av"), max_length=80, blank=True)
    claimed_at = models.DateTimeField(_("tagen"), null=True)
    finished_at = models.DateTimeField(_("klar"), null=True)
    attempts = models.SmallIntegerField(_("försök"), default=0)
    error = models.CharField(_("fel"), max_length=300, blank=True)
    counts = models.JSONField(_("antal"), default=dict)
    facts_until = models.JSONField(_("uppgifter till och med"), default=dict)

    objects = ScanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("del av skanning")
        verbose_name_plural = _("delar av skanning")
        indexes = [models.Index(fields=["unit", "id"], name="scan_part_unit")]
        constraints = [models.UniqueConstraint(fields=["scan", "unit"], name="one_part_per_unit")]

    class Privacy:
        neither = [
            "id",
            "scan",
            "unit",
            "state",
            "claimed_by",
            "claimed_at",
            "finished_at",
            "attempts",
            "error",
            "counts",
            "facts_until",
        ]
