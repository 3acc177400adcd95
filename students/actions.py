"""What people do about a pupil's record: say that a fact is wrong, answer, protect, name a person."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.audit import actions as audit
from students.models import FactDispute, NamedAccess, Person, Protection, ProtectionMark, Student

BY_HAND = "för hand"  # the source of the marks that people set


@transaction.atomic
def dispute_fact(
    student: Student,
    *,
    by: User,
    unit: SchoolUnit,
    about: str,
    text: str,
    detail: str = "",
    on: date | None = None,
) -> FactDispute:
    """Somebody who knows the pupil says that an imported fact is wrong (GDPR art. 5.1 d, 16).

    The fact itself stays as the file has it: the source corrects it, and the next file brings it.
    """
    Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    dispute, new = FactDispute.objects.open().get_or_create(
        student=student, unit=unit, about=about, on=on, detail=detail, text=text, said_by=by
    )  # sent twice by a double tap, it is said once
    if new:
        _record("students.dispute_fact", by=by, student=student, about=dispute, fact=about, unit=unit.pk)
    return dispute


@transaction.atomic
def answer_dispute(dispute: FactDispute, *, by: User, answer: str) -> FactDispute:
    """The registrar says what was done; the one who spoke finds it on her start page. Said twice, said once."""
    dispute = FactDispute.objects.select_for_update().get(pk=dispute.pk)
    if (dispute.answered_by_id, dispute.answer) == (by.pk, answer):
        return dispute
    if dispute.answered_at:
        raise ValidationError(_("Någon annan har redan svarat."))
    dispute.answer = answer
    dispute.answered_by = by
    dispute.answered_at = clock.now()
    dispute.save(update_fields=["answer", "answered_by", "answered_at"])
    _record("students.answer_dispute", by=by, student=dispute.student, about=dispute)
    return dispute


@transaction.atomic
def set_protection(student: Student, *, by: User, protection: str) -> Person:
    """Marks a pupil by hand, in force at once; what a file says beside it only ever makes it stricter."""
    person = Person.objects.select_for_update().get(pk=student.person_id)
    ProtectionMark.objects.update_or_create(
        person=person,
        organiser=student.organiser,
        source=BY_HAND,
        defaults={"protection": protection, "set_by": by, "set_at": clock.now()},
    )
    return _settle("set_protection", person, student, by)


@transaction.atomic
def clear_protection(student: Student, *, by: User) -> Person:
    """Clears this organiser's marks, from files too; another organiser's mark still stands.

    A mark from a file that named no school is nobody's: it goes with those of the only organiser that she has.
    A file never clears. The next file that says so marks again.
    """
    person = Person.objects.select_for_update().get(pk=student.person_id)
    ours = Q(organiser=student.organiser_id)
    if not person.students.exclude(organiser=student.organiser_id).exists():
        ours |= Q(organiser=None)
    person.marks.filter(ours).delete()
    person = _settle("students.clear_protection", person, student, by)
    if not person.is_protected:
        for named in NamedAccess.objects.current().filter(student__person=person):
            end_named(named, by=by)
    return person


def _settle(verb: str, person: Person, student: Student, by: User) -> Person:
    """The strictest mark of all counts."""
    marks = set(person.marks.values_list("protection", flat=True))
    before, person.protection = person.protection, Protection.strictest(marks)
    person.save(update_fields=["protection"])
    _record(verb, by=by, student=student, about=person, before=before, after=person.protection)
    return person


@transaction.atomic
def name_person(student: Student, *, by: User, user: User, until: date | None = None) -> NamedAccess:
    """Names somebody for a protected pupil: she sees her, and her contact details, if her role sees pupils.

    Never beforehand: whoever is named keeps sight of her when others lose it.
    """
    if not Person.objects.select_for_update().get(pk=student.person_id).is_protected:
        raise ValidationError(_("Eleven har inga skyddade uppgifter. Sätt skyddet först."))
    named, _new = NamedAccess.objects.current().get_or_create(
        student=student, user=user, defaults={"since": clock.today(), "until": until, "named_by": by}
    )
    _record("students.name_person", by=by, student=student, about=named, user=user.pk)
    return named


@transaction.atomic
def end_named(named: NamedAccess, *, by: User) -> NamedAccess:
    """From today she no longer sees the pupil by name."""
    named.until = clock.today() - clock.DAY
    named.save(update_fields=["until"])
    _record("students.end_named", by=by, student=named.student, about=named, user=named.user_id)
    return named


def _record(verb: str, *, by: User, student: Student, about, **detail) -> None:
    audit.record(verb, by=by, about=about, student_id=student.pk, organiser_id=student.organiser_id, **detail)
