"""Reading in files by page: received, previewed, run, released, tried again, erased."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import User
from followup.accounts.permissions import Permission
from followup.audit.actions import record
from followup.scoping import Scope, scope_for
from students.models.history import EarlierFact
from students.models.student import Student

from . import running
from .headings import fingerprint
from .incoming import Incoming, look_at, propose_whole
from .kinds import Kind
from .models import Batch, FilePart, HeadingMapping, Refusal, Upload, UploadedFile
from .storage import opened, store

ERASED_AFTER = timedelta(days=30)
_UPLOAD = 7003  # advisory lock: one worker at a time with one upload


@transaction.atomic
def receive(*, files: Iterable[File], by: User, scope: Scope, source: str = "") -> Upload:
    """Keep the files, see what each is, and propose what it is whole for. Nothing of them is read in."""
    upload = Upload.objects.create(
        by=by, duty=scope.duty, organiser_id=scope.organiser_id, source=source, at=clock.now()
    )
    for file in files:
        uploaded = store(upload, file.name, file.chunks())
        batch = Batch.objects.create(
            file=uploaded,
            organiser_id=scope.organiser_id,
            source=source,
            file_name=uploaded.name,
            checksum=uploaded.checksum,
            by=by,
            at=clock.now(),
        )
        _look_again(batch)
    record("receive_upload", by=by, about=upload, organiser_id=upload.organiser_id, duty=upload.duty)
    return upload


def _look_again(batch: Batch) -> None:
    """What the file is, as far as its headings and a person's choice tell; then it waits for its preview."""
    with opened(batch.file) as file:
        _forget_preview(batch)
        incoming = look_at(name=batch.file_name, file=file, batch=batch)
        if incoming.recognised and "whole_chosen" not in batch.columns:
            whole = propose_whole(incoming, rights_of(batch.file.upload).places())
            batch.whole_for_units = list(whole.unit_ids)
            batch.whole_from, batch.whole_until = whole.first, whole.last
        batch.save()


def _forget_preview(batch: Batch) -> None:
    """It will do something else now: whoever has let in what it would have done has not let in this."""
    batch.state, batch.finished_at = Batch.State.PREVIEW, None
    batch.counts, batch.samples, batch.fingerprint, batch.held_because = {}, {}, "", []
    batch.unit_ids = []
    batch.released_by = batch.released_at = None


def rights_of(upload: Upload) -> running.Rights:
    """What the one who sent the files may do today, in the duty and organiser she sent them in."""
    scope = scope_for(upload.by, (upload.duty, upload.organiser_id))
    if (scope.duty, scope.organiser_id) != (upload.duty, upload.organiser_id):
        return running.Rights(upload.by, frozenset())  # the role has ended since
    if scope.can(Permission.MANAGE_PLACES):
        return running.Rights(upload.by, None)
    return running.Rights(upload.by, frozenset(scope.units_where(Permission.IMPORT_FILES)))


# Work of the worker -----------------------------------------------------------------------------------


def plan_upload(upload: Upload) -> None:
    """Preview every file of an upload that can be read."""
    with running.claimed(_UPLOAD, upload.pk) as mine, ExitStack() as stack:
        if not mine:
            return
        batches = Batch.objects.filter(file__upload=upload, state=Batch.State.PREVIEW).select_related("file")
        running.plan(_open(stack, batches.order_by("pk")), rights_of(upload))


def run_upload(upload: Upload) -> set[int]:
    """Read in the files that are queued, in their order; gives the units that got new facts."""
    units: set[int] = set()
    with running.claimed(_UPLOAD, upload.pk) as mine, ExitStack() as stack:
        if not mine:
            return units
        mark_interrupted()
        queued = Batch.objects.filter(file__upload=upload, state=Batch.State.QUEUED).select_related("file")
        files = _open(stack, queued.order_by("pk"))
        rights = rights_of(upload)
        for one in sorted(files, key=lambda one: one.order):
            if not one.recognised:
                one.batch.save()
                continue
            try:
                running.run(one, rights, beside=files)
            except Exception:  # said on its page and in the log; the others go on
                continue
            if one.batch.state == Batch.State.DONE:
                units |= one.batch.followed
    if units:
        running.offer_to_follow(units)
    return units


def _open(stack: ExitStack, batches: Iterable[Batch]) -> list[Incoming]:
    found = []
    for batch in batches:
        state = batch.state
        file = stack.enter_context(opened(batch.file))
        incoming = look_at(name=batch.file_name, file=file, batch=batch)
        if incoming.recognised:
            batch.state = state
        found.append(incoming)
    return found


def mark_interrupted() -> int:
    """Runs that nobody is running any more: nothing of their file went in, and they can be run again."""
    return running.lost().update(state=Batch.State.INTERRUPTED, error="interrupted", finished_at=clock.now())


# What a person does ------------------------------------------------------------------------------------


@transaction.atomic
def request_run(*, upload: Upload, by: User) -> int:
    """Put every previewed file of an upload in the queue, but for those that somebody must release first."""
    count = Batch.objects.filter(
        file__upload=upload, state=Batch.State.PREVIEW, finished_at__isnull=False, held_because=[]
    ).update(state=Batch.State.QUEUED)
    record("request_import", by=by, about=upload, organiser_id=upload.organiser_id, files=count)
    return count


def _at_rest(batch: Batch) -> Batch:
    """The batch as it is now, kept from the worker and from other tabs until what is done to it is done.

    What has gone in, or is on its way, keeps its report.
    """
    batch = Batch.objects.select_for_update(of=["self"]).select_related("file__upload__by").get(pk=batch.pk)
    if not batch.waits_for_person:
        raise ValidationError(_("Filen kan inte ändras nu."))
    return batch


@transaction.atomic
def release(*, batch: Batch, by: User) -> Batch:
    """A person has looked at what the guard stopped, and lets it in."""
    batch = _at_rest(batch)
    batch.released_by, batch.released_at, batch.state = by, clock.now(), Batch.State.QUEUED
    batch.save()
    record("release_import", by=by, about=batch, organiser_id=batch.organiser_id)
    return batch


@transaction.atomic
def try_again(*, batch: Batch, by: User) -> Batch:
    """Preview once more, as the files and the facts are now."""
    batch = _at_rest(batch)
    _look_again(batch)
    record("preview_import", by=by, about=batch, organiser_id=batch.organiser_id)
    return batch


@transaction.atomic
def discard(*, batch: Batch, by: User) -> Batch:
    batch = _at_rest(batch)
    batch.state, batch.finished_at = Batch.State.DISCARDED, clock.now()
    batch.save()
    record("discard_import", by=by, about=batch, organiser_id=batch.organiser_id)
    return batch


@transaction.atomic
def choose_columns(*, batch: Batch, kind: Kind, columns: dict[str, int], by: User) -> Batch:
    """A person says what the file is and which column is which; remembered for the source's next file."""
    batch = _at_rest(batch)
    batch.kind = kind.code
    batch.columns = {**batch.columns, "chosen": columns}
    HeadingMapping.objects.update_or_create(
        organiser_id=batch.organiser_id,
        source=batch.source,
        headings_hash=fingerprint(batch.columns["headings"]),
        defaults={"kind": kind.code, "columns": columns, "saved_by": by, "saved_at": clock.now()},
    )
    _look_again(batch)
    record("choose_columns", by=by, about=batch, organiser_id=batch.organiser_id, kind=kind.code)
    return batch


@transaction.atomic
def choose_whole(
    *, batch: Batch, unit_ids: Iterable[int], first: date | None, last: date | None, by: User
) -> Batch:
    """A person says for which schools and days the file is whole."""
    batch = _at_rest(batch)
    batch.whole_for_units, batch.whole_from, batch.whole_until = sorted(unit_ids), first, last
    batch.columns = {**batch.columns, "whole_chosen": True}
    _forget_preview(batch)
    batch.save()
    record("choose_whole", by=by, about=batch, organiser_id=batch.organiser_id, units=list(unit_ids))
    return batch


@transaction.atomic
def settle_names(*, refusal: Refusal, same: bool, by: User) -> Refusal:
    """A known number came with both names new: a person says whether it is the same pupil; the first answer holds."""
    refusal = Refusal.objects.select_for_update(of=["self"]).select_related("batch").get(pk=refusal.pk)
    if refusal.settled_at:
        return refusal
    student = Student.objects.select_for_update().get(pk=refusal.params["student"])
    if same:
        EarlierFact.objects.create(
            kind="elever",
            student_id=student.pk,
            why=EarlierFact.Why.CHANGED,
            values={"given_name": student.given_name, "family_name": student.family_name},
            earlier_batch_id=student.batch_id,
            batch_id=refusal.batch_id,
        )
        positions = refusal.batch.columns["positions"]
        student.given_name = refusal.row[positions["given_name"]]
        student.family_name = refusal.row[positions["family_name"]]
        student.batch_id = refusal.batch_id
        student.save(update_fields=["given_name", "family_name", "batch_id"])
    refusal.settled_by, refusal.settled_at = by, clock.now()
    refusal.save(update_fields=["settled_by", "settled_at"])
    record(
        "settle_names",
        by=by,
        about=refusal,
        student_id=student.pk,
        organiser_id=student.organiser_id,
        same=same,
        fields=["given_name", "family_name"] if same else [],
    )
    return refusal


@transaction.atomic
def erase_old(*, by: None = None) -> int:
    """Files and their refused rows go 30 days after the last run, or after they came if they never ran."""
    before = clock.now() - ERASED_AFTER
    old = UploadedFile.objects.filter(erased_at=None, upload__at__lt=before).exclude(
        batches__finished_at__gte=before
    )
    ids = list(old.values_list("pk", flat=True))
    Refusal.objects.filter(batch__file__in=ids).delete()
    Refusal.objects.filter(batch__file=None, batch__finished_at__lt=before).delete()
    ended = Q(file__in=ids) | Q(file=None, finished_at__lt=before)
    Batch.objects.filter(ended).exclude(samples={}).update(samples={})
    FilePart.objects.filter(file__in=ids).delete()
    UploadedFile.objects.filter(pk__in=ids).update(erased_at=clock.now(), name=_("gallrad fil"))
    Batch.objects.filter(
        file__in=ids, state__in=[Batch.State.PREVIEW, Batch.State.MAPPING, Batch.State.HELD]
    ).update(state=Batch.State.DISCARDED)
    if ids:
        record("erase_uploads", by=by, files=len(ids))
    return len(ids)
