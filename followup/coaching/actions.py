"""Writing a check-in, correcting it and taking it back; what it means for the flags it answers."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import User
from followup.audit import actions as audit
from followup.coaching.models import CheckIn
from followup.coaching.said import Said
from followup.risk import actions as risk
from followup.risk.models import Flag
from students.models import Student


@transaction.atomic
def write_check_in(
    *,
    by: User,
    student: Student,
    unit_id: int,
    form_uuid: UUID,
    said: Said,
    follows: Iterable[CheckIn] = (),
) -> CheckIn:
    """Saves a check-in once per form: a double tap, Back or a restored page gets the one already there.

    `follows`: what colleagues who no longer meet the pupil had under way; this one takes its place.

    Flags that it answers go quiet (a contact), if the pupil was met; only a decision decides.
    """
    try:
        with transaction.atomic():
            check_in = CheckIn.objects.create(
                by=by,
                student=student,
                unit_id=unit_id,
                form_uuid=form_uuid,
                at=_moment(said),
                written_at=clock.now(),
                **said.columns,
            )
    except IntegrityError:
        if there := CheckIn.objects.filter(form_uuid=form_uuid, by=by, student=student).first():
            return there
        raise
    taken_over = [one.pk for one in follows]
    CheckIn.objects.filter(pk__in=taken_over).update(followed_by=check_in)
    _answer(check_in, said, by=by)
    flags = sorted(said.flag_ids)
    _record("coaching.write_check_in", check_in, by=by, made=said.made, flags=flags, follows=taken_over)
    return check_in


@transaction.atomic
def correct(check_in: CheckIn, *, by: User, said: Said) -> CheckIn:
    """Changes what it says. The earlier wording stays in its history, which triggers write."""
    check_in = _locked(check_in)
    before = Said.of(check_in)
    changed = [name for name in (*Said.FIELDS, "on") if getattr(before, name) != getattr(said, name)]
    if said == before:
        return check_in
    for name, value in said.columns.items():
        setattr(check_in, name, value)
    if said.on != before.on:
        check_in.at = _moment(said)
    if changed:
        check_in.changed_at = clock.now()
        check_in.save()
    answers = (said.made, said.next_on, said.flag_ids)
    if answers != (before.made, before.next_on, before.flag_ids):
        changed.append("flags")
        _unanswer(check_in, by=by)
        _answer(check_in, said, by=by)
    _record("coaching.correct_check_in", check_in, by=by, fields=changed)
    return check_in


@transaction.atomic
def withdraw(check_in: CheckIn, *, by: User, why: str) -> CheckIn:
    """Takes it back: it counts nowhere, and the flags are what they were without it."""
    check_in = _locked(check_in)
    if check_in.withdrawn_at:
        return check_in
    check_in.withdrawn_at, check_in.withdrawn_by, check_in.withdrawn_why = clock.now(), by, why
    check_in.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    _unanswer(check_in, by=by)
    _record("coaching.withdraw_check_in", check_in, by=by)
    return check_in


def undo(check_in: CheckIn, *, by: User) -> CheckIn:
    """Taken back the moment it was saved: no reason is asked for."""
    return withdraw(check_in, by=by, why=_("Ångrades direkt."))


def _answer(check_in: CheckIn, said: Said, *, by: User) -> None:
    flags = list(Flag.objects.filter(student=check_in.student_id, pk__in=said.flag_ids))
    check_in.flags.set(flags)
    if said.made and flags:
        risk.mark_handled(flags, by=by, ref=check_in.pk, until=said.next_on)


def _unanswer(check_in: CheckIn, *, by: User) -> None:
    flags = list(check_in.flags.all())
    if flags:
        risk.unmark_handled(flags, by=by, ref=check_in.pk)


def _locked(check_in: CheckIn) -> CheckIn:
    return CheckIn.objects.select_for_update(of=["self"]).select_related("student").get(pk=check_in.pk)


def _moment(said: Said):
    """Now, for a talk of today; noon of the day, for one that is written afterwards."""
    return clock.now() if said.on == clock.today() else clock.at_noon(said.on)


def _record(verb: str, check_in: CheckIn, *, by: User, **detail) -> None:
    audit.record(
        verb,
        by=by,
        about=check_in,
        student_id=check_in.student_id,
        organiser_id=check_in.student.organiser_id,
        **detail,
    )
