"""Limits: one organiser's default, and where a school differs; followed by the next, never updated."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import Organiser, SchoolUnit, User


class Threshold(models.Model):
    """Gräns: from which value an indicator is yellow or red; the limit itself counts.

    Without any row the indicator's own declared limits hold. A unit's row wins over its organiser's;
    among rows for the same place the latest `valid_from` up to the day counts.
    """

    organiser = models.ForeignKey(Organiser, models.PROTECT, verbose_name=_("huvudman"))
    unit = models.ForeignKey(SchoolUnit, models.PROTECT, verbose_name=_("skolenhet"), null=True, blank=True)
    indicator = models.CharField(_("indikator"), max_length=10)
    yellow = models.DecimalField(_("gul gräns"), max_digits=8, decimal_places=2)
    red = models.DecimalField(_("röd gräns"), max_digits=8, decimal_places=2)
    valid_from = models.DateField(_("gäller från"))
    reason = models.CharField(_("varför"), max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("satt av"), null=True, related_name="+")
    set_at = models.DateTimeField(_("satt"), default=timezone.now)

    class Meta:
        verbose_name = _("gräns")
        verbose_name_plural = _("gränser")
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "unit", "indicator", "valid_from"],
                name="one_threshold_per_day",
                nulls_distinct=False,
            )
        ]

    class Privacy:
        neither = [
            "id",
            "organiser",
            "unit",
            "indicator",
            "yellow",
            "red",
            "valid_from",
            "reason",
            "set_at",
        ]
        personal = ["set_by"]
        kept = "Så länge flaggor enligt den finns kvar."
