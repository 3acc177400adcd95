"""Facts as they were before a file changed or withdrew them; sparse, because most facts never change."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EarlierFact(models.Model):
    class Why(models.TextChoices):
        CHANGED = "changed", _("ändrad")
        WITHDRAWN = "withdrawn", _("borttagen")

    kind = models.CharField(_("slag"), max_length=16)
    student_id = models.BigIntegerField(_("elev"), db_index=True)
    unit_id = models.IntegerField(_("skolenhet"), null=True)
    on = models.DateField(_("gäller dag"), null=True)
    why = models.CharField(_("varför"), max_length=10, choices=Why)
    values = models.JSONField(_("värden"))
    earlier_batch_id = models.IntegerField(_("kom med inläsning"), null=True)
    batch_id = models.IntegerField(_("ändrad av inläsning"), null=True, db_index=True)
    replaced_at = models.DateTimeField(_("ändrad"), default=timezone.now)

    class Meta:
        verbose_name = _("tidigare uppgift")
        verbose_name_plural = _("tidigare uppgifter")

    class Privacy:
        neither = ["id", "kind", "why", "earlier_batch_id", "batch_id", "replaced_at"]
        personal = ["student_id", "unit_id", "on", "values"]
        kept = "Som den uppgift den gäller."
