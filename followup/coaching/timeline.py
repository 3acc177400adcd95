"""Check-ins in a pupil's timeline."""

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.coaching import queries
from followup.coaching.models import CheckIn
from followup.offers import TimelineEntry
from followup.words import clock_time, day


def entries(student, scope) -> list[TimelineEntry]:
    """Those that stand, for the ones who follow up."""
    return [_entry(one) for one in queries.check_ins_about(student, scope)]


def _entry(check_in: CheckIn) -> TimelineEntry:
    title = _("Avstämning, %(channel)s") if check_in.made else _("Försök till avstämning, %(channel)s")
    return TimelineEntry(
        on=clock.day_of(check_in.at),
        kind="check_in",
        icon="chat-left-text",
        title=title % {"channel": check_in.get_channel_display()},
        text=" ".join(_sentences(check_in)),
        url=reverse("coaching:detail", args=[check_in.pk]),
        at=check_in.at,
        by=check_in.by.name,
    )


def _sentences(check_in: CheckIn):
    """What was said, in the order in which one asks."""
    if check_in.note:
        yield _ended(check_in.note)
    if check_in.rating is not None:
        yield _("Trivsel %(rating)s av 10.") % {"rating": check_in.rating}
    if check_in.agreed:
        yield _ended(_("Kom överens om: %(agreed)s") % {"agreed": check_in.agreed})
    if check_in.next_on:
        when = " ".join(filter(None, [day(check_in.next_on), clock_time(check_in.next_time)]))
        yield _("Nästa gång %(when)s.") % {"when": when}
    if check_in.changed_at:
        yield _("Ändrad.")


def _ended(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".!?…" else f"{text}."
