"""Keeping, finding, finishing and erasing drafts."""

from datetime import datetime, timedelta

from django.db import transaction

from followup import clock
from followup.accounts.models import User
from followup.questions import Blank, Question
from students.drafts.proof import FIELD, Proof, form_at
from students.models.draft import KEPT_DAYS, Draft, worth_restoring_since
from students.models.student import Student

LONGEST = 20_000  # characters in all; a draft may be sent before the sender has signed in again


def written(post) -> dict[str, list[str]]:
    """What a posted form says, without what belongs to the form itself, and without what no database takes."""
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in values]
        for name, values in post.lists()
        if name not in (FIELD, "csrfmiddlewaretoken")
    }


@transaction.atomic
def keep(*, proof: Proof, content: dict[str, list[str]]) -> datetime | None:
    """Keeps what the writer of the proof has written so far; the moment, or None if it was not kept.

    The writer is the one the proof names, whoever is signed in. Not kept when that form has been saved
    already (the browser was late), when the account is closed, or when it is longer than any form.
    """
    length = sum(len(value) for values in content.values() for value in values)
    if length > LONGEST or not User.objects.filter(pk=proof.user_id, is_active=True).exists():
        return None
    now = clock.now()
    Draft.objects.bulk_create([Draft(**proof.key, saved_at=now)], ignore_conflicts=True)
    kept = Draft.objects.filter(**proof.key, finished_at=None).update(content=content, saved_at=now)
    return now if kept else None


def begin_with(*, user: User, student: Student, form: str, content: dict[str, list[str]]) -> None:
    """A draft of a form that nobody has opened yet: what was saved and undone waits in it."""
    keep(proof=Proof.fresh(user=user, student=student, form=form), content=content)


@transaction.atomic
def finish(*, proof: Proof) -> None:
    """The text has been saved or thrown away: nothing of it is left here, and nothing late comes back."""
    now = clock.now()
    Draft.objects.bulk_create([Draft(**proof.key, saved_at=now)], ignore_conflicts=True)
    Draft.objects.filter(**proof.key).update(content={}, finished_at=now)


def begun(*, user: User, student: Student, form: str) -> Draft | None:
    """The draft to go on with when a form is opened again: the latest one."""
    found = _begun.ask(
        user=user.pk,
        person=student.person_id,
        form=form_at(student, form),
        since=worth_restoring_since(),
    )
    return found[0] if found else None


@Question
def _begun():
    drafts = Draft.objects.unfinished(Blank("since")).filter(
        user=Blank("user"), person=Blank("person"), form=Blank("form")
    )
    return drafts.order_by("-saved_at", "-pk")[:1]


def erase_old() -> int:
    """Drafts that nobody went on with for 30 days, finished or not."""
    erased, _by_model = Draft.objects.filter(saved_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()
    return erased
