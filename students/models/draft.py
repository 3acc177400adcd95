"""Drafts: what somebody has begun to write about a pupil, kept on the server so that no text is lost."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import User
from students.models.person import Person

KEPT_DAYS = 30


def worth_restoring_since() -> datetime:
    return clock.now() - timedelta(days=KEPT_DAYS)


class DraftQuerySet(models.QuerySet):
    def unfinished(self, since=None):
        """Not saved yet, and young enough to be worth restoring."""
        return self.filter(finished_at=None, saved_at__gte=since or worth_restoring_since())


class Draft(models.Model):
    """What one user has begun to write about one person in one form; dies on saving.

    On the server only, so that a colleague on the same phone sees nothing of it; hangs on Person, so
    that it survives the joining of two pupil records. One row per opened form (`form_uuid`): two tabs
    do not overwrite each other. A finished row has lost its text and stays only to refuse what the
    browser sends too late.
    """

    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("användare"), related_name="drafts")
    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"), related_name="drafts")
    form = models.CharField(_("formulär"), max_length=30)
    form_uuid = models.UUIDField(_("formulärets id"))
    content = models.JSONField(_("innehåll"), default=dict)
    saved_at = models.DateTimeField(_("sparad"), default=timezone.now)
    finished_at = models.DateTimeField(_("avslutad"), null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("utkast")
        verbose_name_plural = _("utkast")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "person", "form", "form_uuid"], name="one_draft_per_open_form"
            )
        ]

    class Privacy:
        neither = ["id", "form", "form_uuid", "saved_at", "finished_at"]
        personal = ["user", "person"]
        sensitive = ["content"]
        kept = "Tills texten sparas, längst 30 dagar."
