"""Where facts came from, in words: "Skola24 fre 20 nov"."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from followup.words import day
from students.models import Batch, Student
from students.queries.attendance import this_year


class Sources(dict):
    """Batch id -> "fil 2 okt"; nothing for what did not come by a file."""

    def __missing__(self, key):
        return ""


def sources(batch_ids) -> Sources:
    batches = Batch.objects.filter(pk__in=[pk for pk in batch_ids if pk]).only(
        "pk", "finished_at", "at", "source"
    )
    return Sources(
        {
            batch.pk: (_("%(source)s %(day)s") if batch.source else _("fil %(day)s"))
            % {"source": batch.source, "day": day(batch.finished_at or batch.at)}
            for batch in batches
        }
    )


def latest_sources(student: Student) -> list[str]:
    """For each kind of fact about a pupil where the latest came from; what has none is left out."""
    days = this_year(student)
    latest = [
        (_("frånvaro"), max((part.batch_id or 0 for each in days for part in each.parts), default=0)),
        (_("betyg"), max((each.batch_id or 0 for each in student.grades.all()), default=0)),
        (_("inskrivning"), max((each.batch_id or 0 for each in student.enrolments.all()), default=0)),
    ]
    found = sources(batch_id for _what, batch_id in latest)
    return [capfirst(f"{what}: {found[batch_id]}") for what, batch_id in latest if found[batch_id]]
