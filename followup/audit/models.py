"""The trace: what was done (`Event`) and who read what (`Reading`). Rows are added, never changed.

By ids and field names only, never a name, a number or the text of a note. No foreign keys: history
must not block life, and erasing a pupil must not need to touch the trace. A trigger refuses UPDATE,
DELETE and TRUNCATE; whole years are dropped by the owner of the database when their time is out.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UNLESS_TEST = "coalesce(current_setting('koll.allow_erase', true), '') <> 'on'"


def append_only():
    """Row and statement triggers; the tests' own database may lift them in one named fixture."""
    refuse = f"""
        IF {UNLESS_TEST} THEN
            RAISE EXCEPTION 'the audit log is append-only';
        END IF;
        RETURN {{row}};
    """
    return [
        pgtrigger.Trigger(
            name="refuse_change",
            operation=pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            func=refuse.format(row="OLD"),
        ),
        pgtrigger.Trigger(
            name="refuse_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=refuse.format(row="NULL"),
        ),
    ]


class Event(models.Model):
    """Something was done. `verb` is the action's name, `about` the model's label, `fields` what changed."""

    at = models.DateTimeField(_("när"), default=timezone.now, db_index=True)
    by_id = models.IntegerField(_("av"), null=True, db_index=True)
    duty = models.CharField(_("uppdrag"), max_length=20, blank=True)
    verb = models.CharField(_("vad"), max_length=60)
    about = models.CharField(_("om"), max_length=60, blank=True)
    object_id = models.BigIntegerField(_("id"), null=True)
    student_id = models.BigIntegerField(_("elev"), null=True, db_index=True)
    organiser_id = models.IntegerField(_("huvudman"), null=True)
    detail = models.JSONField(_("uppgifter"), default=dict)
    request_id = models.CharField(_("anrop"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("händelse")
        verbose_name_plural = _("händelser")
        triggers = append_only()

    class Privacy:
        neither = ["id", "at", "duty", "verb", "about", "object_id", "organiser_id", "detail", "request_id"]
        personal = ["by_id", "student_id"]
        kept = "Fem år. Tas bort av databasens ägare, hela år i taget."


class Reading(models.Model):
    """One request that showed pupils: one row, with every pupil it showed."""

    at = models.DateTimeField(_("när"), default=timezone.now, db_index=True)
    by_id = models.IntegerField(_("av"), db_index=True)
    duty = models.CharField(_("uppdrag"), max_length=20, blank=True)
    organiser_id = models.IntegerField(_("huvudman"), null=True)
    page = models.CharField(_("sida"), max_length=60)
    reason = models.CharField(_("skäl"), max_length=60, blank=True)
    student_ids = ArrayField(models.BigIntegerField(), verbose_name=_("elever"), default=list)
    request_id = models.CharField(_("anrop"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("läsning")
        verbose_name_plural = _("läsningar")
        indexes = [GinIndex(fields=["student_ids"], name="reading_students", fastupdate=True)]
        triggers = append_only()

    class Privacy:
        neither = ["id", "at", "duty", "organiser_id", "page", "reason", "request_id"]
        personal = ["by_id", "student_ids"]
        kept = "Fem år. Tas bort av databasens ägare, hela år i taget."
