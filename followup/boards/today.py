"""The start page of those who run the installation: the first steps, and what has failed."""

from dataclasses import dataclass

from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.accounts.models import Invitation, SchoolUnit, User
from followup.accounts.permissions import Permission
from followup.boards import system
from followup.offers import TodayRow, TodaySection
from followup.words import day, spelled
from students.models import Enrolment


def sections(scope) -> list[TodaySection]:
    found = []
    if scope.can(Permission.MANAGE_STAFF) and scope.can(Permission.IMPORT_FILES):
        found += _first_steps(scope)
    if scope.can(Permission.SEE_SYSTEM):
        found += _failures()
    return found


@dataclass(frozen=True)
class Steps:
    school: bool
    files: bool
    colleagues: bool


def _taken(scope) -> Steps:
    """Which of the three steps are taken, in one query."""
    mine = {} if scope.organiser_id is None else {"unit__organiser": scope.organiser_id}
    others = User.objects.exclude(pk=scope.user.pk).filter(Q(last_login__isnull=False) | Q(is_invented=True))
    row = (
        User.objects.filter(pk=scope.user.pk)
        .values_list(
            Exists(SchoolUnit.objects.all()),
            Exists(Enrolment.objects.filter(**mine)),
            Exists(others),
            Exists(Invitation.objects.filter(sent_by__isnull=False)),
        )
        .get()
    )
    return Steps(school=row[0], files=row[1], colleagues=row[2] or row[3])


def _first_steps(scope) -> list[TodaySection]:
    """An installation begins with a school, its files and its people; done steps stay to be seen until all are."""
    taken = _taken(scope)
    left = [taken.school, taken.files, taken.colleagues].count(False)
    if not left:
        return []
    rows = [
        _step(
            taken.school,
            _("Lägg till en skola"),
            _("Huvudmannen och skolan, med skolenhetskod. De kan också komma med filen skolenheter."),
            _("Lägg till"),
            reverse("accounts:add_unit") if scope.can(Permission.MANAGE_PLACES) else "",
        ),
        _step(
            taken.files,
            _("Läs in filer"),
            _(
                "Elever, inskrivningar, mentorsgrupper, närvaro och betyg. Du ser vad som ändras innan det händer."
            ),
            _("Läs in"),
            reverse("imports:list"),
        ),
        _step(
            taken.colleagues,
            _("Bjud in kollegor"),
            _("De får en länk och väljer lösenord själva."),
            _("Bjud in"),
            reverse("accounts:users"),
        ),
    ]
    remain = ngettext("Ett steg återstår.", "%(count)s steg återstår.", left) % {
        "count": spelled(left).capitalize()
    }
    note = _("Här visas det som väntar på dig. %(remain)s") % {"remain": remain}
    return [TodaySection(kind="first_steps", title=_("Kom igång"), note=note, rows=rows)]


def _step(done: bool, title: str, explained: str, verb: str, url: str) -> TodayRow:
    if done:
        return TodayRow(who=title, sentence="", strong=_("Klart"))
    return TodayRow(who=title, sentence=explained, action=verb if url else "", action_url=url, main=True)


def _failures() -> list[TodaySection]:
    """What the system page would say, in a line each."""
    rows = []
    if scan := system.unfinished_night():
        rows.append(
            _to_system(_("Skanningen"), _("blev inte klar för %(day)s.") % {"day": day(scan.day)}, scan.day)
        )
    if failed := system.failed_imports():
        rows.append(_to_system(_("Inläsning"), failed))
    rows += [_to_system(_("Drift"), sentence) for sentence in system.silent()]
    return [TodaySection(kind="needs_you", title=_("Behöver dig"), rows=rows)] if rows else []


def _to_system(who: str, sentence: str, since=None) -> TodayRow:
    url = reverse("boards:system")
    return TodayRow(
        who=who, sentence=sentence, action=_("Se drift"), action_url=url, url=url, waiting_since=since
    )
