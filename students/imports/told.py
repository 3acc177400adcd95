"""What a file would do or did, in words and figures: the sentences of the import pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from followup.words import day, number, thousands

from .kinds import KINDS
from .models import Batch


@dataclass(frozen=True)
class Figure:
    title: str
    value: str
    note: str


def figures(batch: Batch) -> list[Figure]:
    counts, facts = batch.counts, str(KINDS[batch.kind].facts)
    done = batch.state == Batch.State.DONE
    if batch.kind in ("personal", "inskrivningar", "mentorsgrupper"):
        gone_title = _("Avslutade") if done else _("Avslutas")
    else:
        gone_title = _("Tillbakadragna") if done else _("Dras tillbaka")
    whom = _("%(facts)s för %(students)s") % {
        "facts": facts,
        "students": number(counts["students"], "student"),
    }
    return [
        Figure(
            _("Nya"),
            thousands(counts["added"]),
            whom if counts["students"] and counts["added"] and batch.kind != "elever" else facts,
        ),
        Figure(
            _("Ändrade"), thousands(counts["changed"]), _("mot det som finns i Koll") if not done else facts
        ),
        Figure(gone_title, thousands(counts["gone"]), _("finns inte längre i filen")),
        Figure(
            _("Stoppade"),
            thousands(counts["refused"]),
            _("rätta och läs in igen") if counts["refused"] else _("alla rader gick att läsa"),
        ),
    ]


def sentence(batch: Batch) -> str:
    """Where the file stands, in one sentence."""
    counts = batch.counts
    if batch.said and batch.state not in (Batch.State.MAPPING, Batch.State.DISCARDED):
        return batch.said
    if batch.state == Batch.State.DONE:
        if not batch.changes and not counts["refused"]:
            return _("Filen är redan inläst. Inget ändrades.")
        if counts["refused"]:
            return _(
                "%(stored)s av %(rows)s rader lästes in, %(refused)s stoppades. Rätta dem och läs in dem igen."
            ) % {
                "stored": thousands(counts["rows"] - counts["refused"]),
                "rows": thousands(counts["rows"]),
                "refused": thousands(counts["refused"]),
            }
        return _("%(rows)s lästes in, ingen stoppades.") % {"rows": number(counts["rows"], "row")}
    return {
        Batch.State.MAPPING: batch.said,
        Batch.State.QUEUED: _("Väntar på att läsas in."),
        Batch.State.RUNNING: _("Läses in. Du kan lämna sidan."),
        Batch.State.HELD: _("Inget har lästs in. Filen väntar på att någon kontrollerar den."),
        Batch.State.DISCARDED: _("Filen är struken. Inget lästes in."),
        Batch.State.PREVIEW: _("Inget har ändrats ännu. Så här blir det om du läser in filen.")
        if batch.finished_at
        else _("Filen granskas. Inget ändras."),
    }.get(batch.state, "")


def whole(batch: Batch, names: dict[int, str]) -> str:
    """What becomes of that which the file lacks: gone where the file is whole, else left alone."""
    if not batch.whole_for_units:
        return _("Inget tas bort: det som finns i Koll men inte i filen står kvar.")
    schools = ", ".join(names.get(unit_id, "") for unit_id in batch.whole_for_units)
    if batch.whole_from and batch.whole_from == batch.whole_until:
        return _(
            "Det som finns i Koll men inte i filen tas bort för %(schools)s, %(day)s. Andra skolor och dagar rörs inte."
        ) % {
            "schools": schools,
            "day": day(batch.whole_from),
        }
    if batch.whole_from and batch.whole_until:
        return _(
            "Det som finns i Koll men inte i filen tas bort för %(schools)s, %(first)s till %(last)s. "
            "Andra skolor och dagar rörs inte."
        ) % {
            "schools": schools,
            "first": day(batch.whole_from),
            "last": day(batch.whole_until),
        }
    return _("Det som finns i Koll men inte i filen tas bort för %(schools)s. Andra skolor rörs inte.") % {
        "schools": schools
    }


_WARNINGS = {
    "before_enrolment": ngettext_lazy(
        "%(shown)s dag ligger före elevens första inskrivning. Den sparas men räknas inte.",
        "%(shown)s dagar ligger före elevens första inskrivning. De sparas men räknas inte.",
        "n",
    ),
    "after_today": ngettext_lazy(
        "%(shown)s dag ligger efter idag. Den sparas och räknas när dagen har varit.",
        "%(shown)s dagar ligger efter idag. De sparas och räknas när dagen har varit.",
        "n",
    ),
    "lessons_differ_from_days": ngettext_lazy(
        "%(shown)s dag har lektioner som inte stämmer med dagens närvaro. Närvaron är den som räknas.",
        "%(shown)s dagar har lektioner som inte stämmer med dagens närvaro. Närvaron är den som räknas.",
        "n",
    ),
    "protection_unplaced": ngettext_lazy(
        "%(shown)s rad har skydd men ett nummer som inte går att läsa. Sätt skyddet för hand nu.",
        "%(shown)s rader har skydd men ett nummer som inte går att läsa. Sätt skyddet för hand nu.",
        "n",
    ),
}


def warnings(batch: Batch) -> Iterable[str]:
    found = batch.counts.get("warnings", {})
    for code, sentence in _WARNINGS.items():
        if found.get(code):
            yield sentence % {"n": found[code], "shown": thousands(found[code])}
    if centuries := batch.counts.get("centuries"):
        lines = ", ".join(
            _("rad %(line)s född %(year)s") % {"line": thousands(line), "year": year}
            for line, year in centuries
        )
        more = found["century_assumed"] - len(centuries)
        yield _("Århundradet är uträknat efter ålder: %(lines)s%(more)s.") % {
            "lines": lines,
            "more": _(" och %(n)s till") % {"n": thousands(more)} if more > 0 else "",
        }
    if repeated := batch.counts.get("repeated"):
        yield _("%(rows)s står två gånger och säger samma sak. Det läses en gång.") % {
            "rows": number(repeated, "row")
        }
