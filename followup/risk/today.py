"""What flags and decisions put on the start page, by role."""

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import clock
from followup.accounts.permissions import Permission
from followup.navigation import address
from followup.offers import Coming, TodayRow, TodaySection
from followup.risk import sentences
from followup.risk.models import Decision, Flag
from followup.risk.queries import decided, mine, state
from followup.risk.queries import waiting as waiting_list
from followup.risk.queries.decided import DecisionRow
from followup.risk.queries.facts import UnitFacts, facts_of_scope
from followup.risk.queries.mine import OwnPupil
from followup.scoping import Scope
from followup.words import day, number, spelled

P = Permission
LONGEST = 3  # pupils named to the leader
SHOWN = 40


def sections(scope: Scope) -> list[TodaySection]:
    rows, facts, note = [], _facts(scope), ""
    if scope.can(P.DECIDE):
        rows += _of_decisions(scope)
    if scope.can(P.TAKE_FLAG):
        rows += [_own_row(pupil) for pupil in mine.own_pupils(scope)]
    if scope.can(P.SEE_WAITING_LIST):
        rows += _waiting_rows(scope)
    reached = [unit.until for unit in facts if unit.until]
    if reached:
        note = _("frånvaro till och med %(day)s") % {"day": day(min(reached))}
    return [
        TodaySection(
            "needs_you", _("Behöver dig"), rows[:SHOWN], note=note, total=len(rows), more_url=_more(scope)
        ),
        TodaySection("good_news", _("Bra nyheter"), _good_news(scope)),
        TodaySection(
            "notice", _("Att veta"), [_silent(sentence, scope) for sentence in state.silences(facts)]
        ),
    ]


def waiting(scope: Scope) -> dict:
    """The numbers in the rail count only what waits for me; of flags a pupil each. Built at every page."""
    found = {}
    if scope.can(P.SEE_WAITING_LIST):
        found["risk:waiting_list"] = waiting_list.flags_on_list(scope).waiting().distinct("student_id")
    if scope.can(P.DECIDE):
        found["risk:decisions"] = decided.asking_of(scope)
    return found


def pupils_waiting(scope: Scope) -> list:
    return [mine.asking_of(scope)] if scope.can(P.TAKE_FLAG) else []


def comes_next(scope: Scope) -> Coming | None:
    """Nästa uppföljning är tor 17 dec."""
    following = waiting_list.next_follow_up(scope) if scope.can(P.DECIDE) else None
    if following is None:
        return None
    return Coming(_("Nästa uppföljning är %(day)s.") % {"day": day(following.follow_up_on)})


def _facts(scope: Scope) -> list[UnitFacts]:
    follows = scope.can(P.SEE_FOLLOW_UP) or scope.can(P.IMPORT_FILES)
    return facts_of_scope(scope) if follows and scope.can(P.SEE_STUDENTS) else []


def _silent(sentence: str, scope: Scope) -> TodayRow:
    imports = address("imports:list") if scope.can(P.IMPORT_FILES) else ""
    return TodayRow(who="", sentence=sentence, url=imports, action=_("Läs in filer") if imports else "")


def _own_row(pupil: OwnPupil) -> TodayRow:
    """Ella: Frånvaro 17 % de senaste 20 skoldagarna, och ett skäl till."""
    words, more = sentences.sentence(pupil.first), len(pupil.flags) - 1
    also = ""
    if more:
        also = ngettext(", och ett skäl till", ", och %(count)s skäl till", more) % {"count": spelled(more)}
    check_in = address("coaching:check_in", pupil.student.pk) if pupil.is_mine else ""
    return TodayRow(
        who=pupil.student.name,
        where=_where(pupil.belonging, _("väntar sedan %(day)s") % {"day": day(pupil.since)}),
        sentence=words.before,
        strong=words.strong,
        after=f"{words.after}{also}.",
        url=_page_of(pupil.student.pk),
        action=_("Skriv avstämning") if check_in else _("Jag tar den"),
        action_url=check_in or reverse("risk:take", args=[pupil.first.pk]),
        action_posts=not check_in,
        waiting_since=pupil.since,
        student_id=pupil.student.pk,
    )


def _waiting_rows(scope: Scope) -> list[TodayRow]:
    """The list as one row; for the leader also the pupils who have waited longest."""
    counts = waiting_list.counts(scope)
    if not counts.students:
        return []
    url = reverse("risk:waiting_list")
    row = TodayRow(
        who=_("Väntelistan"),
        where=scope.place,
        sentence=_("%(students)s med %(flags)s väntar på beslut.")
        % {
            "students": number(counts.students, "student"),
            "flags": number(counts.flags, "flag"),
        },
        strong=_("Äldst: %(days)s.") % {"days": number(counts.oldest_days, "day")}
        if counts.oldest_days
        else "",
        url=url,
        action=_("Gå igenom"),
        action_url=url,
        waiting_since=counts.oldest,
    )
    if not scope.can(P.SEE_SCHOOL_FIGURES):
        return [row]
    return [row, *(_longest(flag) for flag in waiting_list.longest(scope, LONGEST))]


def _longest(flag: Flag) -> TodayRow:
    days = (clock.today() - flag.waiting_since).days
    return TodayRow(
        who=flag.student.name,
        where=flag.school_class or "",
        sentence=_("Har väntat på beslut i"),
        strong=number(days, "day"),
        after=f": {sentences.inside(flag)}.",
        url=_page_of(flag.student_id),
        action=_("Besluta"),
        action_url=reverse("risk:decide", args=[flag.student_id]),
        waiting_since=flag.waiting_since,
        student_id=flag.student_id,
    )


def _of_decisions(scope: Scope) -> list[TodayRow]:
    """Mine one by one; what others have promised and let pass, as one row that leads to the list."""
    asking = decided.asking(scope)
    rows = {row.decision.pk: row for row in decided.rows_of(asking.to_confirm + asking.due)}
    found = [_to_confirm(rows[decision.pk]) for decision in asking.to_confirm]
    found += [_due_row(rows[decision.pk]) for decision in asking.due]
    return found + ([_late_of_others(asking.late_of_others)] if asking.late_of_others else [])


def _to_confirm(row: DecisionRow) -> TodayRow:
    return TodayRow(
        who=row.student.name,
        where=_where(row.belonging, _("väntar på bekräftelse")),
        sentence=_("%(name)s har antecknat i ditt namn:") % {"name": row.decision.recorded_by.name},
        strong=row.decision.get_choice_display(),
        after=".",
        url=reverse("risk:decision", args=[row.decision.pk]),
        action=_("Bekräfta"),
        action_url=reverse("risk:confirm", args=[row.decision.pk]),
        action_posts=True,
        waiting_since=clock.day_of(row.decision.recorded_at),
        student_id=row.student.pk,
    )


def _late_of_others(late: list[Decision]) -> TodayRow:
    return TodayRow(
        who=_("Uppföljningar"),
        sentence=ngettext(
            "En uppföljning som en kollega lovat har passerat sin dag.",
            "%(count)s uppföljningar som kollegor lovat har passerat sin dag.",
            len(late),
        )
        % {"count": capfirst(spelled(len(late)))},
        url=reverse("risk:decisions"),
        action=_("Visa"),
        action_url=reverse("risk:decisions"),
        waiting_since=late[0].follow_up_on,
    )


def _due_row(row: DecisionRow) -> TodayRow:
    decision: Decision = row.decision
    when = _("följs upp idag") if not row.days_late else _("skulle följas upp %(day)s")
    return TodayRow(
        who=row.student.name,
        where=_where(row.belonging, when % {"day": day(decision.follow_up_on)}),
        sentence="",
        strong=capfirst(row.what or decision.get_choice_display()),
        after=_(". Vad blev det?"),
        url=reverse("risk:decision", args=[decision.pk]),
        action=_("Följ upp"),
        action_url=reverse("risk:decision", args=[decision.pk]),
        waiting_since=decision.follow_up_on,
        student_id=row.student.pk,
    )


def _good_news(scope: Scope) -> list[TodayRow]:
    if not scope.can(P.SEE_FOLLOW_UP):
        return []
    pupils = mine.recovered(scope)
    if not pupils:
        return []
    worst = mine.at_worst([flag for pupil in pupils for flag in pupil.flags])
    rows = []
    for pupil in pupils:
        words = mine.became(pupil.first, worst.get(pupil.first.pk))
        rows.append(
            TodayRow(
                who=pupil.student.name,
                where=_where(pupil.belonging),
                sentence=words.before,
                strong=words.strong,
                after=".",
                url=_page_of(pupil.student.pk),
                action=_("Visa"),
                action_url=_page_of(pupil.student.pk),
                student_id=pupil.student.pk,
            )
        )
    return rows


def _where(belonging, also: str = "") -> str:
    return " · ".join(filter(None, [belonging.school_class, also]))


def _more(scope: Scope) -> str:
    return reverse("risk:waiting_list") if scope.can(P.SEE_WAITING_LIST) else address("students:list")


def _page_of(student_id: int) -> str:
    return address("students:detail", student_id)
