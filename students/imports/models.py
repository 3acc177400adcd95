"""Uploads and the runs of their files: what came in, what it changed, what was refused."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import Organiser, User
from followup.accounts.permissions import Permission

from .kinds import kind_choices
from .reasons import sentence

UNEXPECTED = "unexpected"  # the reason of a fault of ours, among those in reasons.py


class UploadQuerySet(models.QuerySet):
    def visible_to(self, scope):
        """One's own, in the duty and organiser one works in: refused rows may hold any school's pupils."""
        return self.filter(by=scope.user, duty=scope.duty, organiser=scope.organiser_id)


class BatchQuerySet(models.QuerySet):
    def visible_to(self, scope):
        """One's own, and those about nothing but one's own units, whoever sent them."""
        units = scope.units_where(Permission.IMPORT_FILES)
        own = Q(by=scope.user, file__upload__duty=scope.duty, file__upload__organiser=scope.organiser_id)
        if not units or scope.organiser_id is None:  # the system administrator sees no other's pupils
            return self.filter(own)
        about_own = Q(unit_ids__contained_by=list(units), unit_ids__len__gt=0)
        return self.filter(own | (about_own & ~Q(counts__has_key="elsewhere")))

    def waiting(self):
        """Those that wait for a person."""
        return self.filter(
            Q(state__in=[Batch.State.MAPPING, Batch.State.HELD, Batch.State.INTERRUPTED])
            | Q(state=Batch.State.PREVIEW, finished_at__isnull=False)
        )

    def broken(self):
        """Those that broke in our hands; a file refused for what it holds is its sender's to mend."""
        return self.filter(Q(state=Batch.State.INTERRUPTED) | Q(state=Batch.State.FAILED, error=UNEXPECTED))

    def with_stopped_rows(self, since: date):
        """Read in since a day with rows left out, and no later file of the kind for the same schools."""
        later = Batch.objects.filter(
            state=Batch.State.DONE,
            kind=OuterRef("kind"),
            unit_ids=OuterRef("unit_ids"),
            pk__gt=OuterRef("pk"),
        )
        return self.filter(
            ~Exists(later), state=Batch.State.DONE, counts__refused__gt=0, finished_at__date__gte=since
        )


class Upload(models.Model):
    """Files that came together, kept in the database (web and worker may be on different hosts)."""

    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), null=True, related_name="+")
    at = models.DateTimeField(_("när"), default=timezone.now)
    organiser = models.ForeignKey(Organiser, models.PROTECT, verbose_name=_("huvudman"), null=True)
    duty = models.CharField(_("uppdrag"), max_length=20, blank=True)
    source = models.CharField(_("källa"), max_length=60, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("uppladdning")
        verbose_name_plural = _("uppladdningar")

    class Privacy:
        neither = ["id", "at", "organiser", "duty", "source"]
        personal = ["by"]
        kept = "Så länge någon uppgift som kom med den finns kvar."


class UploadedFile(models.Model):
    """One file; its content lies in parts, erased 30 days after its run."""

    upload = models.ForeignKey(Upload, models.CASCADE, verbose_name=_("uppladdning"), related_name="files")
    name = models.CharField(_("filnamn"), max_length=255)
    size = models.BigIntegerField(_("storlek, byte"))
    checksum = models.CharField(_("kontrollsumma"), max_length=64)
    erased_at = models.DateTimeField(_("gallrad"), null=True)

    class Meta:
        verbose_name = _("uppladdad fil")
        verbose_name_plural = _("uppladdade filer")

    class Privacy:
        neither = ["id", "upload", "size", "checksum", "erased_at"]
        personal = ["name"]
        kept = "30 dagar efter inläsningen."


class FilePart(models.Model):
    """A megabyte of an uploaded file, so that a large one never fills the memory of web or worker."""

    file = models.ForeignKey(UploadedFile, models.CASCADE, verbose_name=_("fil"), related_name="parts")
    number = models.IntegerField(_("nummer"))
    content = models.BinaryField(_("innehåll"))

    class Meta:
        verbose_name = _("fildel")
        verbose_name_plural = _("fildelar")
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="one_part_per_number")]

    class Privacy:
        neither = ["id", "file", "number"]
        personal = ["content"]
        kept = "30 dagar efter inläsningen."


class Batch(models.Model):
    """Inläsning: one run of one file, with what it is whole for, what it did and what it refused."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("väntar på val av kolumner")
        PREVIEW = "preview", _("förhandsgranskas")
        QUEUED = "queued", _("väntar på att läsas in")
        RUNNING = "running", _("läses in")
        HELD = "held", _("väntar på godkännande")
        DONE = "done", _("inläst")
        INTERRUPTED = "interrupted", _("avbruten")
        FAILED = "failed", _("gick inte att läsa in")
        DISCARDED = "discarded", _("struken")

    id = models.AutoField(primary_key=True)  # four bytes: every imported fact carries it
    file = models.ForeignKey(
        UploadedFile, models.PROTECT, verbose_name=_("fil"), null=True, related_name="batches"
    )
    organiser = models.ForeignKey(Organiser, models.PROTECT, verbose_name=_("huvudman"), null=True)
    kind = models.CharField(_("slag"), max_length=16, blank=True)
    source = models.CharField(_("källa"), max_length=60, blank=True)
    file_name = models.CharField(_("filnamn"), max_length=255, blank=True)
    checksum = models.CharField(_("kontrollsumma"), max_length=64, blank=True)
    columns = models.JSONField(_("kolumner"), default=dict)
    whole_for_units = ArrayField(models.IntegerField(), verbose_name=_("hel för skolenheter"), default=list)
    whole_from = models.DateField(_("hel från"), null=True, blank=True)
    whole_until = models.DateField(_("hel till och med"), null=True, blank=True)
    unit_ids = ArrayField(models.IntegerField(), verbose_name=_("skolenheter"), default=list)
    counts = models.JSONField(_("antal"), default=dict)
    samples = models.JSONField(_("exempel på ändringar"), default=dict)
    fingerprint = models.CharField(_("fingeravtryck"), max_length=64, blank=True)
    state = models.CharField(_("läge"), max_length=12, choices=State, default=State.PREVIEW)
    held_because = models.JSONField(_("stoppad därför att"), default=list)
    released_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("släppt av"), null=True, related_name="+"
    )
    released_at = models.DateTimeField(_("släppt"), null=True)
    error = models.CharField(_("felkod"), max_length=40, blank=True)
    error_params = models.JSONField(_("felets uppgifter"), default=dict)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), null=True, related_name="+")
    at = models.DateTimeField(_("skapad"), default=timezone.now)
    started_at = models.DateTimeField(_("startad"), null=True)
    finished_at = models.DateTimeField(_("klar"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("inläsning")
        verbose_name_plural = _("inläsningar")
        ordering = ["-pk"]

    class Privacy:
        neither = [
            "id",
            "file",
            "organiser",
            "kind",
            "source",
            "checksum",
            "columns",
            "whole_for_units",
            "whole_from",
            "whole_until",
            "unit_ids",
            "counts",
            "fingerprint",
            "state",
            "held_because",
            "released_at",
            "error",
            "error_params",
            "at",
            "started_at",
            "finished_at",
        ]
        personal = ["by", "released_by", "file_name", "samples"]
        kept = "Så länge någon uppgift som kom med den finns kvar; exemplen 30 dagar efter inläsningen."

    @property
    def is_working(self) -> bool:
        """Something is being done with it, so the page asks again."""
        return self.state in (self.State.QUEUED, self.State.RUNNING) or (
            self.state == self.State.PREVIEW and self.finished_at is None
        )

    @property
    def can_run(self) -> bool:
        return self.state == self.State.PREVIEW and self.finished_at is not None

    @property
    def is_held(self) -> bool:
        """The guard has found that it would change unusually much: it goes in when a person has released it."""
        return self.state == self.State.HELD or (self.can_run and bool(self.held_because))

    @property
    def is_ready(self) -> bool:
        """Looked through, and may go in at once."""
        return self.can_run and not self.is_held

    @property
    def is_broken(self) -> bool:
        """As `broken` asks of the database."""
        failed = self.state == self.State.FAILED and self.error == UNEXPECTED
        return failed or self.state == self.State.INTERRUPTED

    @property
    def waits_for_person(self) -> bool:
        """Nothing is being done with it, nothing of it has gone in, and its file is still here."""
        stopped = (self.State.MAPPING, self.State.HELD, self.State.INTERRUPTED, self.State.FAILED)
        return (self.can_run or self.state in stopped) and bool(self.file) and not self.file.erased_at

    @property
    def standing(self) -> str:
        """Where it stands, as a person would say it."""
        if self.is_held:
            return self.State.HELD.label
        return _("granskad, inte inläst") if self.can_run else self.get_state_display()

    @property
    def kind_name(self) -> str:
        return dict(kind_choices()).get(self.kind, "")

    @property
    def followed(self) -> set[int]:
        """The schools whose pupils are measured anew; who their guardians are changes nothing of it."""
        return set() if self.kind == "vardnadshavare" else set(self.unit_ids)

    @property
    def changes(self) -> int:
        return sum(self.counts.get(name, 0) for name in ("added", "changed", "gone"))

    @property
    def said(self) -> str:
        """What is wrong with the whole file, in the reader's language."""
        return sentence(self.error, self.error_params) if self.error else ""


class Refusal(models.Model):
    """One row that was not read in, with line, column, value, reason and what to do."""

    batch = models.ForeignKey(Batch, models.CASCADE, verbose_name=_("inläsning"), related_name="refusals")
    line = models.IntegerField(_("rad"))
    column = models.CharField(_("kolumn"), max_length=60, blank=True)
    value = models.CharField(_("värde"), max_length=200, blank=True)
    code = models.CharField(_("orsakskod"), max_length=40)
    params = models.JSONField(_("orsakens uppgifter"), default=dict)
    row = models.JSONField(_("hela raden"), default=list)
    settled_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("avgjord av"), null=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("avgjord"), null=True)

    class Meta:
        verbose_name = _("stoppad rad")
        verbose_name_plural = _("stoppade rader")
        ordering = ["line", "pk"]
        indexes = [models.Index(fields=["batch", "line"], name="refusal_line")]

    class Privacy:
        neither = ["id", "batch", "line", "column", "code", "settled_at"]
        personal = ["value", "params", "row", "settled_by"]
        kept = "30 dagar efter inläsningen."

    def __str__(self):
        return f"rad {self.line}"  # never the value: this text ends up in logs and errors

    @property
    def reason(self):
        """What is wrong and what to do, in the reader's language."""
        return sentence(self.code, self.params)


class HeadingMapping(models.Model):
    """How a source's headings were read, remembered under a hash of them; asked again when they change."""

    organiser = models.ForeignKey(Organiser, models.CASCADE, verbose_name=_("huvudman"), null=True)
    source = models.CharField(_("källa"), max_length=60, blank=True)
    headings_hash = models.CharField(_("rubrikernas kontrollsumma"), max_length=64)
    kind = models.CharField(_("slag"), max_length=16)
    columns = models.JSONField(_("kolumner"))
    saved_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("sparad av"), null=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("sparad"), default=timezone.now)

    class Meta:
        verbose_name = _("rubrikval")
        verbose_name_plural = _("rubrikval")
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "source", "headings_hash"],
                name="one_mapping_per_headings",
                nulls_distinct=False,
            )
        ]

    class Privacy:
        neither = ["id", "organiser", "source", "headings_hash", "kind", "columns", "saved_at"]
        personal = ["saved_by"]
        kept = "Så länge källan används."
