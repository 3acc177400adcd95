"""Reads a file's text in, the way the command does, and gives its batch."""

from io import BytesIO

from followup import clock
from students.imports import running
from students.imports.incoming import look_at, propose_whole
from students.imports.models import Batch


def read_in(
    *texts, whole=None, kind="", by=None, allowed=None, release=False, plan=False, source="", name="fil.csv"
):
    """One batch, or several when several texts are one upload. `whole` is (units, first, last)."""
    rights = running.Rights(by, None if allowed is None else frozenset(allowed))
    files = []
    for text in texts:
        content = text if isinstance(text, bytes) else text.encode()
        batch = Batch(file_name=name, source=source, at=clock.now(), by=by)
        one = look_at(name=name, file=BytesIO(content), batch=batch, kind=kind)
        batch.save()
        files.append(one)
    if plan:
        _set_whole(files, whole, rights)
        running.plan(files, rights)
    else:
        for one in sorted(files, key=lambda one: one.order):
            if one.recognised:
                _set_whole([one], whole, rights)
                running.run(one, rights, beside=files, release=release)
    batches = [one.batch for one in files]
    return batches[0] if len(batches) == 1 else batches


def read_in_school(numbers, code, school_class):
    """So many pupils of one school unit, all in one class since the autumn."""
    read_in(
        "personnummer;skolenhetskod;förnamn;efternamn\n"
        + "".join(f"{n};{code};Elev;Nummer{i}\n" for i, n in enumerate(numbers)),
        "personnummer;skolenhetskod;klass;startdatum\n"
        + "".join(f"{n};{code};{school_class};2026-08-17\n" for n in numbers),
    )


def _set_whole(files, whole, rights):
    for one in files:
        if whole is not None:
            units, first, last = (*whole, None, None)[:3]
            one.batch.whole_for_units = [unit.pk for unit in units]
            one.batch.whole_from, one.batch.whole_until = first, last
        elif one.recognised:
            proposed = propose_whole(one, rights.places())
            one.batch.whole_for_units = list(proposed.unit_ids)
            one.batch.whole_from, one.batch.whole_until = proposed.first, proposed.last


def did(batch) -> tuple[int, int, int, int]:
    """added, changed, gone, refused"""
    return tuple(batch.counts[name] for name in ("added", "changed", "gone", "refused"))


def codes(batch) -> list[tuple[int, str]]:
    return list(batch.refusals.order_by("line", "pk").values_list("line", "code"))
